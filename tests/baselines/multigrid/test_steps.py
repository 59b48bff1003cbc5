"""Steps of the multigrid on one plane and on four against the same sums for each pixel, bit for bit."""

import numpy as np
import pytest

from df8k.baselines.multigrid import grids, hierarchy
from df8k.baselines.multigrid.colours import add_interpolated_colours, restrict_colours, smooth_colours
from df8k.baselines.multigrid.cycles import _average_known, _interpolate, _restrict_residual, _smooth


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
        alone = planes.copy()
        smooth_colours(planes, source, runs, 2, 1)
        assert np.array_equal(planes, wanted)
        for k in range(4):
            plane = np.ascontiguousarray(alone[..., k])
            _smooth(plane, np.ascontiguousarray(source[..., k]), runs, 2, 1)
            assert np.array_equal(plane, wanted[..., k])


@pytest.mark.parametrize("shape", [(1, 1), (1, 2), (2, 1), (1, 3), (3, 1), (2, 3), (5, 40), (1, 33)])
def test_sweeps_of_one_plane_stay_in_it_at_any_width(shape):
    """At the borders, where the order depends on the length of a run, with and without a source."""
    rng = np.random.default_rng(2)
    for _ in range(20):
        hole = rng.random(shape) < rng.choice([0.5, 1.0])
        runs = grids._runs(hole)
        plane, source = rng.normal(size=(2, *shape, 1)).astype(np.float32)
        for wanted_source, given in ((source, source[..., 0]), (0 * source, np.zeros((0, 0), np.float32))):
            wanted = plane
            for colour in (0, 1):
                wanted = _smoothed(wanted, wanted_source, runs, colour)
            result = np.ascontiguousarray(plane[..., 0])
            _smooth(result, np.ascontiguousarray(given), runs, 1, 0)
            assert np.array_equal(result, wanted[..., 0])


def test_cells_are_averages_of_what_is_known_of_them():
    rng = np.random.default_rng(3)
    for _ in range(20):
        shape = tuple(rng.integers(1, 20, 2))
        hole = rng.random(shape) < rng.choice([0.0, 0.3, 0.9])
        plane = rng.normal(size=shape).astype(np.float32)
        plane[hole] = np.nan  # not read
        coarse_hole = grids._coarsen(hole)
        coarse = np.empty(coarse_hole.shape, np.float32)
        _average_known(plane, hole, coarse_hole, coarse)
        for y, x in np.argwhere(~coarse_hole):
            cell = plane[2 * y : 2 * y + 2, 2 * x : 2 * x + 2]
            assert coarse[y, x] == pytest.approx(np.nanmean(cell), rel=1e-5, abs=1e-6)


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
            residual = np.zeros(small, np.float32)
            _restrict_residual(plane, wanted, residual, levels[1].runs)
            assert np.array_equal(down[..., k], residual)
            _interpolate(plane, np.ascontiguousarray(change[..., k]), levels[0].runs, True)
            assert np.array_equal(up[..., k], plane)
    assert coarser > 50
