"""What is known around a patch of the hole, and how well sources continue it."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import baselines
from baselines.rethined.matching.context import BREAK, breaks, breaks_at, context
from baselines.rethined.tokens import hole_tokens, reduce


def test_windows_hold_the_known_detail_around_each_token():
    image = np.random.default_rng(0).integers(0, 256, (64, 96, 3)).astype(np.uint8)
    mask = np.zeros((64, 96), bool)
    mask[20:40, 30:50] = True
    working = reduce(image, mask, 512)
    low = np.full_like(working.image, 0.25)
    around = context(working, low)
    rows, columns = working.tokens
    assert around.detail.shape == around.known.shape == (rows * columns, 256)
    detail = np.where(working.unknown, 0, working.image.mean(2) - 0.25)
    row, column = 3, 4
    window = np.s_[8 * row - 4 : 8 * row + 12, 8 * column - 4 : 8 * column + 12]
    assert np.allclose(around.detail[row * columns + column], detail[window].ravel(), atol=1e-6)
    assert np.array_equal(around.known[row * columns + column], ~working.unknown[window].ravel())
    # Beyond the picture nothing is known.
    assert not around.known[0].reshape(16, 16)[:4].any()


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0, 1), st.sampled_from([0, 1e-4, 0.01, 0.3]))
def test_compiled_and_batched_breaks_agree(seed, share, strength):
    rng = np.random.default_rng(seed)
    known = (rng.random((3, 256)) < share).astype(np.float32)
    detail = (strength * rng.standard_normal((3, 256))).astype(np.float32) * known
    source = (0.1 * rng.standard_normal((5, 256))).astype(np.float32)
    found = breaks(*map(torch.from_numpy, (detail, known, source, source**2))).numpy()
    single = [[breaks_at(d, k, s) for s in source] for d, k in zip(detail, known, strict=True)]
    assert np.allclose(found, single, atol=1e-6)
    assert found.min() >= -1e-6
    assert found.max() <= 2 * BREAK + 1e-6


@pytest.mark.parametrize(("factor", "lowest", "highest"), [(1, 0, 0.01), (0.5, 0, 0.01), (-1, 1.9, 2.01)])
def test_what_goes_on_counts_nothing_and_its_negative_twice(factor, lowest, highest):
    """Strength does not matter here: the amplitude's weight sees to that."""
    rng = np.random.default_rng(1)
    known = torch.from_numpy((np.arange(256) % 16 < 8).astype(np.float32))[None]
    source = torch.from_numpy((0.2 * rng.standard_normal((1, 256))).astype(np.float32))
    found = breaks(factor * source * known, known, source, source**2).item() / (BREAK / 2)
    assert lowest <= found <= highest


def test_faint_detail_and_nothing_known_count_nothing():
    source = torch.full((1, 256), 0.1)
    ones, none = torch.ones(1, 256), torch.zeros(1, 256)
    assert breaks(none, none, source, source**2).item() == 0
    assert breaks(none, ones, source, source**2).item() == 0
    assert breaks(1e-5 * ones, ones, -source, source**2).item() < 1e-4 * BREAK


def test_stripes_run_on_into_the_hole_where_the_low_band_is_grey():
    """Left and right stripes stand crosswise; both average to the same grey. By similarity alone: 0.01."""
    wave = np.where(np.arange(2, 514) % 8 < 4, 180, 240).astype(np.uint8)
    image = np.empty((512, 1024, 3), np.uint8)
    image[:, :512], image[:, 512:] = wave[:, None, None], wave[None, :, None]
    mask = np.zeros((512, 1024), bool)
    mask[240:256, 100:400] = mask[100:400, 752:768] = True
    method = baselines.load("rethined", backend="torch", working_resolution=1024)
    trace = method.trace(image, mask)
    columns = trace.working.tokens[1]
    assert np.array_equal(trace.hole, hole_tokens(trace.working))
    right, taken = trace.hole % columns >= columns // 2, trace.source % columns >= columns // 2
    assert (right == taken).mean() > 0.95
