"""Channels become planes and go back into the hole as numpy says, value by value."""

import numpy as np
import pytest

from baselines.multigrid import hierarchy
from baselines.multigrid.planes import add_change, read_change, read_channel, write_rounded

TOP, LEFT = 2, 3


@pytest.fixture
def scene():
    """A picture, a fill, and a window of them with a hole and a plane of changes that leave the range."""
    rng = np.random.default_rng(0)
    image, filled = rng.integers(0, 256, (2, 30, 40, 3), dtype=np.uint8)
    hole = rng.random((20, 33)) < 0.4
    plane = np.where(
        rng.random(hole.shape) < 0.5, rng.normal(0, 200, hole.shape), rng.integers(-9, 9, hole.shape) / 2
    )
    return image, filled, hole, plane.astype(np.float32)


def window(picture, hole):
    return picture[TOP : TOP + hole.shape[0], LEFT : LEFT + hole.shape[1]]


@pytest.mark.parametrize("channel", range(3))
def test_a_channel_is_read_and_its_hole_written(scene, channel):
    image, filled, hole, plane = scene
    read = np.empty(hole.shape, np.float32)
    read_channel(read, image, channel, TOP, LEFT)
    assert np.array_equal(read, window(image, hole)[..., channel])
    expected = filled.copy()
    rounded = (plane + np.float32(0.5)).clip(0, 255).astype(np.uint8)
    window(expected, hole)[hole, channel] = rounded[hole]
    write_rounded(filled, plane, hierarchy(hole)[0].runs, channel, TOP, LEFT)
    assert np.array_equal(filled, expected)


@pytest.mark.parametrize("channel", range(3))
def test_a_change_is_read_beside_the_hole_and_added_in_it(scene, channel):
    image, filled, hole, plane = scene
    read = np.empty(hole.shape, np.float32)
    read_change(read, image, filled, hole, channel, TOP, LEFT)
    known, there = (window(picture, hole)[..., channel].astype(np.float32) for picture in (image, filled))
    assert np.array_equal(read, np.where(hole, 0, known - there))
    expected = filled.copy()
    values = np.where(hole, np.rint((plane + there).clip(0, 255)), known)
    window(expected, hole)[..., channel] = values.astype(np.uint8)
    add_change(filled, image, plane, hole, channel, TOP, LEFT)
    assert np.array_equal(filled, expected)
