"""Gradient energy on pictures whose values are worked out by hand."""

import numpy as np
import pytest

import metrics


def stripes(height, width, step):
    """Columns that alternate between two greys, ``step`` apart."""
    grey = 100 + step * (np.arange(width) % 2)
    return np.repeat(np.tile(grey, (height, 1))[..., None], 3, axis=2).astype(np.uint8)


def hole(height, width):
    mask = np.zeros((height, width), bool)
    mask[3:9, 4:12] = True
    return mask


def test_half_the_contrast_has_half_the_energy():
    target, mask = stripes(16, 16, 40), hole(16, 16)
    scores = metrics.compute(stripes(16, 16, 20), target, mask, names=["energy"])
    assert scores["energy.ratio"] == pytest.approx(0.5, rel=1e-12)
    # 6 x 7 pairs along rows differ by 40, 5 x 8 along columns by nothing.
    mean = 40 * 42 / 82
    assert scores["energy.gap"] == pytest.approx(np.log((mean + 0.01) / (mean / 2 + 0.01)), rel=1e-12)


def test_too_much_is_as_far_as_too_little_and_a_flat_fill_is_finite():
    target, mask = stripes(16, 16, 40), hole(16, 16)
    double = metrics.compute(stripes(16, 16, 80), target, mask, names=["energy"])
    assert double["energy.gap"] == pytest.approx(np.log(2), abs=1e-3)
    flat = metrics.compute(stripes(16, 16, 0), target, mask, names=["energy"])
    assert flat["energy.ratio"] == 0
    assert 5 < flat["energy.gap"] < 10


def test_the_boundary_of_the_hole_and_the_known_region_do_not_count():
    target, mask = stripes(16, 16, 40), hole(16, 16)
    prediction = np.full_like(target, 7)
    prediction[mask] = target[mask]
    scores = metrics.compute(prediction, target, mask, names=["energy"])
    assert scores == {"energy.ratio": 1.0, "energy.gap": 0.0}


def test_nothing_to_compare_has_no_value():
    target, mask = stripes(16, 16, 0), hole(16, 16)
    scores = metrics.compute(stripes(16, 16, 9), target, mask, names=["energy"])
    assert scores["energy.ratio"] is None
    assert "no detail at all" in scores.reasons["energy.ratio"]
    single = np.zeros((16, 16), bool)
    single[5, 5] = True
    scores = metrics.compute(target, target, single, names=["energy"])
    assert scores["energy.gap"] is None
