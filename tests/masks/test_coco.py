import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from masks import MaskError, from_coco, to_coco

_Y, _X = np.mgrid[:60, :90]

_DISC = (
    r"hn0=\16K4L4M2M4M2N2N2O0O2N2O0O2O0O2O000O2O00000000000000000000000"
    r"1N10001N101N101N2N101N2N2N3L3N3L4L5JW^1"
)

# Made with pycocotools 2.0.11, pycocotools.mask.encode.
OFFICIAL = {
    "disc": (
        (_X - 40) ** 2 + (_Y - 30) ** 2 < 25**2,
        _DISC,
    ),
    "full": (np.ones((3, 4), bool), "0<"),
    "empty": (np.zeros((3, 4), bool), "<"),
    "noise": (
        np.array([int(c) for c in "01101111111001000001011001111010101"]).reshape(5, 7) == 1,
        "11130M011OO020O2OO0000",
    ),
}


@pytest.mark.parametrize("name", list(OFFICIAL))
def test_text_is_what_pycocotools_writes(name):
    mask, text = OFFICIAL[name]
    encoded = to_coco(mask)
    assert encoded == {"size": list(mask.shape), "counts": text}
    np.testing.assert_array_equal(from_coco(encoded), mask)
    np.testing.assert_array_equal(from_coco({**encoded, "counts": text.encode()}), mask)


@settings(max_examples=100, deadline=None)
@given(arrays(bool, st.tuples(st.integers(1, 30), st.integers(1, 70))), st.booleans())
def test_round_trip(mask, compressed):
    decoded = from_coco(to_coco(mask, compressed=compressed))
    np.testing.assert_array_equal(decoded, mask)
    assert decoded.flags.c_contiguous


@pytest.mark.parametrize(
    ("encoded", "message"),
    [
        ({"counts": [4]}, "'size'"),
        ({"size": [2, 2]}, "'counts'"),
        ({"size": [2, 2], "counts": [3]}, "cover 3 pixels"),
        ({"size": [2, 2], "counts": [-1, 5]}, "'counts'"),
        ({"size": [2, 0], "counts": []}, "'size'"),
        ({"size": [2, 2], "counts": "4~"}, "alphabet lacks"),
        ({"size": [2, 2], "counts": "P"}, "cut off"),
        ({"size": [99999, 99999], "counts": [9999800001]}, "larger than"),
    ],
)
def test_malformed_ones_are_refused(encoded, message):
    with pytest.raises(MaskError, match=message):
        from_coco(encoded)


def test_numbers_and_arrays_of_numpy_are_taken():
    mask = np.zeros((6, 5), np.bool_)
    mask[1:4, 2:5] = True
    runs = np.asarray(to_coco(mask, compressed=False)["counts"])
    shape = np.array(mask.shape)
    for counts in (
        list(runs),
        runs,
        tuple(runs.tolist()),
        runs.astype(np.uint8),
        list(runs.astype(np.uint16)),
    ):
        for size in (list(shape), shape, tuple(mask.shape), shape.astype(np.int32)):
            assert np.array_equal(from_coco({"size": size, "counts": counts}), mask)


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ([np.int64(-1), np.int64(31)], "hold -1"),
        ([1.5, 28.5], "hold 1.5"),
        (np.array([30.0]), "hold 30.0"),
        ({"a": 1}, "found dict"),
        (None, "found NoneType"),
        ([True, 29], "hold True"),
    ],
)
def test_runs_are_refused_with_the_true_reason(counts, words):
    with pytest.raises(MaskError, match=words):
        from_coco({"size": [6, 5], "counts": counts})
