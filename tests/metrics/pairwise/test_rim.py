"""The seam and known-drift measures on pictures whose values are worked out by hand."""

import numpy as np
import pytest

import metrics
from tests.metrics.pictures import blob, composite, noisy, scene


def ramp(height, width):
    """A picture without any gradient break: every channel a plane."""
    y, x = np.mgrid[:height, :width]
    return np.stack([2 * x + y, x + 2 * y, x + y], axis=2).astype(np.uint8)


def square_hole(size, first, last):
    mask = np.zeros((size, size), bool)
    mask[first:last, first:last] = True
    return mask


def test_a_ramp_has_no_break_and_an_offset_fill_has_its_height():
    target, mask = ramp(40, 40), square_hole(40, 10, 30)
    prediction = target.copy()
    prediction[mask] += 51
    scores = metrics.compute(prediction, target, mask, names=["seam"])
    assert scores["seam.excess"] == pytest.approx(0.2, rel=1e-12)
    assert scores["seam.ratio"] is None
    assert "original has no gradient break" in scores.reasons["seam.ratio"]


def test_the_original_itself_joins_like_the_original():
    target, mask = scene(60, 60), blob(60, 60)
    scores = metrics.compute(target, target, mask, names=["seam"])
    assert scores == {"seam.excess": 0.0, "seam.ratio": 1.0}


def test_a_smoother_rim_is_below_the_original():
    target, mask = scene(60, 60), square_hole(60, 20, 40)
    prediction = target.copy()
    prediction[mask] = np.array([120, 120, 120])
    rough = metrics.compute(noisy(target, 40), target, mask, names=["seam"])
    flat = metrics.compute(ramp(60, 60), target, mask, names=["seam"])
    assert flat["seam.excess"] < 0 < rough["seam.excess"]
    assert flat["seam.ratio"] < 1 < rough["seam.ratio"]


@pytest.mark.parametrize("mask", [np.ones((9, 9), bool), np.zeros((9, 9), bool)])
def test_without_a_rim_there_is_no_seam(mask):
    target = scene(9, 9)
    scores = metrics.compute(target, target, mask, names=["seam"])
    assert scores["seam.excess"] is None
    assert "known neighbour" in scores.reasons["seam.excess"]


def test_drift_counts_known_pixels_alone():
    target, mask = scene(50, 40), blob(50, 40)
    composited = composite(noisy(target, 50), target, mask)
    assert set(metrics.compute(composited, target, mask, names=["known-drift"]).values()) == {0.0}
    known = np.argwhere(~mask)[:10]
    drifted = composited.copy()
    for y, x in known:
        drifted[y, x, 1] ^= 128
    scores = metrics.compute(drifted, target, mask, names=["known-drift"])
    count = (~mask).sum()
    assert scores["known-drift.changed"] == pytest.approx(10 / count)
    assert scores["known-drift.known"] == pytest.approx(10 * 128 / (3 * 255 * count))
    assert scores["known-drift.largest"] == pytest.approx(128 / 255)


def test_drift_needs_a_known_pixel():
    target = scene(9, 9)
    scores = metrics.compute(target, target, np.ones((9, 9), bool), names=["known-drift"])
    assert scores.reasons["known-drift.known"] == "no pixel is known"
