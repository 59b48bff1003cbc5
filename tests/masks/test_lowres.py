import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from masks import MaskError, low_resolution


@st.composite
def shrinking(draw):
    mask = draw(arrays(bool, st.tuples(st.integers(1, 40), st.integers(1, 40))))
    return mask, draw(st.integers(1, mask.shape[1])), draw(st.integers(1, mask.shape[0]))


@settings(max_examples=150, deadline=None)
@given(shrinking())
def test_any_leaves_no_missing_pixel_in_a_known_cell(case):
    mask, width, height = case
    small = low_resolution(mask, width, height, rule="any")
    expected = np.zeros((height, width), bool)
    for row in range(height):
        for column in range(width):
            rows = slice(row * mask.shape[0] // height, -(-(row + 1) * mask.shape[0] // height))
            columns = slice(column * mask.shape[1] // width, -(-(column + 1) * mask.shape[1] // width))
            expected[row, column] = mask[rows, columns].any()
    np.testing.assert_array_equal(small, expected)
    assert not (low_resolution(mask, width, height, rule="nearest") & ~small).any()


def test_nearest_is_torchs_nearest():
    torch = pytest.importorskip("torch")
    mask = np.random.RandomState(3).rand(48, 96) > 0.5
    for height, width in ((8, 16), (12, 48), (48, 96), (5, 7)):
        resized = torch.nn.functional.interpolate(
            torch.tensor(mask)[None, None].float(), size=(height, width)
        )
        small = low_resolution(mask, width, height, rule="nearest")
        np.testing.assert_array_equal(small, resized[0, 0].numpy() > 0)


def test_unknown_rules_and_finer_grids_are_refused():
    mask = np.zeros((4, 4), bool)
    with pytest.raises(MaskError, match="never enlarged"):
        low_resolution(mask, 5, 4, rule="any")
    with pytest.raises(MaskError, match="'any' and 'nearest'"):
        low_resolution(mask, 2, 2, rule="area")
