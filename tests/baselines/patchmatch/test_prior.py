"""A prior moves the low band of the hole alone, near the known region most, and gives the first sources."""

import cv2
import numpy as np
import pytest

from baselines.patchmatch.field import started_field
from baselines.patchmatch.prior import _FADE_CELLS, _TRUSTED_CELLS, Prior
from baselines.patchmatch.pyramid import finest, pyramid
from baselines.patchmatch.vote import copy


@pytest.fixture
def levels():
    rng = np.random.default_rng(0)
    colours = rng.integers(100, 140, (192, 160, 4), dtype=np.uint8)
    hole = np.zeros((192, 160), bool)
    hole[40:150, 40:120] = True
    levels = pyramid(finest(colours, hole, ~hole))
    for level in levels:  # an estimate
        missing = level.hole.sum()
        level.colours[level.hole] = rng.integers(100, 140, (missing, 4), dtype=np.uint8)
    return levels


def made(levels, fill, shifts=None):
    shape = levels[0].hole.shape
    shifts = np.zeros((*shape, 2), np.int32) if shifts is None else shifts
    return Prior(np.full((*shape, 3), fill, np.float32), shifts, cut_px=4.0)


@pytest.mark.parametrize("depth", [0, 1])
def test_the_low_band_moves_and_the_detail_stays(levels, depth):
    level = levels[depth]
    before = level.colours.copy()
    made(levels, 180).pull(level, depth)
    hole = level.hole
    assert np.array_equal(level.colours[~hole], before[~hole])
    assert np.array_equal(level.colours[..., 3], before[..., 3])
    moved = (level.colours.astype(float) - before)[..., :3].mean(axis=2)
    depths = cv2.distanceTransform(hole.view(np.uint8), cv2.DIST_L2, 3) * 2**depth
    assert moved[hole & (depths < 6)].mean() > 0.7 * 60
    trusted = np.exp2(-depths / _TRUSTED_CELLS)  # half at that depth, a quarter at twice it
    assert moved[depths > 36].mean() == pytest.approx(60 * trusted[depths > 36].mean(), rel=0.1)
    inside = hole[:, 1:] & hole[:, :-1]
    steps = [np.abs(np.diff(c[..., 0].astype(float), axis=1))[inside].mean() for c in (before, level.colours)]
    assert steps[1] == pytest.approx(steps[0], rel=0.1)


def test_at_the_end_what_meets_the_known_region_stays(levels):
    level = levels[0]
    level.colours[...] = 120
    pulled = level.colours.copy()
    prior = made(levels, 180)
    prior.settle(level)
    settled = level.colours[..., 0].astype(float) - 120
    level.colours[:] = pulled
    prior.pull(level, 0)
    moved = level.colours[..., 0].astype(float) - 120
    depths = cv2.distanceTransform(level.hole.view(np.uint8), cv2.DIST_L2, 3)
    assert settled[level.hole & (depths < 1.5)].max() < 0.1 * 60
    assert np.array_equal(settled[depths > _FADE_CELLS + 0.5], moved[depths > _FADE_CELLS + 0.5])
    # No step of its own: neighbours differ by little, everywhere and over the boundary.
    assert max(np.abs(np.diff(settled, axis=axis)).max() for axis in (0, 1)) < 0.15 * 60


def test_what_agrees_already_is_left(levels):
    level = levels[0]
    level.colours[..., :3] = 120
    before = level.colours.copy()
    made(levels, 120.2).pull(level, 0)
    assert np.array_equal(level.colours, before)


