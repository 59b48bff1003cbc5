"""Tests of the multigrid's sweeps against the same sums pixel by pixel, bit for bit."""

import numpy as np

from df8k.baselines.multigrid import hierarchy
from df8k.baselines.relaxation import smooth_colours


def _smoothed(planes, source, runs, colour):
    result = planes.copy()
    height, width = planes.shape[:2]
    for y, first, last in runs:
        for x in range(first, last):
            if (x + y + colour) % 2:
                continue
            total = planes[max(y - 1, 0), x] + planes[min(y + 1, height - 1), x]
            sides = [planes[y, max(x - 1, 0)], planes[y, min(x + 1, width - 1)]]
            if x == width - 1 and last - first >= 32:
                sides.reverse()
            result[y, x] = np.float32(0.25) * (total + sides[0] + sides[1] - source[y, x])
    return result


def test_a_sweep_takes_one_colour_then_the_other():
    rng = np.random.default_rng(0)
    for _ in range(12):
        shape = tuple(rng.integers(2, 60, 2))
        hole = rng.random(shape) < rng.choice([0.3, 0.9, 0.99])
        hole[0, 0] = False
        runs = hierarchy(hole)[0].runs
        planes, source = rng.normal(size=(2, *shape, 4)).astype(np.float32)
        wanted = planes
        for colour in (1, 0, 1, 0):
            wanted = _smoothed(wanted, source, runs, colour)
        smooth_colours(planes, source, runs, 2, 1)
        assert np.array_equal(planes, wanted)
