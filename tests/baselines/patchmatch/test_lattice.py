"""Repetition: found where there is one, nowhere else, and kept in step through a hole."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import gaussian_filter

import baselines
from baselines.patchmatch.start import lattice


def tiles(height, width, period, seed=0):
    """Tiles of four colours in a fixed order, each with a shade of its own, and dark joints."""
    y, x = np.mgrid[:height, :width]
    row, column = y // period[0], x // period[1]
    kind = (row + 2 * column) % 4
    colours = np.array([[200, 190, 160], [60, 130, 160], [180, 100, 60], [90, 60, 50]])[kind]
    shade = np.random.default_rng(seed).normal(0, 12, (row.max() + 1, column.max() + 1))[row, column]
    joint = (y % period[0] < 2) | (x % period[1] < 2)
    picture = np.where(joint[..., None], 70, colours + shade[..., None])
    return np.clip(np.rint(picture), 0, 255).astype(np.uint8)


def disc(height, width, radius):
    y, x = np.mgrid[:height, :width]
    return (y - 0.5 * height) ** 2 + (x - 0.45 * width) ** 2 < radius**2


def four(picture):
    return np.dstack([picture, np.zeros(picture.shape[:2], np.uint8)])


@settings(max_examples=25, deadline=None)
@given(st.integers(9, 16), st.integers(9, 16), st.integers(0, 9))
def test_shifts_are_whole_periods(down, right, seed):
    picture = four(tiles(112, 128, (down, right), seed))
    shifts, patterned = lattice(picture, disc(112, 128, 30))
    assert len(shifts) >= 2
    assert patterned
    assert not (shifts % (down, right)).any()
    # Colours repeat only where their order does.
    assert not ((shifts[:8, 0] // down + 2 * (shifts[:8, 1] // right)) % 4).any()


def test_nothing_under_the_hole_is_read():
    picture, hole = four(tiles(96, 96, (12, 10))), disc(96, 96, 25)
    other = picture.copy()
    other[hole] = np.random.default_rng(0).integers(0, 256, (hole.sum(), 4))
    assert np.array_equal(lattice(picture, hole)[0], lattice(other, hole)[0])


@pytest.mark.parametrize("kind", ["grain", "cloud", "slope", "flat"])
def test_what_does_not_repeat_has_no_shift(kind):
    random = np.random.default_rng(5)
    y, x = np.mgrid[:128, :128]
    grey = {
        "grain": random.uniform(0, 255, (128, 128)),
        "cloud": 128 + 900 * gaussian_filter(random.normal(size=(128, 128)), 6),
        "slope": y + 0.5 * x,
        "flat": np.full((128, 128), 90.0),
    }[kind]
    picture = np.repeat(np.clip(grey, 0, 255)[..., None], 4, axis=2).astype(np.uint8)
    shifts, patterned = lattice(picture, disc(128, 128, 30))
    assert len(shifts) == 0
    # What is smooth resembles itself a little way off.
    assert patterned == (kind in {"cloud", "slope"})


def test_a_pattern_that_converges_repeats_under_no_shift():
    y, x = np.mgrid[:128, :128].astype(float)
    picture = np.repeat((128 + 100 * np.sin(x / (2.2 + y / 60)))[..., None], 4, axis=2).astype(np.uint8)
    shifts, patterned = lattice(picture, disc(128, 128, 30))
    assert len(shifts) == 0
    assert patterned


@pytest.mark.parametrize("method", ["patchmatch", "rethined"])
def test_tiles_keep_step_through_a_large_hole(method):
    picture, mask = tiles(256, 256, (26, 26)), disc(256, 256, 70)
    options = {"backend": "torch"} if method == "rethined" else {}
    output = baselines.load(method, **options)(np.where(mask[..., None], 0, picture).astype(np.uint8), mask)
    # Kinds of tiles differ by 60 levels and more, shades of one kind by 12.
    assert np.abs(output.astype(int) - picture)[mask].mean() < 20
    joints = (picture == 70).all(axis=2) & mask
    assert (np.abs(output[joints].astype(int) - 70).max(axis=1) < 15).mean() > 0.7
