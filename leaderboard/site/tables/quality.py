"""Tables of a board, and its records at full precision as CSV and JSON."""

import csv
import io
import json
from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from df8k.leaderboard.protocol.ranking import PERCEPTUAL
from df8k.leaderboard.results.votes import Outcome
from df8k.leaderboard.site.board import Board, Entry
from df8k.leaderboard.site.columns import VOTES, Column, column_of
from df8k.leaderboard.site.kinds import row_kind
from df8k.leaderboard.statistics.aggregate import estimate
from df8k.leaderboard.statistics.groups import GROUPINGS, groups

from .draws import draw_remarks
from .grid import Cell, Grid, Mark, milliseconds, one_line, spreadsheet_safe
from .holes import hole_spread, protocol_note

_HEAD = ("size", "#", "method", "what it is", "texture")
_TAIL = ("median, ms", "p90, ms", "memory, MB", "timed by", "n", "failed")
# Columns that hold text.
TEXTS: Final = frozenset({2, 3, 4})


def header(columns: Sequence[Column]) -> list[str]:
    """List the column headings of the text tables."""
    return [*_HEAD, *(column.heading for column in columns), *_TAIL]


def cells(entry: Entry, columns: Sequence[Column]) -> list[str]:
    """Format one row in the order of `header`; what was not measured is a dash."""
    timing = entry.timing
    memory = None if timing is None else timing.memory_bytes
    scores = [entry.score(column.key) for column in columns]
    return [
        str(entry.size),
        "–" if entry.rank is None else str(entry.rank),
        entry.name,
        row_kind(entry.result.method),
        claim_text(entry),
        *(
            "–" if score is None else column.text(score)
            for column, score in zip(columns, scores, strict=True)
        ),
        "–" if timing is None else milliseconds(timing.median_s),
        "–" if timing is None else milliseconds(timing.p90_s),
        "–" if memory is None else f"{memory / 1e6:.0f}",
        "–" if timing is None else timing.text,
        str(entry.size_result.n),
        str(sum(entry.size_result.failures.values())),
    ]


def marked_cells(entry: Entry, columns: Sequence[Column]) -> list[Cell]:
    """Format one row in the order of `header`, with marks and intervals."""
    row = [Cell(text) for text in cells(entry, columns)]
    for index, column in enumerate(columns, start=len(_HEAD)):
        row[index] = Cell(row[index].text, mark(entry, column), _interval(entry, column))
    return row


def mark(entry: Entry, column: Column) -> Mark:
    """Mark the best value of its size, and those that the images cannot tell from it."""
    return "best" if column.key in entry.best else "tied" if column.key in entry.tied else ""


def _interval(entry: Entry, column: Column) -> str:
    """Format the 95 % interval of a score in the unit shown, or say that the images are too few for one."""
    interval, values = entry.interval(column.key), entry.image_values(column.key)
    if interval is not None:
        count = f", {entry.votes.votes} votes" if column is VOTES and entry.votes else ""
        return f"{column.text(interval[0])} … {column.text(interval[1])}{count}"
    return "n too small" if values is not None and np.isfinite(values).any() else ""


def claim_text(entry: Entry) -> str:
    """Say whether a method may claim texture; see `claims.texture_claims`."""
    if entry.claim is None:
        return "control" if entry.result.method.control else "–"
    return {True: "beats the controls", False: "no claim", None: "not tested"}[entry.claim.holds]


def board_grid(board: Board) -> Grid:
    """Lay out all entries with all metrics; intervals stand in `metric_grid`, CSV and JSON."""
    entries, columns = board.entries, board.columns
    rows = [[Cell(cell.text, cell.mark) for cell in marked_cells(entry, columns)] for entry in entries]
    breaks = {i for i in range(1, len(entries)) if entries[i].size != entries[i - 1].size}
    return Grid(header(columns), rows, TEXTS, frozenset(breaks), quality_note(board))


def metric_grid(board: Board, column: Column) -> Grid:
    """Lay out one metric: a row per method, a column per size, each mean with its interval."""
    rows = [
        [Cell(name), *(_metric_cell(by_size.get(size), column) for size in board.sizes)]
        for name, by_size in board.methods.items()
    ]
    headings = [f"{column.heading} at size", *map(str, board.sizes)]
    return Grid(headings, rows, frozenset({0}), frozenset(), quality_note(board))


