"""Cells are means of known pixels; fine ones are half as large."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from baselines.patchmatch.reduction import reduced, reduced_with_finer


def check(working, image, hole):
    scale = working.scale
    assert working.hole.shape == tuple(-(-side // scale) for side in hole.shape)
    for y, x in np.ndindex(working.hole.shape):
        inside = slice(scale * y, scale * y + scale), slice(scale * x, scale * x + scale)
        assert working.hole[y, x] == hole[inside].any()
        if not working.hole[y, x]:
            assert working.image[y, x] == pytest.approx(image[inside].reshape(-1, 3).mean(0), rel=1e-6)
        whole = hole[inside].size == scale * scale
        assert working.usable[y, x] == (whole and not working.hole[y, x])


@given(height=st.integers(40, 90), width=st.integers(40, 90), resolution=st.integers(8, 100))
@settings(deadline=None, max_examples=40)
def test_cells_are_means_of_known_pixels(height, width, resolution):
    image = np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)
    hole = np.zeros((height, width), bool)
    hole[height // 3 : height // 2, width // 4 : width // 2] = True
    cells, fine = reduced_with_finer(image, hole, resolution)
    check(cells, image, hole)
    check(fine, image, hole)
    assert max(cells.hole.shape) <= resolution
    assert fine.scale == -(-cells.scale // 2)
    alone = reduced(image, hole, resolution)
    assert np.array_equal(alone.image, cells.image)


def test_cells_of_more_lines_than_a_sum_of_16_bits_holds():
    image = np.full((1100, 700, 3), 255, np.uint8)
    image[:300, :350] = np.random.default_rng(0).integers(0, 256, (300, 350, 3), dtype=np.uint8)
    hole = np.zeros(image.shape[:2], bool)
    hole[700, 10] = hole[300, 400] = True  # beyond the first 256 lines of a cell, and within them
    for resolution in (2, 4):
        check(reduced(image, hole, resolution), image, hole)
