"""What is known grows into the hole from level to level, and what is hidden never does."""

import numpy as np
import pytest

from baselines.patchmatch.halving import halve


def picture(height=96, width=81):
    colours = np.random.default_rng(0).integers(0, 256, (height, width, 4), dtype=np.uint8)
    hole = np.zeros((height, width), bool)
    hole[30:70, 25:60] = True
    return colours, hole


@pytest.mark.parametrize("spread", [True, False])
def test_nothing_under_the_hole_is_read(spread):
    colours, hole = picture()
    other = colours.copy()
    other[hole] = 255 - other[hole]
    before, after = (halve(values, hole, ~hole, spread=spread) for values in (colours, other))
    assert all(np.array_equal(*pair) for pair in zip(before, after, strict=True))


@pytest.mark.parametrize(("spread", "rows"), [(True, (16, 33)), (False, (15, 34))])
def test_what_is_known_grows_into_the_hole(spread, rows):
    colours, hole = picture()
    _, holes, usable = halve(colours, hole, ~hole, spread=spread)
    assert np.flatnonzero(holes.any(axis=1))[[0, -1]].tolist() == list(rows)
    # Only what was known there may be copied, however far colours are spread.
    assert not usable[15:35, 13:30].any()
    assert usable[:15].all()


def test_a_mean_has_binomial_weights():
    colours, hole = np.full((12, 12, 4), 40, np.uint8), np.zeros((12, 12), bool)
    colours[:, 7] = 200
    small, _, _ = halve(colours, hole, ~hole, spread=True)
    # Of the six around columns 2, 3 and 4 it is the last, the fourth and the second: 1, 10 and 5 of 32.
    assert small[3, :, 0].tolist() == [40, 40, 45, 90, 65, 40]


def _mean(colours, hole, usable, y, x, spread):
    """One pixel of a halved picture in whole numbers: its colours, or None, and whether it may be copied."""
    weights = (1, 5, 10, 10, 5, 1) if spread else (0, 0, 1, 1, 0, 0)
    total, weight = np.zeros(4, int), 0
    for j, down in enumerate(weights):
        for i, across in enumerate(weights):
            v, u = 2 * y + j - 2, 2 * x + i - 2
            if 0 <= v < hole.shape[0] and 0 <= u < hole.shape[1] and not hole[v, u]:
                total += down * across * colours[v, u].astype(int)
                weight += down * across
    own = slice(2 * y, 2 * y + 2), slice(2 * x, 2 * x + 2)
    few = 2 * hole[own].sum() > hole[own].size
    if not weight or (few and not spread):
        return None, False
    return (total + weight // 2) // weight, not few and (hole | usable)[own].all()


@pytest.mark.parametrize("spread", [True, False])
def test_every_pixel_is_the_mean_of_what_is_known(spread):
    rng = np.random.default_rng(1)
    for share in (0.0, 0.1, 0.5, 0.9):
        shape = tuple(rng.integers(1, 24, 2))
        colours = rng.integers(0, 256, (*shape, 4), dtype=np.uint8)
        hole = rng.random(shape) < share
        usable = ~hole & (rng.random(shape) < 0.9)
        small, holes, usables = halve(colours, hole, usable, spread=spread)
        for y, x in np.ndindex(holes.shape):
            values, may = _mean(colours, hole, usable, y, x, spread)
            assert holes[y, x] == (values is None)
            assert usables[y, x] == may
            assert small[y, x].tolist() == ([0] * 4 if values is None else values.tolist())
