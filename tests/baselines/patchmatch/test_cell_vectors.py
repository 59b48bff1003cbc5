"""Rows of cells as vectors, against the same sums in NumPy, bit for bit."""

import numba
import numpy as np

from df8k.baselines.patchmatch.enlargement.cell_vectors import (
    STEP,
    add_changed,
    add_pixels,
    add_weight,
    fill,
    put_changed,
    put_pixels,
)


@numba.njit
def _plain(value, share, lines):
    add_pixels(value, 3, share, 5, lines, 7)


@numba.njit
def _changed(value, share, lines, changes, t):
    add_changed(value, 3, share, 5, lines, 7, changes, 2, 13, t)


@numba.njit
def _weighted(share, along, down):
    fill(share, 2, np.float32(0.5))
    add_weight(share, 2, along, 11, down)


@numba.njit
def _put(lines, value):
    put_pixels(lines, 7, value, 3)


@numba.njit
def _put_sum(lines, share, changes, t):
    put_changed(lines, 19, share, 5, 7, changes, 2, 13, t)


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


def test_weights_are_set_and_added_as_numpy_does():
    for seed in range(50):
        share, along, _, _, down = _numbers(seed)
        expected = share.copy()
        expected[2 : 2 + STEP] = np.float32(0.5) + down * along[11 : 11 + STEP]
        _weighted(share, along, down)
        assert np.array_equal(share, expected)


def test_pixels_are_cut_to_the_grey_levels_there_are():
    for seed in range(50):
        value, _, lines, _, _ = _numbers(seed)
        value[:8] = np.float32([-3, -0.2, 0, 254.99, 255, 255.5, 256, 300])
        value *= np.float32(seed % 3 + 1)
        expected = lines.copy()
        expected[7 : 7 + STEP] = value[3 : 3 + STEP].clip(0, 255).astype(np.uint8)
        _put(lines, value)
        assert np.array_equal(lines, expected)


def test_a_changed_source_is_put_as_it_is_added_and_cut():
    for seed in range(50):
        value, share, lines, changes, t = _numbers(seed)
        share = share.clip(0, 1)
        changes *= np.float32(seed % 5)
        value[3 : 3 + STEP], expected, put = 0.5, lines.copy(), lines.copy()
        _changed(value, share, lines, changes, t)
        expected[19 : 19 + STEP] = value[3 : 3 + STEP].clip(0, 255).astype(np.uint8)
        _put_sum(put, share, changes, t)
        assert np.array_equal(put, expected)
