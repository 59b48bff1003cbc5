"""Tests of the multigrid's sweeps against the same sums pixel by pixel, bit for bit."""

import numpy as np
import pytest

from df8k.baselines.multigrid import hierarchy
from df8k.baselines.relaxation import smooth_alone, smooth_shared


def _smoothed(plane, source, runs, colour):
    result = plane.copy()
    height, width = plane.shape
    for y, first, last in runs:
        for x in range(first, last):
            if (x + y + colour) % 2:
                continue
            total = plane[max(y - 1, 0), x] + plane[min(y + 1, height - 1), x]
            sides = [plane[y, max(x - 1, 0)], plane[y, min(x + 1, width - 1)]]
            if x == width - 1 and last - first >= 32:
                sides.reverse()
            total = total + sides[0] + sides[1]
            result[y, x] = np.float32(0.25) * (total - source[y, x] if source.size else total)
    return result


@pytest.mark.parametrize("smooth", [smooth_alone, smooth_shared])
@pytest.mark.parametrize("sourced", [True, False])
def test_a_sweep_takes_one_colour_then_the_other(smooth, sourced):
    rng = np.random.default_rng(0)
    for _ in range(12):
        shape = tuple(rng.integers(2, 60, 2))
        hole = rng.random(shape) < rng.choice([0.3, 0.9, 0.99])
        hole[0, 0] = False
        runs = hierarchy(hole)[0].runs
        plane = rng.normal(size=shape).astype(np.float32)
        source = rng.normal(size=shape if sourced else (0, 0)).astype(np.float32)
        wanted = plane
        for colour in (1, 0, 1, 0):
            wanted = _smoothed(wanted, source, runs, colour)
        smooth(plane, source, runs, 2, 1)
        assert np.array_equal(plane, wanted)
