"""The strength of the detail, measured and expected."""

import numpy as np
import pytest

import baselines
from baselines.rethined.matching.amplitude import expected_amplitude, measured_amplitude
from baselines.rethined.tokens import hole_tokens, reduce, valid_tokens
from tests.baselines.rethined.conftest import blobs


@pytest.mark.parametrize("resolution", [256, 512])  # two image pixels per working pixel, and one
def test_measures_the_mean_step_of_the_sampled_rows(photo, resolution):
    working = reduce(photo, blobs(photo.shape[:2], 0.2), resolution)
    valid, columns, side = valid_tokens(working), working.tokens[1], 8 * working.scale
    found = measured_amplitude(photo, valid, columns, working.scale)
    levels = photo.astype(float)
    across = np.abs(np.diff(levels, axis=1)).mean(2)
    down = np.abs(np.diff(levels, axis=0)).mean(2)
    for token, value in list(zip(valid, found, strict=True))[::37]:
        top, left = token // columns * side, token % columns * side
        window = np.s_[top + working.scale // 2 : top + side : working.scale, left : left + side]
        assert value == pytest.approx(np.log((across[window] + down[window]).mean() + 0.25), rel=1e-5)


def test_expects_what_lies_around():
    rng = np.random.default_rng(0)
    valid = np.flatnonzero(rng.random(24 * 20) > 0.3)
    hole = np.setdiff1d(np.arange(24 * 20), valid)
    found = rng.normal(size=valid.size).astype(np.float32)
    expected = expected_amplitude(found, hole, valid, (24, 20))
    assert found.min() <= expected.min()
    assert expected.max() <= found.max()
    constant = expected_amplitude(np.full_like(found, 1.5), hole, valid, (24, 20))
    assert np.allclose(constant, 1.5, atol=1e-3)


def test_grain_continues_as_grain_and_smoothness_as_smoothness():
    """Left the grey is smooth, right it is grainy; both average to the same."""
    rng = np.random.default_rng(1)
    image = np.full((512, 1024, 3), 120, np.uint8)
    image[:, 512:] = rng.integers(80, 161, (512, 512, 3))
    mask = np.zeros((512, 1024), bool)
    mask[150:350, 100:300] = mask[150:350, 700:900] = True
    method = baselines.load("rethined", backend="torch", working_resolution=256)
    trace = method.trace(image, mask)
    columns = trace.working.tokens[1]
    target, source = trace.hole % columns >= columns // 2, trace.source % columns >= columns // 2
    # By similarity alone: 0.68.
    assert (target == source).mean() > 0.95


def test_reads_no_pixel_of_the_hole(photo):
    mask = blobs(photo.shape[:2], 0.3)
    working = reduce(photo, mask, 256)
    other = photo.copy()
    other[mask] = np.random.default_rng(0).integers(0, 256, (mask.sum(), 3))
    arguments = (valid_tokens(working), working.tokens[1], working.scale)
    assert hole_tokens(working).size
    assert np.array_equal(measured_amplitude(photo, *arguments), measured_amplitude(other, *arguments))
