"""Layers, fusing, matching and the two fixed filters."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional as F

from baselines.rethined import build, fused
from baselines.rethined.network.attention import mix_hole
from baselines.rethined.network.filters import LowPass, pull_push_fill
from baselines.rethined.network.layers import RepConv, Separable, fuse
from tests.baselines.rethined.conftest import lively


def picture(height, width, seed=0):
    image = torch.rand(1, 3, height, width, generator=torch.Generator().manual_seed(seed))
    mask = torch.zeros(1, 1, height, width)
    mask[:, :, height // 4 : height // 2, width // 3 : 2 * width // 3] = 1
    return image, mask


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("excite", [False, True])
def test_fused_layer_equals_its_branches(stride, excite):
    torch.manual_seed(0)
    block = Separable(32, 32 if stride == 1 else 48, stride=stride, excite=excite).double().train()
    for _ in range(20):  # BN statistics away from their start
        block(torch.randn(4, 32, 16, 16, dtype=torch.float64))
    block.eval()
    x = torch.randn(2, 32, 16, 16, dtype=torch.float64)
    with torch.no_grad():
        assert (fuse(block).double()(x) - block(x)).abs().max() <= 1e-6


@pytest.mark.parametrize("name", ["rethined", "rethined-large"])
def test_fused_network_equals_the_trained_form(name):
    network = lively(name).double()  # in single precision the order of sums alone differs by 2e-6
    image, mask = (part.double() for part in picture(192, 128))
    with torch.no_grad():
        before, after = network(image, mask), fused(network).double()(image, mask)
    assert (before.coarse - image * (1 - mask)).abs().max() > 0.1
    assert float((before.coarse - pull_push_fill(image, mask)).abs().max()) > 1e-3  # the residual takes part
    for a, b in zip(before, after, strict=True):
        assert (a - b).abs().max() <= 1e-6 * max(1, float(a.abs().max()))


@pytest.mark.parametrize(
    ("name", "low", "high"), [("rethined", 7.7e6, 7.8e6), ("rethined-large", 29e6, 30e6)]
)
def test_parameters_at_inference(name, low, high):
    assert low < sum(p.numel() for p in fused(build(name)).parameters()) < high


def test_no_layer_reads_under_the_hole():
    network = lively()
    image, mask = picture(64, 128)
    other = torch.where(mask > 0, torch.rand(image.shape), image)
    with torch.no_grad():
        for a, b in zip(network(image, mask), network(other, mask), strict=True):
            assert torch.equal(a, b)


def test_builds_are_reproducible_and_leave_the_global_generator_alone():
    torch.manual_seed(3)
    expected = torch.rand(1)
    torch.manual_seed(3)
    one, two, three = build("rethined"), build("rethined"), build("rethined", seed=1)
    assert torch.equal(torch.rand(1), expected)
    for a, b in zip(one.parameters(), two.parameters(), strict=True):
        assert torch.equal(a, b)
    assert not torch.equal(one.coarse.scales[0].stem.conv.weight, three.coarse.scales[0].stem.conv.weight)


def test_training_reaches_every_parameter_and_survives_channels_last():
    network = lively().train().to(memory_format=torch.channels_last)
    image, mask = picture(128, 128)
    image, mask = image.expand(2, -1, -1, -1), mask.expand(2, -1, -1, -1)
    analysis = network(image.contiguous(memory_format=torch.channels_last), mask)
    hole = (F.max_pool2d(mask, 8) > 0).flatten(1)
    refined = network.refine(analysis, hole, ~hole)
    assert refined.shape == image.shape
    ((analysis.coarse - 0.3).square().mean() + (refined - 0.3).square().mean()).backward()
    # Its convolution starts at zero, so this scale has no influence before the first step.
    asleep = "match.mix.scale_norm.weight"
    still = [n for n, p in network.named_parameters() if n != asleep and (p.grad is None or not p.grad.any())]
    assert not still


def dense(queries, keys, values, hole, valid, temperature):
    """The paper's form: the full map, masked by M_D, renormalised."""
    n = len(queries)
    is_hole, is_valid = torch.zeros(n, dtype=bool), torch.zeros(n, dtype=bool)
    is_hole[hole], is_valid[valid] = True, True
    allowed = torch.where(is_hole[:, None], is_valid[None], torch.eye(n, dtype=bool))
    attention = F.softmax(queries @ keys.T / temperature, dim=1) * allowed
    return attention / attention.sum(1, keepdim=True) @ values


