"""The training objective against the original graph's values."""

import numpy as np
import pytest
import torch

from baselines.hifill.training import losses


@pytest.fixture(scope="module")
def real():
    y, x = np.mgrid[0:512, 0:512] / 512
    waves = np.stack([np.sin(9 * x + 3 * y), np.sin(5 * x + 20 * y), np.sin(30 * x + 2 * y)], axis=-1)
    random = np.random.RandomState(5)
    images = [np.clip(127 + 100 * waves + random.uniform(-20, 20, (512, 512, 3)), 0, 255) for _ in range(2)]
    images[1] = images[1][::-1]
    return torch.from_numpy(np.stack(images).astype(np.float32) / 127.5 - 1).permute(0, 3, 1, 2)


@pytest.fixture(scope="module")
def filled(generator, real, golden_mask):
    with torch.no_grad():
        return generator(real, golden_mask)


def test_losses_equal_the_original_graph(generator, discriminator, real, filled, golden, golden_mask):
    hole, context, penalty, critic, total = golden["losses"]
    fake = losses.composite(real, filled.refined, golden_mask)
    epsilon = torch.full((2, 1, 1, 1), 0.3)
    assert losses.hole_loss(real, filled, golden_mask).item() == pytest.approx(hole, rel=1e-4)
    assert losses.context_loss(real, filled, golden_mask).item() == pytest.approx(context, rel=1e-4)
    ours = losses.gradient_penalty(real, fake, discriminator, epsilon).item()
    assert ours == pytest.approx(penalty, rel=1e-4)
    with torch.no_grad():
        distance = discriminator(fake).mean() - discriminator(real).mean()
        adversarial = losses.generator_loss(real, filled, golden_mask, discriminator)
    assert ours + distance.item() == pytest.approx(critic, rel=1e-4)
    assert adversarial.item() == pytest.approx(total, rel=1e-4)


def linear_critic(slope):
    return lambda image: slope * image.flatten(1).sum(1, keepdim=True)


def test_discriminator_loss_is_distance_and_penalty():
    real, fake = torch.zeros(2, 3, 4, 4), torch.ones(2, 3, 4, 4)
    slope = torch.tensor(0.5, requires_grad=True)
    loss = losses.discriminator_loss(real, fake, linear_critic(slope), torch.full((2, 1, 1, 1), 0.5))
    norm = 0.5 * 48**0.5
    assert loss.item() == pytest.approx(0.5 * 48 + 10 * (norm - 1) ** 2, rel=1e-6)
    loss.backward()
    assert slope.grad.item() == pytest.approx(48 + 20 * (norm - 1) * 48**0.5, rel=1e-5)


def test_penalty_of_a_flat_critic_has_a_finite_gradient():
    weight = torch.zeros(1, requires_grad=True)
    real, fake = torch.zeros(1, 3, 4, 4), torch.ones(1, 3, 4, 4)
    loss = losses.gradient_penalty(real, fake, linear_critic(weight), torch.zeros(1, 1, 1, 1))
    loss.backward()
    assert loss.item() == pytest.approx(10)
    assert torch.isfinite(weight.grad).all()


def test_gradients_reach_every_parameter(generator, real, golden_mask):
    generator.zero_grad()
    filled = generator(real[:1], golden_mask)
    losses.generator_loss(real[:1], filled, golden_mask, linear_critic(1e-4)).backward()
    silent = [name for name, p in generator.named_parameters() if p.grad is None or not p.grad.any()]
    generator.zero_grad(set_to_none=True)
    assert silent == []
