"""Summarise per-image rows into the figures of a result; the same rows always give the same numbers."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from statistics import median
from typing import Final

import numpy as np

from df8k.leaderboard.protocol.sizes import Size
from df8k.leaderboard.results.per_image import ImageRow
from df8k.leaderboard.results.schema import Distribution, Estimate, Intervals, Latency, SizeResult

from .bootstrap import percentile_interval
from .intervals import student_interval

# What says as much about the machine as about the method.
_OF_MACHINE: Final = ("latency", "peak_memory_bytes")


def estimate(values: Sequence[float], intervals: Intervals = "student-t") -> Estimate:
    """Compute the mean with its 95 % interval over images; too few images have none.

    Args:
        values: one finite value per image, at least one.
        intervals: kind of the interval.
    """
    array = np.asarray(values, dtype=np.float64)
    interval = student_interval(array) if intervals == "student-t" else percentile_interval(array)
    low, high = interval or (None, None)
    return Estimate(mean=float(array.mean()), low=low, high=high, n=len(array))


def aggregate(
    sizes: Sequence[Size],
    rows: Sequence[ImageRow],
    metric_columns: Sequence[str],
    distributions: Callable[[Size, list[str]], Mapping[str, Distribution]],
    *,
    one_machine: bool = True,
    intervals: Intervals = "student-t",
) -> list[SizeResult]:
    """Summarise all sizes.

    Args:
        sizes: in the order of the result.
        rows: of all sizes.
        metric_columns: ``name.region`` columns.
        distributions: gives the values over the set of pictures of a size; called with their IDs.
        one_machine: whether all rows were measured on one; times and memory of several are not pooled.
        intervals: kind of the intervals of means.
    """
    size_results = []
    for size in sizes:
        # Sums and resamples must not depend on the order of the work.
        of_size = sorted((row for row in rows if row.size == str(size)), key=lambda row: str(row.id))
        scored = [row.id for row in of_size if row.status == "ok"]
        size_result = aggregate_size(size, of_size, metric_columns, distributions(size, scored), intervals)
        if not one_machine:
            size_result = size_result.model_copy(update=dict.fromkeys(_OF_MACHINE))
        size_results.append(size_result)
    return size_results


def aggregate_size(
    size: Size,
    rows: Sequence[ImageRow],
    metric_columns: Sequence[str],
    distributions: Mapping[str, Distribution] | None = None,
    intervals: Intervals = "student-t",
) -> SizeResult:
    """Summarise the rows of one size.

    Args:
        size: side length in pixels, or ``native``.
        rows: one per image of the dataset, left-out images among them.
        metric_columns: ``name.region`` columns.
        distributions: values over the set of pictures, computed elsewhere.
        intervals: kind of the intervals of means.
    """
    scored = [row for row in rows if row.status == "ok"]
    left_out = sum(row.status == "left-out" for row in rows)
    failures = Counter(row.status for row in rows if row.status not in {"ok", "left-out"})
    metrics = {}
    for column in metric_columns:
        values = [value for row in scored if (value := row.scores.get(column)) is not None]
        if values:
            metrics[column] = estimate(values, intervals)
    peaks = [row.peak_memory_bytes for row in scored if row.peak_memory_bytes is not None]
    drift = [row.known_drift for row in scored if row.known_drift is not None]
    return SizeResult(
        size=size,
        n=len(scored),
        left_out=left_out,
        failures=dict(sorted(failures.items())),
        metrics=metrics,
        distributions=distributions or {},
        known_drift=estimate(drift, intervals) if drift else None,
        latency=latency_of(scored),
        peak_memory_bytes=max(peaks) if peaks else None,
    )


def latency_of(rows: Sequence[ImageRow]) -> Latency | None:
    """Summarise latency over the rows of one size; ``None`` where nothing was timed."""
    scored = [row for row in rows if row.status == "ok"]
    runs = [row.seconds or () for row in scored]
    medians = [median(seconds) for seconds in runs if seconds]
    if not medians:
        return None
    models = [median(seconds) for row in scored if (seconds := row.model_seconds)]
    return Latency(
        median_s=float(np.quantile(medians, 0.5)),
        p90_s=float(np.quantile(medians, 0.9)),
        images=len(medians),
        runs=sum(map(len, runs)),
        model_median_s=float(np.quantile(models, 0.5)) if len(models) == len(medians) else None,
    )
