"""The board: one entry per method and size, in the order of rank."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import metrics
from leaderboard.protocol.sizes import RANKED_BY, Size, size_order
from leaderboard.results.per_image import PerImage
from leaderboard.results.schema import Result, SizeResult
from leaderboard.statistics.ties import tied_with_best

# The regions that tables show; the others stand in CSV and JSON.
_REGIONS: Final = ("full", "hole")


@dataclass(frozen=True)
class Column:
    """A metric as tables show it.

    Attributes:
        key: ``name.region``, or the name of a metric of sets.
        heading: with region and unit.
        factor: to the unit shown.
        digits: after the point.
        higher_is_better: direction; ``None`` where neither is better as such.
    """

    key: str
    heading: str
    factor: float
    digits: int
    higher_is_better: bool | None

    def text(self, value: float) -> str:
        """A value in the unit shown."""
        return f"{value * self.factor:.{self.digits}f}"


@dataclass(frozen=True)
class Entry:
    """One row of the board.

    Attributes:
        size: side length in pixels, or ``native``.
        rank: place among the methods of this size; ``None`` when it was not scored.
        result: the result file's content.
        part: its part about this size.
        values: its values of each image, where the per-image file was read.
        tied: metrics in which the images cannot tell it from the best of its size; the best is among them.
    """

    size: Size
    rank: int | None
    result: Result
    part: SizeResult
    values: PerImage | None = None
    tied: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """Name of the method."""
        return self.result.method.name

    @property
    def device(self) -> str:
        """The processor that ran it."""
        return self.result.environment.gpu or self.result.environment.cpu


def rank(
    results: Sequence[Result], per_image: Sequence[Mapping[Size, PerImage]] | None = None
) -> list[Entry]:
    """Entries ordered by size, then rank; unscored methods last, by name.

    Args:
        results: one of each method and size.
        per_image: values of each image, one mapping per result; ties need them.
    """
    arrays: Sequence[Mapping[Size, PerImage]] = per_image or [{} for _ in results]
    entries = []
    for size in sorted({part.size for result in results for part in result.sizes}, key=size_order):
        of_size = [
            Entry(size, None, result, part, values.get(size))
            for result, values in zip(results, arrays, strict=True)
            for part in result.sizes
            if part.size == size
        ]
        of_size.sort(key=_order)
        scored = [value(entry, RANKED_BY) for entry in of_size]
        places = [None if found is None else scored.index(found) + 1 for found in scored]
        ties = _ties(of_size)
        entries += [
            replace(entry, rank=place, tied=frozenset(key for key in ties if entry.name in ties[key]))
            for entry, place in zip(of_size, places, strict=True)
        ]
    return entries


def _ties(of_size: Sequence[Entry]) -> dict[str, set[str]]:
    """Metric key → names of the best method and those tied with it."""
    arrays = {entry.name: entry.values for entry in of_size if entry.values is not None}
    ties = {}
    for column in columns(of_size):
        values = {
            name: found.values[column.key] for name, found in arrays.items() if column.key in found.values
        }
        if values and column.higher_is_better is not None:
            ties[column.key] = tied_with_best(values, higher_is_better=column.higher_is_better)
    return ties


def columns(entries: Sequence[Entry]) -> list[Column]:
    """The columns of a board: each measured metric, full image then hole, in the registry's order."""
    measured = {key for entry in entries for key in (*entry.part.metrics, *entry.part.distributions)}
    shown = []
    for spec in metrics.list_metrics():
        regions = [region for region in _REGIONS if region in spec.regions]
        keys = [f"{spec.name}.{region}" for region in regions] or list(spec.keys)
        shown += [_column(spec, key) for key in keys if key in measured]
    return shown


def column_of(key: str) -> Column:
    """How tables show a metric.

    Args:
        key: ``name.region``, or the name of a metric of sets.

    Raises:
        metrics.MetricError: no metric is called so.
    """
    return _column(metrics.get(key.partition(".")[0]), key)


def _column(spec: metrics.MetricSpec, key: str) -> Column:
    factor, unit, digits = (100.0, ", %", 3) if spec.name == "l1" else (1.0, "", 4)
    if spec.unit == "dB":
        unit, digits = ", dB", 2
    return Column(key, f"{key.replace('.', ' ')}{unit}", factor, digits, spec.higher_is_better)


def value(entry: Entry, key: str) -> float | None:
    """Mean of a metric of pictures, or value of a metric of sets; ``None`` where there is none."""
    estimate, distribution = entry.part.metrics.get(key), entry.part.distributions.get(key)
    if estimate is not None:
        return estimate.mean
    return None if distribution is None else distribution.value


def _order(entry: Entry) -> tuple[bool, float, str]:
    error = value(entry, RANKED_BY)
    return error is None, error or 0.0, entry.name


def flat(entry: Entry) -> dict[str, Any]:
    """An entry as one flat record for CSV and JSON, in SI units and the metrics' own scale."""
    result, part = entry.result, entry.part
    record: dict[str, Any] = {
        "size": entry.size,
        "rank": entry.rank,
        "method": entry.name,
        "method_version": result.method.version,
        "parameters": result.method.parameters,
        "dataset": f"{result.dataset.name} {result.dataset.version}",
        "fingerprint": result.dataset.fingerprint,
        "origin": "measured",
        "n": part.n,
        "left_out": part.left_out,
        "failures": sum(part.failures.values()),
    }
    for key, estimate in part.metrics.items():
        record |= {key: estimate.mean, f"{key}.low": estimate.low, f"{key}.high": estimate.high}
    for key, found in part.distributions.items():
        record |= {key: found.value, f"{key}.n": found.n, f"{key}.deviation": found.deviation}
    record["tied_with_best"] = " ".join(sorted(entry.tied))
    record |= {
        "latency_median_s": part.latency.median_s if part.latency else None,
        "latency_p90_s": part.latency.p90_s if part.latency else None,
        "latency_model_median_s": part.latency.model_median_s if part.latency else None,
        "peak_memory_bytes": part.peak_memory_bytes,
        "device": entry.device,
        "threads": result.environment.threads,
    }
    return record
