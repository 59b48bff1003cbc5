"""Rank results: one entry per method and size, and the facts that all views of a board share."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Final

import numpy as np

from df8k.leaderboard.latency.results import LatencyResult
from df8k.leaderboard.protocol.ranking import PIXEL_ERROR, ranking_key
from df8k.leaderboard.protocol.sizes import Size, size_order
from df8k.leaderboard.results.per_image import PerImage
from df8k.leaderboard.results.schema import Result, SizeResult
from df8k.leaderboard.results.votes import Outcome, Strength
from df8k.leaderboard.statistics.intervals import Array, student_interval
from df8k.leaderboard.statistics.ties import Pair, corrected_tests, tied_with_best

from .claims import TEXTURE, Candidate, Claim, learning_claims, texture_claims
from .columns import VOTES, Column, column_of, registered_columns
from .timing import Timing, timing_of

_STRENGTH: Final = "energy"
# Every pair of methods with its p after Holm's correction for all of them.
Tests = Sequence[tuple[Pair, float]]


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
        claim: whether it may claim texture; ``None`` for a control.
        learning: whether its training shows; ``None`` where its untrained control is not on the board.
        timing: how long it took; ``None`` where nothing was timed.
        votes: its strength in people's votes at this size; ``None`` without any.
    """

    size: Size
    rank: int | None
    result: Result
    size_result: SizeResult
    values: PerImage | None = None
    best: frozenset[str] = frozenset()
    tied: frozenset[str] = frozenset()
    claim: Claim | None = None
    learning: Claim | None = None
    timing: Timing | None = None
    votes: Strength | None = None

    @property
    def name(self) -> str:
        """Name the method."""
        return self.result.method.name

    @property
    def device(self) -> str:
        """Name the processor that ran it."""
        return self.result.environment.gpu or self.result.environment.cpu

    def score(self, key: str) -> float | None:
        """Look up the mean of a metric of pictures, the value of one of sets, or the votes; else ``None``."""
        if key == VOTES.key:
            return None if self.votes is None else self.votes.value
        estimate = self.size_result.metrics.get(key)
        if estimate is not None:
            return estimate.mean
        distribution = self.size_result.distributions.get(key)
        return None if distribution is None else distribution.value

    def image_values(self, key: str) -> Array | None:
        """Give a value of each image, NaN where there is none: of a metric of sets, its pseudo-values."""
        return None if self.values is None else self.values.values.get(key)

    def interval(self, key: str) -> tuple[float, float] | None:
        """Compute the 95 % interval of a score; ``None`` where too few images carry one."""
        if key == VOTES.key:
            return None if self.votes is None else (self.votes.low, self.votes.high)
        values, score = self.image_values(key), self.score(key)
        if values is None or score is None:
            return None
        return student_interval(values[np.isfinite(values)], centre=score)


@dataclass(frozen=True)
class Board:
    """Entries in the order of size and rank; everything else follows from them, once.

    Attributes:
        entries: ranked by `rank`.
        ranked_by: key of the metric that ranks; ``None`` where no perceptual one was measured.
        notes: on the results as files.
        tests: size → key of a metric → `Tests` of its methods, where the per-image files were read.
        votes: of people, one outcome a size.
    """

    entries: Sequence[Entry]
    ranked_by: str | None = None
    notes: Sequence[str] = ()
    tests: Mapping[Size, Mapping[str, Tests]] = field(default_factory=dict)
    votes: Sequence[Outcome] = ()

    @cached_property
    def columns(self) -> Sequence[Column]:
        """List the metrics that at least one entry has, full image then hole, in the registry's order.

        People's votes come last. `swd` whitens each set, so it is blind to contrast: it is not shown without
        gradient energy beside it.
        """
        measured: set[str] = set()
        for entry in self.entries:
            measured |= {*entry.size_result.metrics, *entry.size_result.distributions}
        if not any(key.startswith(f"{_STRENGTH}.") for key in measured):
            measured.discard(TEXTURE)
        voted = [VOTES] if any(entry.votes for entry in self.entries) else []
        return [*(column for column in registered_columns() if column.key in measured), *voted]

    @cached_property
    def by_size(self) -> Mapping[Size, "Board"]:
        """Map each size to its own board, with the columns that were measured there."""
        sizes = dict.fromkeys(entry.size for entry in self.entries)
        return {size: self.of([e for e in self.entries if e.size == size]) for size in sizes}

    def of(self, entries: Sequence[Entry]) -> "Board":
        """Make a board of some of the entries, ranked by the same metric."""
        return Board(entries, self.ranked_by, tests=self.tests, votes=self.votes)

    @property
    def sizes(self) -> Sequence[Size]:
        """List the sizes, smallest first."""
        return list(self.by_size)

    @cached_property
    def ranked_column(self) -> Column | None:
        """Find the column that ranks; ``None`` where nothing was scored by it."""
        return next((column for column in self.columns if column.key == self.ranked_by), None)

    @property
    def leading(self) -> Column:
        """Choose the metric that pages show: the one that ranks, or the error of pixels where none does."""
        return column_of(self.ranked_by or PIXEL_ERROR)

    @cached_property
    def start_size(self) -> Size:
        """Choose the size shown first: the dataset's headline, if it was scored.

        Otherwise the size that most methods were scored at; of equals, the largest.
        """
        headline = self.results[0].dataset.headline
        if headline is not None and headline in self.by_size and self.by_size[headline].scored:
            return headline
        return max(self.sizes, key=lambda size: (*self.by_size[size].counts, size_order(size)))

    @property
    def counts(self) -> tuple[int, int]:
        """Count the entries with a rank, and those that scored any image at all."""
        return self.scored, sum(entry.size_result.n > 0 for entry in self.entries)

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