@settings(max_examples=25, deadline=None)
@given(st.integers(2, 90), st.floats(0.05, 0.95), st.integers(0, 2**31))
def test_hole_by_valid_equals_masked_dense(n, share, seed):
    generator = torch.Generator().manual_seed(seed)
    queries, keys = (F.normalize(torch.randn(n, 16, generator=generator), dim=1) for _ in range(2))
    values = torch.randn(n, 12, generator=generator)
    order = torch.randperm(n, generator=generator)
    cut = min(max(1, int(share * n)), n - 1)
    hole, valid = order[:cut].sort()[0], order[cut:].sort()[0]
    temperature = torch.tensor(0.2)
    mixed = mix_hole(queries, keys, values, hole, valid, temperature)
    expected = dense(queries, keys, values, hole, valid, temperature)
    assert (mixed - expected).abs().max() <= 1e-5


def test_mixing_without_a_hole_or_a_source_changes_nothing():
    values = torch.randn(5, 3)
    q = F.normalize(torch.randn(5, 4), dim=1)
    none, some = torch.empty(0, dtype=torch.int64), torch.arange(2)
    for hole, valid in ((none, some), (some, none)):
        assert torch.equal(mix_hole(q, q, values, hole, valid, torch.tensor(1.0)), values)


def test_a_fresh_network_compares_low_passed_colours():
    network = build("rethined")
    image, mask = picture(64, 64)
    with torch.no_grad():
        analysis = network(image, mask)
        patches = F.pixel_unshuffle(analysis.low - 0.5, 8).flatten(2)[0].T
        cosine = F.normalize(patches, dim=1) @ F.normalize(patches, dim=1).T
        # BN's epsilon is all that stands between them.
        assert (analysis.queries[0] @ analysis.keys[0].T - cosine).abs().max() < 1e-4


def test_membrane_keeps_a_constant_and_the_known_pixels():
    image, mask = picture(64, 128)
    assert torch.equal(torch.where(mask > 0, 0, pull_push_fill(image, mask)), torch.where(mask > 0, 0, image))
    flat = torch.full_like(image, 0.37)
    assert (pull_push_fill(flat * (1 - mask), mask) - 0.37).abs().max() < 1e-5


def test_membrane_is_near_the_harmonic_fill(photo):
    import baselines

    hole = np.zeros((256, 256), bool)
    hole[60:180, 80:200] = True
    crop = np.ascontiguousarray(photo[:256, :256])
    reference = baselines.load("harmonic")(crop, hole).astype(float)
    mean = baselines.load("mean")(crop, hole).astype(float)
    image = torch.from_numpy(crop).permute(2, 0, 1)[None].float() / 255
    filled = (
        255 * pull_push_fill(image, torch.from_numpy(hole)[None, None].float())[0].permute(1, 2, 0).numpy()
    )
    assert np.abs(filled - reference)[hole].mean() < 0.15 * np.abs(mean - reference)[hole].mean()


@pytest.mark.parametrize("known", [0, 1])
def test_membrane_with_nothing_or_one_pixel_known(known):
    mask = torch.ones(1, 1, 64, 64)
    mask[:, :, 17, 40] = 1 - known
    image = torch.full((1, 3, 64, 64), 0.9)
    assert (pull_push_fill(image, mask) - (0.9 if known else 0.5)).abs().max() < 1e-3


def test_low_pass_keeps_constants_up_to_the_border_and_removes_detail():
    low_pass = LowPass(2.0)
    assert (low_pass(torch.full((1, 3, 32, 48), 0.6)) - 0.6).abs().max() < 1e-6
    x = torch.arange(64.0)
    for period, gain in ((4, 0.0072), (16, 0.7346)):  # exp(-2 (pi sigma / period)^2)
        wave = torch.cos(2 * torch.pi * x / period).expand(1, 3, 64, 64)
        assert float(low_pass(wave)[0, 0, 32, 16:48].abs().max()) == pytest.approx(gain, abs=0.01)


def test_stem_survives_the_backward_pass_that_crashes_torch():
    # 1 x 1, stride 2, few input channels, channels_last, fp32.
    block = RepConv(4, 16, 3, stride=2).to(memory_format=torch.channels_last)
    x = torch.randn(2, 4, 32, 32).to(memory_format=torch.channels_last).requires_grad_()
    block(x).sum().backward()
    assert x.grad is not None
