"""Tests of the vector loops against the same sums in NumPy, bit for bit."""

import numba
import numpy as np
import numpy.typing as npt
import pytest

from df8k.baselines.patchmatch.distance import FAR, distance
from df8k.baselines.patchmatch.field import no_field
from df8k.baselines.patchmatch.pyramid import PATCH, Level, finest, listed
from df8k.baselines.patchmatch.vote import shifts, vote

_FLOOR, _VALUES = np.float32(4), np.float32(3 * PATCH * PATCH)


def _level(height: int = 40, width: int = 53) -> tuple[Level, npt.NDArray[np.int32]]:
    rng = np.random.default_rng(3)
    colours = rng.integers(0, 256, (height, width, 4)).astype(np.uint8)
    hole = np.zeros((height, width), np.bool_)
    hole[12:31, :17] = hole[20:, 40:44] = True
    level = finest(colours, hole, ~hole)
    field = no_field(level)
    y, x = level.targets.T
    field[y, x, :2] = level.sources[rng.integers(0, len(level.sources), len(level.targets))]
    field[y, x, 2] = rng.integers(0, 20_000, len(level.targets))
    return level, field


@pytest.mark.parametrize("trust", [1, 4, 8])
def test_a_distance_is_the_weighted_sum_of_squares(trust):
    rng = np.random.default_rng(0)
    picture = rng.choice([0, 7, 255], (30, 40, 4)).astype(np.uint8)
    weight = rng.choice([1, trust], (30, 40)).astype(np.uint8)
    weights = weight.repeat(4, axis=1).reshape(-1)
    for ay, ax, by, bx in rng.integers(0, (23, 33, 23, 33), (50, 4)):
        p, q = (picture[y : y + PATCH, x : x + PATCH].astype(int) for y, x in ((ay, ax), (by, bx)))
        wanted = (((p - q) * weight[ay : ay + PATCH, ax : ax + PATCH, None]) ** 2).sum()
        places = 160 * ay + 4 * ax, 160 * by + 4 * bx
        assert distance(picture.reshape(-1), weights, 160, *places, FAR) == wanted
        assert distance(picture.reshape(-1), weights, 160, *places, np.int32(wanted)) >= wanted * (wanted > 0)


def _weights(level, field, sharpness):
    y, x = level.targets.T
    base = np.float32(1) / (field[y, x, 2].astype(np.float32) / _VALUES + _FLOOR)
    weight = level.confidence[y, x].copy()
    for _ in range(sharpness):
        weight *= base * np.float32(64)
    return {(int(row), int(column)): w for row, column, w in zip(y, x, weight, strict=True)}


def _covering(weights, y, x):
    """Yield the patches over a pixel in the order in which they are added."""
    for ay in range(y - PATCH + 1, y + 1):
        for ax in range(x - PATCH + 1, x + 1):
            if (ay, ax) in weights:
                yield ay, ax, weights[ay, ax]


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("sharpness", [0, 3])
def test_a_vote_is_the_mean_in_the_order_of_the_patches(threads, sharpness):
    level, field = _level()
    weights, before = _weights(level, field, sharpness), level.colours.copy()
    numba.set_num_threads(min(threads, numba.config.NUMBA_NUM_THREADS))
    vote(level, field, sharpness=sharpness)
    assert np.array_equal(level.colours[~level.hole], before[~level.hole])
    for y, x in level.missing:
        total, count = np.zeros(4, np.float32), np.float32(0)
        for ay, ax, weight in _covering(weights, y, x):
            sy, sx = field[ay, ax, :2] + (y - ay, x - ax)
            total += weight * before[sy, sx].astype(np.float32)
            count += weight
        mean = total * (np.float32(1) / count) + np.float32(0.5)
        assert np.array_equal(level.colours[y, x], mean.astype(np.uint8))


def test_the_source_of_a_pixel_is_its_heaviest_patch():
    level, field = _level()
    weights = _weights(level, field, 2)
    chosen = shifts(level, field, sharpness=2)
    assert not chosen[~level.hole].any()
    for y, x in level.missing:
        ay, ax, _ = max(_covering(weights, y, x), key=lambda patch: patch[2])
        assert np.array_equal(chosen[y, x], field[ay, ax, :2] - (ay, ax))


def test_lists_what_is_true_row_after_row():
    flags = np.random.default_rng(1).random((37, 21)) < 0.3
    flags[5] = False
    assert np.array_equal(listed(flags), np.argwhere(flags))
    assert listed(np.zeros((4, 5), np.bool_)).shape == (0, 2)
