"""Rank results: one entry per method and size, and the facts that all views of a board share."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import metrics
from leaderboard.protocol.sizes import RANKED_BY, Size, size_order
from leaderboard.results.per_image import PerImage
from leaderboard.results.schema import Result, SizeResult
from leaderboard.statistics.ties import tied_with_best

# The regions that tables show; the others stand in CSV and JSON.
_REGIONS: Final = ("full", "hole")


@dataclass(frozen=True)
class Column:
    """Metric as tables show it.

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
        """Format a value in the unit shown."""
        return f"{value * self.factor:.{self.digits}f}"


@dataclass(frozen=True)
class Entry:
    """One row of the board.

    Attributes:
        size: side length in pixels, a frame, or ``native``.
        rank: rank among the methods of this size, from 1; ``None`` when it was not scored.
        result: the result file's content.
        size_result: its aggregates at this size.
        values: its values of each image, where the per-image file was read.
        best: metrics in which it has the best value of its size.
        tied: metrics in which the images cannot tell it from the best of its size; the best is among them.
    """

    size: Size
    rank: int | None
    result: Result
    size_result: SizeResult
    values: PerImage | None = None
    best: frozenset[str] = frozenset()
    tied: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """Name the method."""
        return self.result.method.name

    @property
    def device(self) -> str:
        """Name the processor that ran it."""
        return self.result.environment.gpu or self.result.environment.cpu

    def score(self, key: str) -> float | None:
        """Look up the mean of a metric of pictures, or the value of one of sets; ``None`` without one."""
        estimate = self.size_result.metrics.get(key)
        if estimate is not None:
            return estimate.mean
        distribution = self.size_result.distributions.get(key)
        return None if distribution is None else distribution.value


@dataclass(frozen=True)
class Board:
    """Entries in the order of size and rank; everything else follows from them, once.

    Attributes:
        entries: ranked by `rank`.
    """

    entries: Sequence[Entry]

    @cached_property
    def columns(self) -> Sequence[Column]:
        """List the metrics that at least one entry has, full image then hole, in the registry's order."""
        measured: set[str] = set()
        for entry in self.entries:
            measured |= {*entry.size_result.metrics, *entry.size_result.distributions}
        return [column for column in _registered_columns() if column.key in measured]

    @cached_property
    def by_size(self) -> Mapping[Size, "Board"]:
        """Map each size to its own board, with the columns that were measured there."""
        sizes = dict.fromkeys(entry.size for entry in self.entries)
        return {size: Board([entry for entry in self.entries if entry.size == size]) for size in sizes}

    @property
    def sizes(self) -> Sequence[Size]:
        """List the sizes, smallest first."""
        return list(self.by_size)

    @cached_property
    def ranked_column(self) -> Column | None:
        """Find the column that ranks; ``None`` where nothing was scored by it."""
        return next((column for column in self.columns if column.key == RANKED_BY), None)

    @cached_property
    def start_size(self) -> Size:
        """Choose the size shown first: the dataset's headline, if it was scored.

        Otherwise the size that most methods were scored at; of equals, the largest.
        """
        headline = self.results[0].dataset.headline
        if headline is not None and headline in self.by_size and self.by_size[headline].scored:
            return headline
        return max(self.sizes, key=lambda size: (self.by_size[size].scored, size_order(size)))

    @property
    def scored(self) -> int:
        """Count the entries with a rank."""
        return sum(entry.rank is not None for entry in self.entries)

    @cached_property
    def results(self) -> Sequence[Result]:
        """List the results, each once, in the order of their first entries."""
        return list({id(entry.result): entry.result for entry in self.entries}.values())

    @cached_property
    def image_ids(self) -> Sequence[str]:
        """List the measured images in the order of the per-image arrays."""
        return sorted(self.results[0].dataset.ids)

    @cached_property
    def methods(self) -> Mapping[str, Mapping[Size, Entry]]:
        """Map each method to its entries by size, in the order of first entries."""
        names = dict.fromkeys(entry.name for entry in self.entries)
        return {name: {entry.size: entry for entry in self.entries if entry.name == name} for name in names}


def rank(results: Sequence[Result], per_image: Sequence[Mapping[Size, PerImage]] | None = None) -> Board:
    """Order entries by size, then rank; unscored methods last, by name.

    Args:
        results: one of each method and size.
        per_image: values of each image, one mapping per result; ties need them.
    """
    arrays: Sequence[Mapping[Size, PerImage]] = per_image or [{} for _ in results]
    unranked = [
        Entry(size_result.size, None, result, size_result, values.get(size_result.size))
        for result, values in zip(results, arrays, strict=True)
        for size_result in result.sizes
    ]
    sizes = sorted({entry.size for entry in unranked}, key=size_order)
    return Board(
        [entry for size in sizes for entry in _ranked([entry for entry in unranked if entry.size == size])]
    )


def _ranked(of_size: Sequence[Entry]) -> list[Entry]:
    """Rank the entries of one size, and mark the best of each metric and those tied with it."""
    ordered = sorted(of_size, key=_by_error)
    errors = [entry.score(RANKED_BY) for entry in ordered]
    columns = [column for column in Board(ordered).columns if column.higher_is_better is not None]
    best = {column.key: _best(ordered, column) for column in columns}
    tied = {column.key: _tied(ordered, column) for column in columns}
    return [
        replace(
            entry,
            rank=None if error is None else errors.index(error) + 1,
            best=frozenset(key for key, names in best.items() if entry.name in names),
            tied=frozenset(key for key, names in tied.items() if entry.name in names),
        )
        for entry, error in zip(ordered, errors, strict=True)
    ]


def _by_error(entry: Entry) -> tuple[bool, float, str]:
    error = entry.score(RANKED_BY)
    return error is None, error or 0.0, entry.name


def _best(of_size: Sequence[Entry], column: Column) -> set[str]:
    """Find the methods with the best value."""
    scores = {entry.name: score for entry in of_size if (score := entry.score(column.key)) is not None}
    if not scores:
        return set()
    top = (max if column.higher_is_better else min)(scores.values())
    return {name for name, score in scores.items() if score == top}


def _tied(of_size: Sequence[Entry], column: Column) -> set[str]:
    """Find the best method and those that the images cannot tell from it."""
    values = {
        entry.name: entry.values.values[column.key]
        for entry in of_size
        if entry.values is not None and column.key in entry.values.values
    }
    return tied_with_best(values, higher_is_better=bool(column.higher_is_better)) if values else set()


def _registered_columns() -> list[Column]:
    """List the columns of all metrics, full image then hole, in the registry's order."""
    columns = []
    for spec in metrics.list_metrics():
        regions = [region for region in _REGIONS if region in spec.regions]
        keys = [f"{spec.name}.{region}" for region in regions] or list(spec.keys)
        columns += [_column(spec, key) for key in keys]
    return columns


def column_of(key: str) -> Column:
    """Make the column of a metric.

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
