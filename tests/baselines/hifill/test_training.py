"""HiFill's objective: its losses by hand, the order of its updates, what each one teaches."""

import hashlib
from pathlib import Path

import numpy as np
import pytest
import torch
from pydantic import ValidationError
from torch import nn

import baselines.training
from baselines import MethodError
from baselines.hifill import load_weights
from baselines.hifill.network.attention import valid_keys
from baselines.hifill.network.description import describe
from baselines.hifill.network.harmonic_fill import harmonic_start
from baselines.hifill.training.matching import copy_loss, detail, teacher_loss
from baselines.hifill.training.objective import RECIPE, HiFillObjective, TrainingOptions
from baselines.training.config import read_config
from baselines.training.losses import hole_l1
from baselines.training.objective import Batch, Progress, Provenance

SIDE = 128


class Linear(nn.Module):
    """A critic whose gradient is the same everywhere."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(3, SIDE, SIDE, generator=torch.Generator().manual_seed(1)))

    def forward(self, image):
        return (image * self.weight).flatten(1).sum(1, keepdim=True)


def progress(step=0):
    return Progress(step, 10, torch.Generator().manual_seed(5))


@pytest.fixture(scope="module")
def batch():
    image = torch.rand(2, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(2))
    mask = torch.zeros(2, 1, SIDE, SIDE)
    mask[0, :, 40:70, 50:90] = mask[1, :, :20, 100:] = 1
    return Batch(image, mask)


@pytest.fixture
def official():
    training = HiFillObjective(TrainingOptions(), seed=0)
    training._critic = Linear()
    return training


def freeze(training, update):
    """As the core does before an update."""
    networks = {**training.networks, "critic": training._critic}
    for name, network in networks.items():
        network.requires_grad_(name in training.updates[update].networks)
        network.zero_grad(set_to_none=True)


def trained(network):
    return {name for name, p in network.named_parameters() if p.grad is not None and p.grad.any()}


def filled_by(training, batch):
    real = (batch.image * 2 - 1).flip(1)
    with torch.no_grad():
        return real, training.networks["generator"](real, batch.mask)


def test_the_authors_recipe_is_the_default():
    training = HiFillObjective(TrainingOptions(), seed=0)
    assert training.rounds == ("critic", "critic", "critic", "generator")
    assert {name: (u.networks, u.betas, u.weight_decay) for name, u in training.updates.items()} == {
        "critic": (("critic",), (0.5, 0.9), 0.0),
        "generator": (("generator",), (0.5, 0.9), 0.0),
    }
    assert training.networks["generator"].start == "zeros"
    run, _ = read_config("hifill", RECIPE, None, {})
    assert (run.training.learning_rate, run.training.final_rate, run.training.steps) == (1e-4, 1.0, 300_000)


def test_critic_loss_by_hand(official, batch):
    real, filled = filled_by(official, batch)
    weight = official._critic.weight.detach()
    fake = filled.refined * batch.mask + real * (1 - batch.mask)
    score = [(image * weight).sum((1, 2, 3)).mean().item() for image in (fake, real)]
    expected = score[0] - score[1] + 10 * (weight.norm().item() - 1) ** 2
    freeze(official, "critic")
    loss, _ = official.loss("critic", batch, progress())
    assert loss.item() == pytest.approx(expected, rel=1e-4)
    loss.backward()
    by_hand = (fake - real).mean(0) + 20 * (weight.norm() - 1) * weight / weight.norm()
    torch.testing.assert_close(official._critic.weight.grad, by_hand, rtol=1e-3, atol=1e-3)
    assert not trained(official.networks["generator"])


def test_generator_loss_by_hand(official, batch):
    real, filled = filled_by(official, batch)
    hole = batch.mask.expand_as(real).numpy()
    errors = [(real - stage).abs().numpy() for stage in (filled.coarse, filled.refined)]
    inside = 1.2 * (errors[0] * hole).mean() + (errors[1] * hole).mean()
    around = (1.2 * (errors[0] * (1 - hole)).mean() + (errors[1] * (1 - hole)).mean()) / (1 - hole).mean()
    fake = filled.refined * batch.mask + real * (1 - batch.mask)
    score = (fake * official._critic.weight).sum((1, 2, 3)).mean().item()
    freeze(official, "generator")
    loss, shown = official.loss("generator", batch, progress())
    assert loss.item() == pytest.approx(1.2 * inside + 1.2 * around - 0.001 * score, rel=1e-4)
    assert set(shown) == {"hole", "context"}
    loss.backward()
    assert len(trained(official.networks["generator"])) == 192
    assert not trained(official._critic)


def test_the_attention_alone_is_taught(batch):
    options = TrainingOptions(
        start="membrane", critic=False, match=1.0, strength=1.0, detail=0.5, part="attention"
    )
    training = HiFillObjective(options, seed=0)
    assert training.rounds == ("generator",)
    loss, shown = training.loss("generator", batch, progress())
    match, strength, error = (shown[name].item() for name in ("match", "strength", "detail"))
    assert loss.item() == pytest.approx(match + strength + 0.5 * error, rel=1e-5)
    loss.backward()
    kinds = {name.split(".")[1].split("_")[1] for name in trained(training.networks["generator"])}
    assert kinds == {"en", "dil"}
    real = batch.image.flip(1) * 2 - 1
    filled = training.networks["generator"](real, batch.mask)
    torch.testing.assert_close(training.networks["generator"].attend(real, batch.mask), filled.attention)


def test_the_coarse_stage_alone_lowers_its_error(batch):
    options = TrainingOptions(start="membrane", reduction=8, critic=False, part="coarse")
    training = HiFillObjective(options, seed=0)
    generator = training.networks["generator"]
    optimiser = torch.optim.Adam(generator.parameters(), 1e-3)
    losses = []
    for _ in range(12):
        optimiser.zero_grad()
        loss, _ = training.loss("generator", batch, progress())
        loss.backward()
        losses.append(loss.item())
        assert all(name.startswith("coarse.") for name in trained(generator))
        optimiser.step()
    real = batch.image.flip(1) * 2 - 1
    smooth = harmonic_start(real * (1 - batch.mask), batch.mask)
    assert losses[0] == pytest.approx(hole_l1(real, smooth, batch.mask).item(), rel=1e-5)
    assert losses[-1] < 0.98 * losses[0]


def test_coarse_loss_by_hand(batch):
    real = batch.image * 2 - 1
    one = hole_l1(real, real + 0.25, batch.mask, scales=1)
    assert one.item() == pytest.approx(0.25, rel=1e-5)
    missing = batch.mask.sum((1, 2, 3))
    noise = torch.zeros_like(real)
    noise[:1] = 1  # the first picture's error counts half, whatever the size of its hole
    assert missing[0] != missing[1]
    assert hole_l1(real, real + noise, batch.mask).item() == pytest.approx(0.5, rel=1e-5)


@pytest.mark.parametrize("part", ["coarse", "attention"])
@pytest.mark.parametrize(
    "wrong", [{"critic": True, "start": "membrane"}, {"critic": False, "start": "zeros"}]
)
def test_a_part_needs_a_membrane_and_no_critic(part, wrong):
    with pytest.raises(ValidationError, match="critic = false"):
        TrainingOptions(part=part, **wrong)


def test_training_goes_on_from_a_file(tmp_path):
    first = HiFillObjective(TrainingOptions(start="membrane", critic=False), seed=3)
    path = tmp_path / "first.safetensors"
    first.export(first.networks, path, Provenance())
    options = TrainingOptions(start="membrane", critic=False, weights=str(path))
    second = HiFillObjective(options, seed=4)
    states = [t.networks["generator"].state_dict() for t in (first, second)]
    for name, tensor in states[0].items():
        torch.testing.assert_close(states[1][name], tensor.half().float())
    second.export(second.networks, tmp_path / "second.safetensors", Provenance({"steps": "2"}))
    told = load_weights(tmp_path / "second.safetensors").provenance
    assert told["begun_with_sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert told["steps"] == "2"
    with pytest.raises(MethodError, match="starts from 'membrane', the configuration from 'zeros'"):
        HiFillObjective(TrainingOptions(critic=False, weights=str(path)), seed=4)
    with pytest.raises(MethodError, match="absent"):
        HiFillObjective(TrainingOptions(critic=False, weights=str(tmp_path / "absent.safetensors")), seed=4)


def test_equal_seeds_start_equally():
    states = [
        HiFillObjective(TrainingOptions(critic=False), seed=seed).networks["generator"].state_dict()
        for seed in (3, 3, 4)
    ]
    name = "refine.re_dil_d4.feature.weight"
    assert torch.equal(states[0][name], states[1][name])
    assert not torch.equal(states[0][name], states[2][name])


def test_match_loss_is_least_for_the_teachers_own_preferences(batch):
    real, valid = batch.image * 2 - 1, valid_keys(batch.mask)
    described = describe(real)
    distance = (described[:, :, None] - described[:, None]).square().sum(-1)
    weights = torch.exp(-distance) * valid[:, None]
    teacher = weights / weights.sum(-1, keepdim=True)
    best = teacher_loss(teacher, real, batch.mask, valid, sharpness=2.0)
    entropy = -(teacher * teacher.clamp_min(1e-30).log()).sum(-1)
    share = torch.nn.functional.avg_pool2d(batch.mask, 16).flatten(1)
    assert best.item() == pytest.approx(((entropy * share).sum() / share.sum()).item(), rel=1e-3)
    even = valid[:, None].expand_as(teacher) / valid.sum(1)[:, None, None]
    assert teacher_loss(even, real, batch.mask, valid, sharpness=2.0) > best


def test_copy_loss_of_a_picture_that_repeats_itself():
    tile = torch.rand(1, 3, 16, 16, generator=torch.Generator().manual_seed(4)) * 2 - 1
    real, mask = tile.repeat(1, 1, 8, 8), torch.zeros(1, 1, SIDE, SIDE)
    mask[..., 48:64, 48:80] = 1
    attention = torch.zeros(1, 64, 64)
    attention[..., 9] = 1
    strength, error = copy_loss(attention, real, mask)
    assert strength.item() == pytest.approx(0, abs=1e-5)
    assert error.item() == pytest.approx(0, abs=1e-5)
    strength, _ = copy_loss(attention / 2, real, mask)
    assert strength.item() == pytest.approx(np.log(2), rel=0.05)
    assert detail(torch.full((1, 3, 32, 32), 0.3)).abs().max() < 1e-6


def test_export_is_read_back_in_half_precision(tmp_path):
    training = HiFillObjective(TrainingOptions(start="membrane", critic=False), seed=1)
    path = tmp_path / "weights.safetensors"
    training.export(training.networks, path, Provenance({"steps": "7"}))
    assert path.stat().st_size < 6_000_000
    again = tmp_path / "again.safetensors"
    training.export(training.networks, again, Provenance({"steps": "7"}))
    assert again.read_bytes() == path.read_bytes()
    weights = load_weights(path)
    assert weights.generator.start == "membrane"
    assert weights.provenance == {"steps": "7"}
    for name, tensor in training.networks["generator"].state_dict().items():
        assert torch.equal(weights.generator.state_dict()[name], tensor.half().float())
    assert training.method(training.networks, "cpu").card.settings["start"] == "membrane"


@pytest.mark.parametrize(
    ("name", "start"),
    [("hifill-cpu", "membrane"), ("hifill-attention", "membrane"), ("hifill-official", "zeros")],
)
def test_the_configurations_that_come_with_it_are_read(name, start):
    path = Path(baselines.training.__file__).parent / f"configs/{name}.toml"
    _, options = read_config("hifill", RECIPE, path, {})
    assert options.start == start


def test_unknown_options_are_refused(tmp_path):
    with pytest.raises(ValidationError, match="start"):
        TrainingOptions(start="mean")
    path = tmp_path / "c.toml"
    path.write_text("[method]\nstart = 'mean'\n")
    with pytest.raises(MethodError, match="start"):
        read_config("hifill", RECIPE, path, {})
