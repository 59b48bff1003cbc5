"""Levels reach across the hole, and their patches cover it."""

import numpy as np
import pytest

from baselines.patchmatch.pyramid import finest, pyramid


def picture(height=96, width=81):
    colours = np.random.default_rng(0).integers(0, 256, (height, width, 4), dtype=np.uint8)
    hole = np.zeros((height, width), bool)
    hole[30:70, 25:60] = True
    return colours, hole


def test_levels_without_spreading_keep_the_hole():
    colours, hole = picture(256, 256)
    hole[60:200, 60:200] = True
    apart, spread = (pyramid(finest(colours, hole, ~hole), spread=value) for value in (False, True))
    assert len(apart) > 1
    assert len(spread) > 1
    assert apart[1].deepest > spread[1].deepest


@pytest.mark.parametrize("spacing", [1, 2, 4])
@pytest.mark.parametrize("shape", [(96, 81), (98, 83), (100, 101)])
def test_patches_that_stand_apart_still_cover_the_hole(spacing, shape):
    colours, hole = picture(*shape)
    hole[-5:, -5:] = True  # up to the corner, where no multiple of the spacing may lie
    levels = pyramid(finest(colours, hole, ~hole, spacing=spacing))
    covered = np.zeros(shape, bool)
    for y, x in levels[0].targets:
        covered[y : y + 8, x : x + 8] = True
    assert covered[hole].all()
    throughout = finest(colours, hole, ~hole)
    assert len(levels[0].targets) < 1.4 * len(throughout.targets) / spacing**2
    assert [level.spacing for level in levels] == [max(spacing >> depth, 1) for depth in range(len(levels))]