def _metric_cell(entry: Entry | None, column: Column) -> Cell:
    score = None if entry is None else entry.score(column.key)
    if entry is None or score is None:
        return Cell("–")
    return Cell(column.text(score), mark(entry, column), _interval(entry, column))


def group_grid(board: Board, grouping: str, column: Column) -> Grid | None:
    """Lay out one metric by groups of images: a row per method, a column per group.

    Args:
        board: of one size, its entries with their per-image values.
        grouping: a way to group the images; see `groups.GROUPINGS`.
        column: a metric of pictures.

    Returns:
        Means with intervals and numbers of images; ``None`` where the images do not fall into two groups.
    """
    scored = {
        entry.name: (entry.values.values[column.key], groups(entry.values, grouping))
        for entry in board.entries
        if entry.values is not None and column.key in entry.values.values
    }
    labels = dict.fromkeys(label for _, members in scored.values() for label in members)
    if len(labels) < 2:
        return None
    rows = []
    for name, (values, members) in scored.items():
        row = [Cell(name)]
        for label in labels:
            of_group = values[members[label]] if label in members else values[:0]
            row.append(_group_cell(of_group[np.isfinite(of_group)].tolist(), column))
        rows.append(row)
    headings = [f"{column.heading} by {GROUPINGS[grouping].heading}", *labels]
    note = (
        f"Size {board.sizes[0]}; mean with its 95 % interval and the number of images. {quality_note(board)}"
    )
    return Grid(headings, rows, frozenset({0}), frozenset(), note)


def _group_cell(values: Sequence[float], column: Column) -> Cell:
    if not values:
        return Cell("–")
    mean = estimate(values)
    bounds = "n too small, "
    if mean.low is not None and mean.high is not None:
        bounds = f"{column.text(mean.low)} … {column.text(mean.high)}, "
    return Cell(column.text(mean.mean), detail=f"{bounds}n = {mean.n}")


def quality_csv(board: Board) -> str:
    """Write every figure at full precision as CSV, one record per entry."""
    records = [quality_record(entry) for entry in board.entries]
    fields = list(dict.fromkeys(field for record in records for field in record))
    text = io.StringIO()
    writer = csv.DictWriter(text, fields, lineterminator="\n", restval="")
    writer.writeheader()
    writer.writerows({key: spreadsheet_safe(value) for key, value in record.items()} for record in records)
    return text.getvalue()


def quality_json(board: Board) -> str:
    """Write every figure at full precision as a JSON list of objects."""
    records = [quality_record(entry) for entry in board.entries]
    return json.dumps(records, indent=2, allow_nan=False, ensure_ascii=False) + "\n"


def quality_record(entry: Entry) -> dict[str, Any]:
    """Flatten an entry for CSV and JSON, in SI units and the metrics' own scale."""
    result, size_result = entry.result, entry.size_result
    timing, claim = entry.timing, entry.claim
    record: dict[str, Any] = {
        "size": entry.size,
        "rank": entry.rank,
        "method": entry.name,
        "method_version": result.method.version,
        "kind": row_kind(result.method),
        "learning": result.method.learning,
        "control": result.method.control,
        "added_stages": "; ".join(result.method.added_stages),
        "parameters": result.method.parameters,
        "dataset": f"{result.dataset.name} {result.dataset.version}",
        "fingerprint": result.dataset.fingerprint,
        "protocol": result.protocol.version,
        "origin": "measured",
        "n": size_result.n,
        "left_out": size_result.left_out,
        "failures": sum(size_result.failures.values()),
    }
    for key in (*size_result.metrics, *size_result.distributions):
        low, high = entry.interval(key) or (None, None)
        record |= {key: entry.score(key), f"{key}.low": low, f"{key}.high": high}
    for key, distribution in size_result.distributions.items():
        record |= {f"{key}.n": distribution.n, f"{key}.deviation": distribution.deviation}
    votes = entry.votes
    return record | {
        **hole_spread(entry),
        "votes": votes.value if votes else None,
        "votes.low": votes.low if votes else None,
        "votes.high": votes.high if votes else None,
        "votes.n": votes.votes if votes else None,
        "tied_with_best": " ".join(sorted(entry.tied)),
        "claims_texture": claim.holds if claim else None,
        "texture_reason": claim.reason if claim else "",
        "latency_median_s": timing.median_s if timing else None,
        "latency_p90_s": timing.p90_s if timing else None,
        "call_memory_bytes": timing.memory_bytes if timing else None,
        "timed_by": timing.source if timing else "",
        "timing_flags": " ".join(timing.flags) if timing else "",
        "device": entry.device,
        "threads": result.environment.threads,
    }


