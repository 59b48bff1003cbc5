"""The coarse stage in scales."""

import pytest
import torch
from torch.nn import functional as F

from baselines.rethined import build
from baselines.rethined.network.coarse import Coarse, ScaleSize, halve
from baselines.rethined.network.filters import pull_push_fill
from baselines.rethined.network.layers import Dense, fuse
from tests.baselines.rethined.conftest import lively

_SIZES = (ScaleSize((8, 8, 16, 16), 1), ScaleSize((4, 8, 8, 8), 1))


def _hole(height, width):
    image = torch.rand(2, 3, height, width, generator=torch.Generator().manual_seed(4))
    mask = torch.zeros(2, 1, height, width)
    mask[:, :, height // 4 + 1 : height // 2, width // 3 : 2 * width // 3] = 1
    return pull_push_fill(image * (1 - mask), mask), mask


@pytest.mark.parametrize(("kernel", "stride"), [(1, 1), (3, 1), (3, 2), (4, 2)])
@pytest.mark.parametrize("active", [False, True])
def test_a_fused_dense_layer_equals_its_two(kernel, stride, active):
    torch.manual_seed(0)
    layer = torch.nn.Sequential(Dense(6, 10, kernel, stride=stride, active=active)).double().train()
    for _ in range(20):  # BN statistics away from their start
        layer(torch.randn(4, 6, 16, 16, dtype=torch.float64))
    layer.eval()
    x = torch.randn(2, 6, 16, 16, dtype=torch.float64)
    with torch.no_grad():
        expected = layer(x)
        assert expected.shape == (2, 10, 16 // stride, 16 // stride)
        assert (fuse(layer).double()(x) - expected).abs().max() <= 1e-6


def test_a_fresh_network_returns_the_harmonic_fill():
    network = build("rethined")
    smooth, mask = _hole(128, 64)
    with torch.no_grad():
        coarse, _ = network.fill(smooth * (1 - mask), mask)
    assert torch.equal(coarse, pull_push_fill(smooth * (1 - mask), mask))


def test_scales_double_their_sides_and_pass_on_what_they_added():
    coarse = Coarse(_SIZES).eval()
    smooth, mask = _hole(64, 96)
    with torch.no_grad():
        coarse.scales[0].head.bias.fill_(0.25)
        first, second = coarse(smooth, mask)
        alone = coarse(smooth, mask, 1)
    assert first.fill.shape == (2, 3, 32, 48)
    assert second.fill.shape == (2, 3, 64, 96)
    assert second.features.shape == (2, 8, 16, 24)
    # The second scale adds nothing yet: deep inside the hole it keeps what the first has added.
    inside = F.avg_pool2d(mask, 9, 1, 4) == 1
    assert torch.allclose(second.residual[inside.expand_as(second.residual)], torch.tensor(0.25))
    assert not second.residual[(mask == 0).expand_as(mask.expand(-1, 3, -1, -1))].any()
    assert torch.allclose(second.fill, smooth + second.residual)
    # A single scale takes its input as its own size.
    assert len(alone) == 1
    assert alone[0].fill.shape == (2, 3, 64, 96)


def test_halving_takes_a_partly_missing_pixel_for_missing():
    mask = torch.zeros(1, 1, 4, 4)
    mask[0, 0, 0, 0] = mask[0, 0, 2:, 2:] = 1
    smooth = torch.arange(48.0).view(1, 3, 4, 4)
    small, hole = halve(smooth, mask)
    assert hole[0, 0].tolist() == [[1, 0], [0, 1]]
    assert torch.equal(small, F.avg_pool2d(smooth, 2))


def test_a_network_none_of_whose_scales_is_fresh_changes_the_hole_alone():
    network = lively()
    smooth, mask = _hole(64, 64)
    image = smooth * (1 - mask)
    with torch.no_grad():
        changed = (network.fill(image, mask)[0] - pull_push_fill(image, mask)).abs()
    assert changed[mask.expand_as(changed) > 0].max() > 1e-3
    assert not changed[mask.expand_as(changed) == 0].any()
