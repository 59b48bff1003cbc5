"""Means, intervals and latency."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leaderboard.results.per_image import ImageRow
from leaderboard.statistics.aggregate import aggregate_size, estimate


@given(st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=40))
def test_the_interval_holds_the_mean_and_repeats(values):
    first, second = estimate(values), estimate(values)
    assert first == second
    assert first.low - 1e-9 <= first.mean <= first.high + 1e-9
    assert first.mean == pytest.approx(np.mean(values), abs=1e-9)


def test_intervals_cover_the_truth_as_often_as_they_say():
    generator = np.random.default_rng(0)
    hits = 0
    for _ in range(300):
        found = estimate(generator.normal(5, 2, 60))
        hits += found.low <= 5 <= found.high
    assert 0.90 <= hits / 300 <= 0.985


def test_one_image_has_no_interval():
    assert estimate([3.0]).low is None


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