def quality_remarks(entries: Sequence[Entry]) -> list[str]:
    """List failures, left-out images, unavailable metrics and doubtful values, each once."""
    return list(dict.fromkeys(line for entry in entries for line in _remarks(entry)))


def _remarks(entry: Entry) -> list[str]:
    result, size_result = entry.result, entry.size_result
    label = f"{entry.name} at size {entry.size}"
    lines = []
    if size_result.failures:
        counts = ", ".join(f"{count} {kind}" for kind, count in size_result.failures.items())
        lines.append(f"{label}: {counts}")
    if size_result.left_out:
        lines.append(f"size {entry.size}: {size_result.left_out} images are smaller and were left out")
    if not result.one_machine:
        lines.append(f"{label}: measured on several machines, so latency and memory are not pooled")
    if entry.claim is not None and entry.claim.holds is None:
        lines.append(f"size {entry.size}: no claim of texture is tested: {entry.claim.reason}")
    elif entry.claim is not None:
        word = "claims texture" if entry.claim.holds else "claims no texture"
        lines.append(f"{label}: {word}: {entry.claim.reason}")
    if entry.learning is not None and entry.learning.holds is not None:
        word = "its training shows" if entry.learning.holds else "no effect of its training is shown"
        lines.append(f"{label}: {word}: {entry.learning.reason}")
    lines += draw_remarks(result, entry.size, label)
    for name, distribution in size_result.distributions.items():
        lines += [f"{label}: {name}: {flag}" for flag in distribution.flags]
    return lines + [f"{name} is unavailable: {reason}" for name, reason in result.unavailable.items()]


def quality_note(board: Board) -> str:
    """Summarise in one line what measured the numbers: version, dataset and machines."""
    results = board.results
    versions = sorted({result.provenance.df8k_version for result in results})
    datasets = sorted({f"{result.dataset.name} {result.dataset.version}" for result in results})
    machines = {f"{entry.device}, {entry.result.environment.threads} threads" for entry in board.entries}
    return one_line(
        f"Measured by df8k {', '.join(versions)} on {', '.join(datasets)}; {'; '.join(sorted(machines))}. "
        f"{ranking_note(board)} {protocol_note(board)} {votes_note(board)}"
    )


def ranking_note(board: Board) -> str:
    """Say which metric ranks, or why none does."""
    column = None if board.ranked_by is None else column_of(board.ranked_by)
    if column is None:
        return f"Not ranked: no perceptual metric was measured ({', '.join(PERCEPTUAL)})."
    direction = "higher" if column.higher_is_better else "lower"
    return f"Ranked by {column.heading}, {direction} is better: the first perceptual metric that they have."


def votes_note(board: Board) -> str:
    """Say of people's votes how many there are, and how to read their strengths; empty without any."""
    counts = "; ".join(
        f"size {vote.size}: {_vote_counts(vote)}" for vote in board.votes if vote.size in board.by_size
    )
    if not counts:
        return ""
    return (
        f"Human votes: what people preferred in blind pairs ({counts}); log strengths of Bradley and Terry, "
        "a difference of 1 is odds of 2.7 to 1. They never rank."
    )


def _vote_counts(vote: Outcome) -> str:
    people = sum(voter.counted for voter in vote.voters)
    left_out = len(vote.voters) - people
    without = f", {left_out} left out for failing catch pairs" if left_out else ""
    word = "person" if people == 1 else "people"
    return f"{vote.votes} votes of {people} {word}, {vote.ties} undecided{without}"
