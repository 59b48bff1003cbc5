import copy

import pytest
import torch
from torch.nn import functional as F

from baselines import MethodError
from baselines.rethined import fused, load_network
from baselines.rethined.network.filters import LowPass
from baselines.rethined.network.weights import save_network
from baselines.rethined.tokens import hole_tokens as inference_hole
from baselines.rethined.tokens import reduce
from baselines.rethined.tokens import valid_tokens as inference_valid
from baselines.rethined.training.losses import (
    Teacher,
    focal_frequency,
    hole_token_mask,
    match_loss,
    valid_token_mask,
)
from baselines.rethined.training.objective import RECIPE, RethinedTrainingOptions
from baselines.training import Batch, Progress, Provenance
from baselines.training.losses import hole_l1


def _batch(seed=0, count=2, side=64):
    generator = torch.Generator().manual_seed(seed)
    image = F.interpolate(torch.rand(count, 3, side // 4, side // 4, generator=generator), scale_factor=4.0)
    mask = torch.zeros(count, 1, side, side)
    mask[:, :, 20:41, 12:30] = 1
    return Batch(image, mask)


def _progress():
    return Progress(0, 10, torch.Generator().manual_seed(1))


def test_tokens_in_training_are_those_of_inference():
    batch = _batch()
    image = (255 * batch.image[0].permute(1, 2, 0)).byte().numpy()
    working = reduce(image, batch.mask[0, 0].bool().numpy(), 512)
    assert hole_token_mask(batch.mask)[0].nonzero()[:, 0].tolist() == inference_hole(working).tolist()
    assert valid_token_mask(batch.mask)[0].nonzero()[:, 0].tolist() == inference_valid(working).tolist()


def test_hole_error_is_a_mean_over_the_hole_and_sees_nothing_else():
    batch = _batch()
    assert hole_l1(batch.image + 0.25, batch.image, batch.mask) == pytest.approx(0.25, rel=1e-5)
    outside = batch.image + 0.5 * (1 - batch.mask)
    assert hole_l1(outside, batch.image, batch.mask) == 0
    checker = torch.ones_like(batch.image)
    checker[..., ::2, ::2] = checker[..., 1::2, 1::2] = -1
    whole = torch.ones_like(batch.mask)
    # A picture with a small hole counts as much as one with a large hole.
    both, uneven = Batch(batch.image, batch.mask.clone()), batch.image.clone()
    both.mask[0], both.mask[1, :, :40] = 1, 0
    uneven[1] += 0.25
    assert hole_l1(uneven, both.image, both.mask) == pytest.approx(0.125, rel=1e-5)
    # Alternating errors vanish from the first halving on.
    assert hole_l1(batch.image + 0.3 * checker, batch.image, whole) == pytest.approx(0.1, rel=1e-5)


def test_the_teacher_prefers_equal_texture_to_none():
    generator = torch.Generator().manual_seed(0)
    image = torch.full((1, 3, 8, 24), 0.5)
    image[..., :8] += 0.1 * torch.randn(1, 3, 8, 8, generator=generator)
    image[..., 8:16] += 0.1 * torch.randn(1, 3, 8, 8, generator=generator)
    wide = F.pad(image, (8, 8, 8, 8), value=0.5)
    descriptions = Teacher(LowPass(2.0), 0.7).describe(wide)[0]
    costs = torch.cdist(descriptions, descriptions)
    row = 5  # tokens of the middle row: 6 and 7 hold texture, 8 is flat
    assert costs[row + 1, row + 2] < costs[row + 1, row + 3]


def test_match_loss_is_least_where_the_matching_agrees_with_the_teacher():
    descriptions = torch.tensor([[0.0], [0.1], [2.0], [4.0]])
    hole, valid = torch.tensor([0]), torch.tensor([1, 2, 3])
    losses = [
        float(match_loss(torch.tensor([row]), descriptions, hole, valid, 5.0))
        for row in ([9.0, 0.0, 0.0], [0.0, 9.0, 0.0], [0.0, 0.0, 9.0])
    ]
    assert losses == sorted(losses)
    assert losses[0] < 0.01


def test_training_decreases_every_loss_on_one_batch():
    objective = RECIPE.make(RethinedTrainingOptions(match=0.1, mixed=0.5), 0)
    network = objective.networks["network"].train()
    optimiser = torch.optim.AdamW(network.parameters(), lr=1e-3)
    seen = []
    for _ in range(6):
        loss, parts = objective.loss("network", _batch(), _progress())
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        seen.append({name: float(value) for name, value in parts.items()})
    assert seen[-1]["scale-0"] < 0.99 * seen[0]["scale-0"]
    assert seen[-1]["scale-1"] < 0.99 * seen[0]["scale-1"]
    assert seen[-1]["match"] < 0.99 * seen[0]["match"]
    assert seen[-1]["mixed"] < seen[0]["mixed"]
    assert all(p.grad is not None for p in network.match.parameters() if p is not network.match.key.bias)


def test_focal_frequency_weighs_what_lacks_most():
    still = torch.zeros(1, 1, 8, 8)
    x = torch.arange(8) * torch.pi / 4
    wave, weak = x.cos().expand(1, 1, 8, 8), 0.5 * x.sin()[:, None].expand(1, 1, 8, 8)
    assert focal_frequency(wave, wave) == 0
    # Two lines of 4 = 8 / 2 of an orthonormal spectrum carry the wave; weight 1, mean over 64 frequencies.
    assert focal_frequency(wave, still) == pytest.approx(2 * 4**2 / 64, rel=1e-4)
    # The half as strong wave of another direction counts by half.
    assert focal_frequency(wave + weak, still) == pytest.approx((2 * 16 + 0.5 * 2 * 4) / 64, rel=1e-4)


def test_the_critic_joins_late_and_the_two_updates_move_only_their_own():
    options = RethinedTrainingOptions(
        adversarial=0.1, adversarial_from=0.5, frequency=1.0, match=0.0, mixed=0.0
    )
    objective = RECIPE.make(options, 0)
    assert objective.rounds == ("critic", "network")
    assert objective.loss("critic", _batch(), _progress())[0].item() == 0
    late = Progress(5, 10, torch.Generator())
    loss, _ = objective.loss("critic", _batch(), late)
    assert 0 < loss.item() < 4  # near 2 for a critic that cannot tell them apart
    loss.backward()
    assert all(p.grad is None for p in objective.networks["network"].parameters())
    _, early = objective.loss("network", _batch(), _progress())
    _, parts = objective.loss("network", _batch(), late)
    assert set(parts) - set(early) == {"deceit"}
    assert "frequency" in early


def test_what_the_hole_shows_does_not_reach_the_network():
    objective = RECIPE.make(RethinedTrainingOptions(), 0)
    network = objective.networks["network"].eval()
    batch = _batch()
    for scale in network.coarse.scales:
        torch.nn.init.normal_(scale.head.weight, std=0.05)
    with torch.inference_mode():
        first = network.fill(batch.image * (1 - batch.mask), batch.mask)[0]
        changed = batch.image + batch.mask
        second = network.fill(changed * (1 - batch.mask), batch.mask)[0]
    assert torch.equal(first, second)


def test_a_crop_without_a_source_trains_the_coarse_stage_alone():
    objective = RECIPE.make(RethinedTrainingOptions(match=0.1, mixed=1.0), 0)
    batch = _batch()
    loss, parts = objective.loss("network", Batch(batch.image, torch.ones_like(batch.mask)), _progress())
    loss.backward()
    assert parts["match"] == parts["mixed"] == 0
    assert torch.isfinite(loss)


def test_exported_weights_are_half_precision_and_say_where_they_come_from(tmp_path):
    import safetensors

    objective = RECIPE.make(RethinedTrainingOptions(), 0)
    path = tmp_path / "weights.safetensors"
    objective.export(objective.networks, path, Provenance({"steps": "12"}))
    with safetensors.safe_open(path, "pt") as file:
        assert file.metadata() == {"form": "trainable", "steps": "12"}
        kinds = {file.get_tensor(key).dtype for key in file.keys()}  # noqa: SIM118 - no mapping
        assert kinds == {torch.float16, torch.int64}
    assert path.stat().st_size < 17_000_000
    loaded = load_network("rethined", path, cut_px=2.0)
    assert loaded.sha256
    method = objective.method(objective.networks, "cpu")
    assert method.card.name == "rethined"


def test_training_goes_on_from_exported_weights_but_not_from_fused_ones(tmp_path):
    first = RECIPE.make(RethinedTrainingOptions(), 0)
    for scale in first.networks["network"].coarse.scales:
        torch.nn.init.normal_(scale.head.weight, std=0.05)
    first.export(first.networks, tmp_path / "weights.safetensors", Provenance({}))
    again = RECIPE.make(RethinedTrainingOptions(weights=str(tmp_path / "weights.safetensors")), 1)
    for name, value in again.networks["network"].state_dict().items():
        expected = first.networks["network"].state_dict()[name]
        assert torch.allclose(value.float(), expected.float(), rtol=1e-3, atol=1e-6), name
    save_network(fused(first.networks["network"]), tmp_path / "fused.safetensors")
    with pytest.raises(MethodError, match="holds the fused form"):
        RECIPE.make(RethinedTrainingOptions(weights=str(tmp_path / "fused.safetensors")), 1)


@pytest.mark.parametrize(("scales", "still", "moving"), [((0,), 1, 0), ((1,), 0, 1)])
def test_a_scale_that_is_not_trained_keeps_every_number(scales, still, moving):
    objective = RECIPE.make(RethinedTrainingOptions(scales=scales), 0)
    network = objective.networks["network"].train()
    for scale in network.coarse.scales:
        torch.nn.init.normal_(scale.head.weight, std=0.05)
    before = copy.deepcopy(network.state_dict())
    optimiser = torch.optim.AdamW(network.parameters(), lr=1e-3, weight_decay=0.01)
    for _ in range(2):
        network.train().requires_grad_(True)  # as the core does
        loss, parts = objective.loss("network", _batch(), _progress())
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    assert set(parts) == {f"scale-{moving}"}
    changed = {name for name, value in network.state_dict().items() if not torch.equal(value, before[name])}
    assert changed
    assert all(name.startswith(f"coarse.scales.{moving}.") for name in changed)
    assert not [name for name in changed if name.startswith(f"coarse.scales.{still}.")]


def test_a_scale_alone_sees_the_crop_in_its_own_pixels():
    objective = RECIPE.make(RethinedTrainingOptions(scales=(0,)), 0)
    seen = []
    scale = objective.networks["network"].coarse.scales[0]
    scale.register_forward_pre_hook(lambda _module, inputs: seen.append(inputs[0].shape))
    objective.loss("network", _batch(), _progress())
    assert seen == [(2, 4, 32, 32)]
