"""Rows of cells as vectors, against the same sums in NumPy, bit for bit."""

import numba
import numpy as np

from df8k.baselines.patchmatch.cell_vectors import STEP, add_changed, add_pixels


@numba.njit
def _plain(value, share, lines):
    add_pixels(value, 3, share, 5, lines, 7)


@numba.njit
def _changed(value, share, lines, changes, t):
    add_changed(value, 3, share, 5, lines, 7, changes, 2, 13, t)


def _numbers(seed):
    rng = np.random.default_rng(seed)
    value, share, changes = (rng.normal(0, 40, 32).astype(np.float32) for _ in range(3))
    return value, share, rng.integers(0, 256, 32).astype(np.uint8), changes, np.float32(rng.random())


def test_pixels_and_changed_pixels_are_added_as_numpy_adds_them():
    for seed in range(50):
        value, share, lines, changes, t = _numbers(seed)
        row, part = slice(3, 3 + STEP), share[5 : 5 + STEP]
        pixels = lines[7 : 7 + STEP].astype(np.float32)
        upper, lower = changes[2 : 2 + STEP], changes[13 : 13 + STEP]
        plain, changed = value.copy(), value.copy()
        _plain(plain, share, lines)
        _changed(changed, share, lines, changes, t)
        expected = value.copy()
        expected[row] += part * pixels
        assert np.array_equal(plain, expected)
        expected = value.copy()
        expected[row] += part * (pixels + (upper + t * (lower - upper)))
        assert np.array_equal(changed, expected)
