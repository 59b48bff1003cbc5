"""Altered pictures: new from call to call, and hardly harder."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leaderboard.calls.alteration import Alteration, remembered

GREY = np.full((64, 64, 3), 90, np.uint8)


def altered(alteration, mask, *, again=False):
    image, mask = GREY.copy(), mask.copy()
    image[mask] = 0
    alteration.apply(image, mask, again=again)
    return image, mask


@given(st.integers(12, 40), st.integers(12, 40), st.integers(0, 20), st.integers(0, 20))
def test_no_two_altered_holes_are_alike(height, width, top, left):
    hole = np.zeros((64, 64), bool)
    hole[top : top + height, left : left + width] = True
    alteration = Alteration()
    masks = [altered(alteration, hole)[1] for _ in range(10)]
    assert len({mask.tobytes() for mask in (hole, *masks)}) == 11
    for mask in masks:
        assert mask[hole].all()
        assert 1 <= mask.sum() - hole.sum() <= 8


def test_only_known_pixels_change_by_one_level_and_the_hole_stays_zeroed():
    hole = np.zeros((64, 64), bool)
    hole[:, 30:34] = True
    image, mask = altered(Alteration(), hole)
    assert not image[mask].any()
    assert 1 <= (image[~mask] != GREY[~mask]).any(axis=1).sum() <= 64
    assert np.abs(image[~mask].astype(int) - GREY[~mask]).max() == 1


def test_the_last_alteration_comes_again():
    hole = np.eye(64, dtype=bool)
    alteration = Alteration()
    first, repeated, other = (altered(alteration, hole, again=again) for again in (False, True, False))
    assert all(np.array_equal(*pair) for pair in zip(first, repeated, strict=True))
    assert not np.array_equal(first[1], other[1])


@pytest.mark.parametrize("value", [False, True])
def test_a_picture_without_a_boundary_is_altered_where_it_can_be(value):
    hole = np.full((64, 64), value)
    image, mask = altered(Alteration(), hole)
    assert np.array_equal(mask, hole)
    assert np.array_equal(image, np.zeros_like(GREY)) == value


@pytest.mark.parametrize(
    ("repeated_s", "seconds", "told"),
    [(0.001, [0.4, 0.5], True), (0.2, [0.4, 0.5], False), (0.001, [0.01], False), (0.001, [0.4, 0.0], False)],
)
def test_memory_shows_in_a_repeated_call(repeated_s, seconds, told):
    assert remembered(repeated_s, seconds) == told