@pytest.mark.parametrize("depth", [0, 1])
def test_the_first_field_follows_the_shifts_and_is_random_without(levels, depth):
    shifts = np.zeros((*levels[0].hole.shape, 2), np.int32)
    shifts[levels[0].hole] = (0, -72)  # some sources begin left of the picture then
    level = levels[depth]
    field = started_field(shifts, level, 1, cell=1, pixel=1 << depth)
    y, x = level.targets.T
    entered = field[y, x]
    assert (entered[:, 2] == 0).all()
    assert level.valid[entered[:, 0], entered[:, 1]].all()
    wanted = x - (72 >> depth)
    inside = level.hole[
        np.minimum(y + 4, level.hole.shape[0] - 1), np.minimum(x + 4, level.hole.shape[1] - 1)
    ]
    possible = inside & (wanted >= 0)
    possible[possible] = level.valid[y[possible], wanted[possible]]
    assert possible.any()
    assert (entered[possible, 1] == wanted[possible]).all()
    assert (entered[possible, 0] == y[possible]).all()
    other = started_field(np.zeros_like(shifts), level, 1, cell=1, pixel=1 << depth)
    assert not np.array_equal(other, field)


def test_a_copy_shows_the_sources(levels):
    level = levels[0]
    origin = np.zeros((*level.hole.shape, 2), np.int32)
    origin[level.hole] = (-40, 0)
    origin[80:][level.hole[80:]] = (0, 40)
    origin[:, 80:][level.hole[:, 80:]] = (0, 40)
    y, x = level.missing.T
    v, u = y + origin[y, x, 0], x + origin[y, x, 1]
    known = ~level.hole[v, u]
    wanted = level.colours[v, u].copy()
    copy(level, origin)
    assert np.array_equal(level.colours[y, x][known], wanted[known])


@pytest.mark.parametrize(("cell", "pixel"), [(2, 1), (5, 3)])
def test_a_prior_in_larger_cells_says_the_same(levels, cell, pixel):
    level = levels[0]
    before = level.colours.copy()
    rows, columns = (-(-side * pixel // cell) for side in level.hole.shape)
    # A ramp over the picture, which survives any change of size.
    fill = np.repeat(np.linspace(100, 220, columns, dtype=np.float32)[None, :, None], rows, 0).repeat(3, 2)
    shifts = np.zeros((rows, columns, 2), np.int32)
    coarse = Prior(fill, shifts, cut_px=4.0, cell=cell, pixel=pixel)
    centres = ((np.arange(level.hole.shape[1]) + 0.5) * pixel / cell - 0.5).clip(0, columns - 1)
    same = np.interp(centres, np.arange(columns), fill[0, :, 0]).astype(np.float32)
    enlarged = np.broadcast_to(same[None, :, None], (*level.hole.shape, 3)).copy()
    fine = Prior(enlarged, np.zeros((*level.hole.shape, 2), np.int32), cut_px=4.0 * cell / pixel)
    moved = []
    for prior in (coarse, fine):
        level.colours[:] = before
        prior.pull(level, 0)
        moved.append(level.colours[..., :3].astype(float) - before[..., :3])
    near = cv2.distanceTransform(level.hole.view(np.uint8), cv2.DIST_L2, 3) < 8  # trust counts in cells
    assert np.abs(moved[0] - moved[1])[near & level.hole].max() <= 0.1 * np.abs(moved[1]).max() + 1
    assert np.abs(moved[1][level.hole]).mean() > 10


@pytest.mark.parametrize(("cell", "pixel"), [(2, 1), (5, 3)])
def test_shifts_of_larger_cells_are_followed(levels, cell, pixel):
    level = levels[0]
    rows, columns = (-(-side * pixel // cell) for side in level.hole.shape)
    shifts = np.zeros((rows, columns, 2), np.int32)
    shifts[..., 0] = 12
    field = started_field(shifts, level, 1, cell=cell, pixel=pixel)
    y, x = level.targets.T
    wanted = y + 12 * cell // pixel
    possible = wanted < level.valid.shape[0]
    possible[possible] = level.valid[wanted[possible], x[possible]]
    assert possible.any()
    assert (field[y, x, 0][possible] == wanted[possible]).all()
    assert (field[y, x, 1][possible] == x[possible]).all()
