"""Strategies: known pixels are kept, nothing leaks from under the hole, the whole hole is filled."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import baselines
from baselines import MethodCard, MethodError, MethodFailedError, Strategy, with_strategy
from baselines.strategy.plan import Groups, tile_starts, tiles, view_of
from baselines.strategy.window import Window, reduce_window, square_around

SQUARES = ["resize:32", "crop:32", "tile:32:8", "tile:32:0", "tile:32:16"]


class Recorder:
    """Fills with a function, and keeps what it was given."""

    def __init__(self, function=None):
        self.card = MethodCard(name="recorder", version="1", summary="s", source="t", licence="none")
        self.function = function or (lambda image, mask: np.where(mask[..., None], np.uint8(200), image))
        self.seen = []

    def __call__(self, image, mask):
        self.seen.append((image.copy(), mask.copy()))
        return self.function(image, mask)


def ramp(height, width):
    y, x = np.mgrid[0:height, 0:width]
    return (
        np.stack([60 + 120 * x / width, 60 + 120 * y / height, 90 + 0 * x], axis=2).round().astype(np.uint8)
    )


@st.composite
def pictures(draw):
    """A picture of any size with holes anywhere, also over its borders, and 255 under the hole."""
    height, width = draw(st.integers(1, 120)), draw(st.integers(1, 120))
    mask = np.zeros((height, width), bool)
    for _ in range(draw(st.integers(0, 4))):
        top, left = draw(st.integers(0, height - 1)), draw(st.integers(0, width - 1))
        mask[top : top + draw(st.integers(1, 70)), left : left + draw(st.integers(1, 70))] = True
    image = (
        np.random.default_rng(draw(st.integers(0, 9))).integers(0, 128, (height, width, 3)).astype(np.uint8)
    )
    image[mask] = 255
    return image, mask


@pytest.mark.parametrize("text", SQUARES)
@settings(max_examples=40, deadline=None)
@given(picture=pictures())
def test_known_pixels_stay_and_nothing_leaks(text, picture):
    image, mask = picture
    given_image, given_mask = image.copy(), mask.copy()
    # A method that answers 7 everywhere shows both: known pixels that change, and holes that are left.
    method = Recorder(lambda part, _hole: np.full_like(part, 7))
    output = with_strategy(method, text)(image, mask)
    assert output.dtype == np.uint8
    assert output.shape == image.shape
    assert np.array_equal(output[~mask], image[~mask])
    assert (output[mask] == 7).all()
    assert not np.shares_memory(output, image)
    assert np.array_equal(image, given_image)
    assert np.array_equal(mask, given_mask)
    assert bool(method.seen) == mask.any()
    for part, hole in method.seen:
        assert part.shape == (32, 32, 3)
        assert part.flags.c_contiguous
        assert hole.dtype == np.bool_
        assert not part[hole].any()
        # Known pixels are below 128, missing ones 255: any share of one would show.
        assert part.max(initial=0) < 128


def plane(image, mask):
    """Least-squares plane through the known pixels: exact on a ramp, at any scale and place."""
    y, x = np.mgrid[0 : mask.shape[0], 0 : mask.shape[1]]
    terms = np.stack([x.ravel(), y.ravel(), np.ones(x.size)], axis=1)
    known = ~mask.ravel()
    factors, *_ = np.linalg.lstsq(terms[known], image.reshape(-1, 3)[known].astype(float), rcond=None)
    return np.rint(terms @ factors).clip(0, 255).astype(np.uint8).reshape(image.shape)


@pytest.mark.parametrize("text", SQUARES)
def test_fills_come_back_in_place_and_at_scale(text):
    image = ramp(128, 128)
    y, x = np.mgrid[0:128, 0:128]
    mask = ((y - 70) ** 2 + (x - 40) ** 2 < 25**2) | (y > 120) | ((x > 110) & (y < 30))
    output = with_strategy(Recorder(plane), text)(image, mask)
    # The outermost half cell of an enlargement repeats its neighbours.
    inside = mask & (y > 1) & (y < 126) & (x > 1) & (x < 126)
    assert abs(output[inside].astype(int) - image[inside]).max() <= 2
    assert abs(output[mask].astype(int) - image[mask]).mean() < 0.5


def test_a_picture_not_larger_than_the_square_is_never_enlarged():
    image = ramp(20, 31)
    mask = np.zeros((20, 31), bool)
    mask[5:9, 4:30] = True
    for text in SQUARES:
        method = Recorder()
        with_strategy(method, text)(image, mask)
        ((part, hole),) = method.seen
        assert np.array_equal(part[:20, :31][~mask], image[~mask])
        assert np.array_equal(hole[:20, :31], mask)
        assert np.array_equal(part[20:], np.broadcast_to(part[19], (12, 32, 3)))


def test_reduction_averages_known_pixels_alone():
    image = ramp(96, 64)
    mask = np.zeros((96, 64), bool)
    mask[40, 13] = True
    image[mask] = 0
    small, hole = reduce_window(image, mask, 24)
    cells = image.reshape(24, 4, 16, 4, 3).mean(axis=(1, 3))
    assert np.argwhere(hole).tolist() == [[10, 3]]
    assert abs(small[~hole] - cells[~hole]).max() <= 0.5
    # Fractional cells: one touched at a corner only is missing too.
    _, hole = reduce_window(image, mask, 50)
    touching = np.zeros((50, 33), bool)
    for row in range(50):
        for column in range(33):
            covers = row * 96 / 50 < 41 and (row + 1) * 96 / 50 > 40
            touching[row, column] = covers and column * 64 / 33 < 14 and (column + 1) * 64 / 33 > 13
    assert np.array_equal(hole, touching)


def test_distant_holes_get_crops_of_their_own_at_the_picture_s_scale():
    image = ramp(200, 300)
    mask = np.zeros((200, 300), bool)
    mask[20:30, 20:28] = mask[24:28, 31:35] = True  # together within one crop
    mask[150:160, 280:300] = True  # at the border
    method = Recorder()
    cropped = with_strategy(method, "crop:64")
    output = cropped(image, mask)
    assert cropped.calls == len(method.seen) == 2
    assert (output[mask] == 200).all()
    first, hole = method.seen[0]
    row, column = np.argwhere(hole)[0]
    assert np.array_equal(first[0, 0], image[20 - row, 20 - column])


def test_a_hole_larger_than_the_crop_is_seen_with_context():
    mask = np.zeros((300, 300), bool)
    mask[100:180, 90:190] = True
    method = Recorder()
    with_strategy(method, "crop:64")(ramp(300, 300), mask)
    ((_, hole),) = method.seen
    assert 0.2 < hole.mean() < 0.35  # 80 x 100 px in a window of 200, cells touched by the hole included


def test_a_crop_takes_other_holes_as_missing():
    """The window of the first hole reaches 8 columns into the second, filled or not."""
    mask = np.zeros((40, 90), bool)
    mask[10:20, 10:20] = mask[10:20, 40:50] = True
    method = Recorder()
    with_strategy(method, "crop:48")(ramp(40, 90), mask)
    assert [int(hole[:40].sum()) for _, hole in method.seen] == [180, 100]


def test_tiles_cover_every_length_evenly():
    for length in range(1, 200):
        for side, overlap in ((32, 0), (32, 8), (32, 16), (17, 5)):
            starts = tile_starts(length, side, overlap)
            assert starts[0] == 0
            assert starts[-1] + side >= length
            assert starts[-1] == max(0, length - side)
            shared = [a + side - b for a, b in pairwise(starts)]
            assert all(overlap <= common < side for common in shared)


def test_only_tiles_at_the_hole_are_asked_and_blind_ones_look_further():
    mask = np.zeros((128, 128), bool)
    mask[:, :10] = True
    asked = [tile for _, row in tiles(mask, 32, 0) for tile in row]
    assert {tile.left for tile in asked} == {0}
    mask[:100] = True
    view = view_of(Window(0, 0, 32, 32), mask)
    assert view == Window(0, 0, 128, 128)
    assert view_of(Window(96, 96, 128, 128), mask) == Window(96, 96, 128, 128)


def test_tiles_meet_without_a_seam():
    """Tiles that differ by 100 grey levels: the step is spread over the overlap."""
    answers = iter(range(50, 1000, 100))
    method = Recorder(lambda part, _hole: np.full_like(part, next(answers)))
    mask = np.zeros((32, 56), bool)
    mask[8:20, 4:52] = True
    line = with_strategy(method, "tile:32:8")(ramp(32, 56), mask)[10, 4:52, 0].astype(int)
    assert (line[0], line[-1]) == (50, 150)
    assert np.abs(np.diff(line)).max() <= 100 / 8 + 1
    assert (np.diff(line) >= 0).all()


def test_groups_know_their_pixels_at_any_grid():
    mask = np.zeros((3000, 2050), bool)
    mask[0:5, 0:5] = mask[2990:3000, 2045:2050] = True
    groups = Groups(mask, 64)
    whole = Window(0, 0, 3000, 2050)
    owned = [groups.members(number, whole) & mask for number in (1, 2)]
    assert [int(part.sum()) for part in owned] == [25, 50]
    assert square_around(groups.boxes[1], 64, mask.shape) == Window(2936, 1986, 3000, 2050)


@pytest.mark.parametrize("text", ["native", "resize:512", "crop:256", "tile:512:64"])
def test_texts_and_strategies_name_each_other(text):
    assert str(Strategy.parse(text)) == text


def test_a_tile_s_overlap_has_a_default():
    assert Strategy.parse("tile:512") == Strategy("tile", 512, 64)


@pytest.mark.parametrize(
    "text",
    ["", "resise:512", "resize", "resize:", "resize:8", "resize:-512", "crop:64:8", "tile:64:33", "native:1"],
)
def test_other_texts_are_refused(text):
    with pytest.raises(MethodError, match=r"strategy|side|overlap"):
        Strategy.parse(text)


def test_the_card_says_the_strategy():
    method = baselines.load("telea")
    card = with_strategy(method, "tile:64").card
    assert card.name == "telea-tile-64-8"
    assert card.settings == {"radius_px": 3.0, "strategy": "tile:64:8", "working_resolution_px": 64}
    assert with_strategy(method, "native") is method


def test_a_wrong_answer_of_the_method_is_named():
    method = with_strategy(Recorder(lambda image, _mask: image[:5]), "resize:32")
    with pytest.raises(MethodFailedError, match=r"returned uint8 \(5, 32, 3\), expected uint8 \(32, 32, 3\)"):
        method(ramp(40, 40), np.ones((40, 40), bool))
