"""Fits: planted slopes are found, and their intervals cover them as often as they say."""

import numpy as np
import pytest

from leaderboard.statistics.scaling import line, power_law


def test_a_planted_exponent_is_found():
    pixels = [512**2, 1024**2, 3840 * 2160, 8192**2]
    fit = power_law(pixels, [3e-9 * n**1.25 for n in pixels])
    assert fit.slope == pytest.approx(1.25)
    assert np.exp(fit.intercept) == pytest.approx(3e-9)
    assert fit.r2 == pytest.approx(1.0)
    assert (fit.low, fit.high) == pytest.approx((1.25, 1.25))


def test_too_few_points_give_no_line_or_no_interval():
    assert power_law([], []) is None
    assert power_law([4.0], [1.0]) is None
    assert line([2.0, 2.0], [1.0, 3.0]) is None
    two = line([0.0, 1.0], [1.0, 3.0])
    assert (two.slope, two.intercept, two.low, two.points) == (2.0, 1.0, None, 2)


def test_the_interval_covers_the_truth_in_95_of_100_cases():
    rng = np.random.default_rng(0)
    x = np.log([5.0, 15.0, 30.0, 40.0, 50.0, 55.0])
    hits = 0
    for _ in range(2000):
        fit = line(x.tolist(), (0.7 * x + rng.normal(0, 0.1, len(x))).tolist())
        hits += fit.low <= 0.7 <= fit.high
    assert 0.93 < hits / 2000 < 0.97
