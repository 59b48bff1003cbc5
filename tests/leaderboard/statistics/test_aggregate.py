"""Means, intervals and latency."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leaderboard.results.per_image import ImageRow
from leaderboard.statistics.aggregate import aggregate_size, estimate


@given(st.lists(st.floats(-1e3, 1e3), min_size=8, max_size=40))
def test_the_interval_holds_the_mean_and_repeats(values):
    first, second = estimate(values), estimate(values)
    assert first == second
    assert first.low - 1e-9 <= first.mean <= first.high + 1e-9
    assert first.mean == pytest.approx(np.mean(values), abs=1e-9)


@pytest.mark.parametrize("images", [8, 12, 15, 30, 50])
def test_intervals_cover_the_truth_as_often_as_they_say(images):
    values = np.random.default_rng(images).normal(5, 2, (2000, images))
    found = [estimate(row) for row in values]
    assert 0.935 <= np.mean([each.low <= 5 <= each.high for each in found]) <= 0.965


def test_lopsided_noise_costs_coverage_within_bounds():
    """Student's t is short where few images are lopsided; docs/leaderboard.md has the table."""
    values = np.random.default_rng(1).gamma(2.0, 1.0, (2000, 15))
    found = [estimate(row) for row in values]
    assert 0.91 <= np.mean([each.low <= 2 <= each.high for each in found]) <= 0.955


def test_too_few_images_have_no_interval():
    assert estimate([3.0]).low is None
    assert estimate(list(range(7))).low is None
    assert estimate(list(range(8))).low is not None


def test_intervals_of_older_results_are_still_recomputed():
    older = estimate([0.0, 1.0, 2.0], "percentile-bootstrap")
    assert 0 <= older.low < older.mean < older.high <= 2


def row(**changes):
    values = {"id": "a", "size": "64", "status": "ok", "known_drift": 0.0, "seconds": [1.0], "m.full": 1.0}
    return ImageRow.from_record(values | {"peak_memory_bytes": 5} | changes)


def test_each_image_counts_once_however_often_it_was_timed():
    rows = [row(seconds=[1.0] * 9), row(seconds=[3.0]), row(seconds=[5.0, 2.0, 5.0], peak_memory_bytes=None)]
    part = aggregate_size(64, rows, ["m.full"])
    assert part.latency.median_s == 3.0
    assert part.latency.p90_s == pytest.approx(4.6)
    assert (part.latency.images, part.latency.runs, part.peak_memory_bytes) == (3, 13, 5)


def test_undefined_values_and_failures_do_not_count():
    rows = [row(), row(**{"m.full": None}), row(status="error"), row(status="left-out")]
    part = aggregate_size(64, rows, ["m.full"])
    assert (part.n, part.left_out, part.failures, part.metrics["m.full"].n) == (2, 1, {"error": 1}, 1)


def test_nothing_scored_is_nothing_claimed():
    part = aggregate_size(64, [row(status="error")], ["m.full"])
    assert (part.n, part.metrics, part.latency, part.known_drift) == (0, {}, None, None)