def rank(
    results: Sequence[Result],
    per_image: Sequence[Mapping[Size, PerImage]] | None = None,
    latency: Sequence[LatencyResult] = (),
    votes: Sequence[Outcome] = (),
) -> Board:
    """Order entries by size, then rank; unscored methods last, by name.

    Args:
        results: one of each method and size.
        per_image: values of each image, one mapping per result; intervals, ties and claims need them.
        latency: results of `df8k latency`, for the times.
        votes: of people, one outcome a size.
    """
    voted = {(vote.size, one.method): one for vote in votes for one in vote.fit.strengths}
    arrays: Sequence[Mapping[Size, PerImage]] = per_image or [{} for _ in results]
    unranked = [
        Entry(
            size_result.size,
            None,
            result,
            size_result,
            values.get(size_result.size),
            timing=timing_of(
                result.method,
                size_result,
                latency,
                shared=any(share.shared_machine for share in result.parts),
            ),
            votes=voted.get((size_result.size, result.method.name)),
        )
        for result, values in zip(results, arrays, strict=True)
        for size_result in result.sizes
    ]
    sizes = sorted({entry.size for entry in unranked}, key=size_order)
    key = ranking_key([entry.size_result.metrics for entry in unranked if entry.size_result.n])
    by_size = {size: [entry for entry in unranked if entry.size == size] for size in sizes}
    tests = {size: _tests(of_size) for size, of_size in by_size.items()}
    ranked = [_ranked(of_size, key, tests[size]) for size, of_size in by_size.items()]
    return Board([entry for of_size in ranked for entry in of_size], key, tests=tests, votes=votes)


def _tests(of_size: Sequence[Entry]) -> dict[str, Tests]:
    """Test the methods of one size against each other, by every metric that has a direction."""
    columns = _judged_columns(of_size)
    values = {column.key: _values(of_size, column) for column in columns}
    return {key: corrected_tests(of_images) for key, of_images in values.items() if of_images}


def _judged_columns(of_size: Sequence[Entry]) -> list[Column]:
    """List the metrics that have a direction; strengths of votes have no values of images to test."""
    columns = Board(of_size).columns
    return [column for column in columns if column.higher_is_better is not None and column is not VOTES]


def _ranked(of_size: Sequence[Entry], key: str | None, tests: Mapping[str, Tests]) -> list[Entry]:
    """Rank the entries of one size, and mark the best of each metric and those tied with it."""
    ordered = sorted(of_size, key=lambda entry: (_penalty(entry, key), entry.name))
    penalties = [_penalty(entry, key) for entry in ordered]
    columns = _judged_columns(ordered)
    best = {column.key: _best(ordered, column) for column in columns}
    tied = {column.key: _tied(ordered, column, tests.get(column.key)) for column in columns}
    candidates = [_candidate(entry, key) for entry in ordered if entry.size_result.n]
    claims, learning = texture_claims(candidates), learning_claims(candidates)
    return [
        replace(
            entry,
            rank=None if np.isinf(penalty) else penalties.index(penalty) + 1,
            best=frozenset(key for key, names in best.items() if entry.name in names),
            tied=frozenset(key for key, names in tied.items() if entry.name in names),
            claim=claims.get(entry.name),
            learning=learning.get(entry.name),
        )
        for entry, penalty in zip(ordered, penalties, strict=True)
    ]


def _penalty(entry: Entry, key: str | None) -> float:
    """Give the score that ranks so that lower is better; infinite where there is none."""
    score = None if key is None else entry.score(key)
    if key is None or score is None:
        return float("inf")
    return -score if column_of(key).higher_is_better else score


def _candidate(entry: Entry, key: str | None) -> Candidate:
    perception = None if key is None else entry.image_values(key)
    if key is not None and perception is not None and column_of(key).higher_is_better:
        perception = -perception
    method = entry.result.method
    return Candidate(method.name, method.control, method.untrained, entry.image_values(TEXTURE), perception)


def _best(of_size: Sequence[Entry], column: Column) -> set[str]:
    """Find the methods with the best value."""
    scores = {entry.name: score for entry in of_size if (score := entry.score(column.key)) is not None}
    if not scores:
        return set()
    top = (max if column.higher_is_better else min)(scores.values())
    return {name for name, score in scores.items() if score == top}


def _values(of_size: Sequence[Entry], column: Column) -> dict[str, Array]:
    """Collect the values of each image by method; methods without any are left out."""
    values = {entry.name: entry.image_values(column.key) for entry in of_size}
    return {name: array for name, array in values.items() if array is not None and np.isfinite(array).any()}


def _tied(of_size: Sequence[Entry], column: Column, tests: Tests | None) -> set[str]:
    """Find the best method and those that the images cannot tell from it."""
    values = _values(of_size, column)
    higher = bool(column.higher_is_better)
    return tied_with_best(values, higher_is_better=higher, tests=tests) if values else set()
