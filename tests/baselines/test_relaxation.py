"""Steps of the multigrid on four planes against the same sums for each pixel or plane, bit for bit."""

import numpy as np

from df8k.baselines.multigrid import _interpolate, _restrict_residual, hierarchy
from df8k.baselines.relaxation import add_interpolated_colours, restrict_colours, smooth_colours


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


def test_four_planes_go_down_and_up_as_each_alone():
    rng = np.random.default_rng(1)
    coarser = 0
    for _ in range(12):
        shape = tuple(rng.integers(2, 60, 2))
        hole = rng.random(shape) < rng.choice([0.9, 0.99])
        hole[0, 0] = False
        levels = hierarchy(hole)
        planes, source = rng.normal(size=(2, *shape, 4)).astype(np.float32)
        small = levels[1].hole.shape
        down, up = np.zeros((*small, 4), np.float32), planes.copy()
        change = rng.normal(size=down.shape).astype(np.float32)
        restrict_colours(planes, source, levels[1].runs, down)
        add_interpolated_colours(up, change, levels[0].runs)
        coarser += len(levels[1].runs)
        for k in range(4):
            plane = np.ascontiguousarray(planes[..., k])
            wanted = np.ascontiguousarray(source[..., k])
            assert np.array_equal(down[..., k], _restrict_residual(plane, wanted, small, levels[1].runs))
            _interpolate(plane, np.ascontiguousarray(change[..., k]), levels[0].runs, True)
            assert np.array_equal(up[..., k], plane)
    assert coarser > 50
