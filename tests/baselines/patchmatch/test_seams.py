"""Steps between pieces of different origin are spread over the hole, edges lose a bounded part."""

import numpy as np
import pytest

from baselines.patchmatch.pyramid import listed
from baselines.patchmatch.seams import _LARGEST_STEP, _defects, smooth_steps

SIDE = 96


@pytest.fixture
def hole():
    hole = np.zeros((SIDE, SIDE), bool)
    hole[40:56, 40:56] = True
    return hole


def smoothed(hole, fill, shifts, known=100):
    colours = np.full((SIDE, SIDE, 4), known, np.uint8)
    colours[hole] = fill
    before = colours.copy()
    smooth_steps(colours, hole, listed(hole), shifts)
    assert np.array_equal(colours[~hole], before[~hole])
    assert np.array_equal(colours[..., 3], before[..., 3])
    return colours[..., :3].astype(int)


def left(shape):
    shifts = np.zeros((*shape, 2), np.int32)
    shifts[..., 1] = -20
    return shifts


@pytest.mark.parametrize("step", [5, 30, -30])
def test_a_step_at_the_boundary_goes_where_sources_are_flat(hole, step):
    result = smoothed(hole, 100 + step, left(hole.shape))
    assert np.abs(result[hole] - 100).max() <= 1


def test_of_an_edge_only_a_bounded_part_is_spread(hole):
    result = smoothed(hole, 220, left(hole.shape))
    taken = 220 - result[hole]
    assert (taken > 0).all()
    assert taken.max() <= _LARGEST_STEP + 1


def test_a_step_between_two_sources_goes_and_their_detail_stays(hole):
    columns = np.arange(SIDE)
    picture = np.where(columns % 2 == 0, 110, 90)
    shifts = left(hole.shape)
    shifts[:, 48:, 1] = 20
    colours = np.broadcast_to(picture[None, :, None], (SIDE, SIDE, 4)).astype(np.uint8)
    filled = np.where((columns >= 48)[None, :, None], colours + 24, colours).astype(np.uint8)
    result = colours.copy()
    result[hole] = filled[hole]
    smooth_steps(result, hole, listed(hole), shifts)
    assert np.abs(result[..., :3].astype(int) - colours[..., :3])[hole].max() <= 2


def test_where_no_source_says_how_it_should_go_on_nothing_changes(hole):
    result = smoothed(hole, 180, np.zeros((*hole.shape, 2), np.int32))
    assert (result[hole] == 180).all()


def _defect(colours, hole, shifts, pixel, channel):
    """One missing pixel's sum in plain numbers: over its neighbours, the sources' step less the fill's."""
    values, total = colours[..., channel].astype(float), 0.0
    inside = [(y, x) for y, x in np.ndindex(hole.shape) if abs(y - pixel[0]) + abs(x - pixel[1]) == 1]
    for neighbour in inside:
        steps = []
        for end in (pixel, neighbour) if hole[neighbour] else (pixel,):
            near, far = (tuple(np.add(place, shifts[end]).tolist()) for place in (pixel, neighbour))
            if all(0 <= y < hole.shape[0] and 0 <= x < hole.shape[1] for y, x in (near, far)) and not (
                hole[near] or hole[far]
            ):
                steps.append(values[far] - values[near])
        if steps:
            step = sum(steps) / len(steps) - (values[neighbour] - values[pixel])
            total += np.clip(step, -_LARGEST_STEP, _LARGEST_STEP)
    return total


@pytest.mark.parametrize("choices", [2, 40])
def test_defects_are_steps_of_the_sources_less_those_of_the_fill(choices):
    rng = np.random.default_rng(choices)
    colours = rng.integers(0, 256, (12, 15, 4), dtype=np.uint8)
    hole = rng.random((12, 15)) < 0.4
    # Few shifts: neighbours often have the same. Some lead out of the picture or into the hole.
    shifts = rng.integers(-6, 7, (choices, 2), dtype=np.int32)[rng.integers(0, choices, hole.shape)]
    source = np.zeros(colours.shape, np.float32)
    _defects(colours, hole, listed(hole), shifts, source)
    assert not source[~hole].any()
    assert not source[..., 3].any()
    for pixel in map(tuple, np.argwhere(hole).tolist()):
        expected = [_defect(colours, hole, shifts, pixel, channel) for channel in range(3)]
        assert source[pixel][:3].tolist() == expected
