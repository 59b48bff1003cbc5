"""Tables of a board, and its records at full precision as CSV and JSON."""

import csv
import io
import json
from collections.abc import Sequence
from typing import Any

import numpy as np

from leaderboard.site.board import Board, Column, Entry
from leaderboard.site.kinds import row_kind
from leaderboard.statistics.aggregate import estimate
from leaderboard.statistics.groups import GROUPINGS, groups

from .grid import Cell, Grid, Mark, milliseconds, one_line, spreadsheet_safe
from .holes import hole_spread, protocol_note

_HEAD = ("size", "#", "method", "what it is")
_TAIL = ("median, ms", "p90, ms", "memory, MB", "n", "failed")


def header(columns: Sequence[Column]) -> list[str]:
    """List the column headings of the text tables."""
    return [*_HEAD, *(column.heading for column in columns), *_TAIL]


def cells(entry: Entry, columns: Sequence[Column]) -> list[str]:
    """Format one row in the order of `header`; what was not measured is a dash."""
    latency, memory = entry.size_result.latency, entry.size_result.peak_memory_bytes
    scores = [entry.score(column.key) for column in columns]
    return [
        str(entry.size),
        "–" if entry.rank is None else str(entry.rank),
        entry.name,
        row_kind(entry.result.method),
        *(
            "–" if score is None else column.text(score)
            for column, score in zip(columns, scores, strict=True)
        ),
        "–" if latency is None else milliseconds(latency.median_s),
        "–" if latency is None else milliseconds(latency.p90_s),
        "–" if memory is None else f"{memory / 1e6:.0f}",
        str(entry.size_result.n),
        str(sum(entry.size_result.failures.values())),
    ]


def marked_cells(entry: Entry, columns: Sequence[Column]) -> list[Cell]:
    """Format one row in the order of `header`, with marks and intervals."""
    row = [Cell(text) for text in cells(entry, columns)]
    for index, column in enumerate(columns, start=len(_HEAD)):
        row[index] = Cell(row[index].text, _mark(entry, column), _interval(entry, column))
    return row


def _mark(entry: Entry, column: Column) -> Mark:
    return "best" if column.key in entry.best else "tied" if column.key in entry.tied else ""


def _interval(entry: Entry, column: Column) -> str:
    """Format the 95 % interval of a mean in the unit shown; empty where there is none."""
    mean = entry.size_result.metrics.get(column.key)
    if mean is None or mean.low is None or mean.high is None:
        return ""
    return f"{column.text(mean.low)} … {column.text(mean.high)}"


def board_grid(board: Board) -> Grid:
    """Lay out all entries with all metrics; intervals stand in `metric_grid`, CSV and JSON."""
    entries, columns = board.entries, board.columns
    rows = [[Cell(cell.text, cell.mark) for cell in marked_cells(entry, columns)] for entry in entries]
    breaks = {i for i in range(1, len(entries)) if entries[i].size != entries[i - 1].size}
    return Grid(header(columns), rows, frozenset({2, 3}), frozenset(breaks), quality_note(board))


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
    return Cell(column.text(score), _mark(entry, column), _interval(entry, column))


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
    bounds = ""
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
    latency = size_result.latency
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
    for key, mean in size_result.metrics.items():
        record |= {key: mean.mean, f"{key}.low": mean.low, f"{key}.high": mean.high}
    for key, distribution in size_result.distributions.items():
        record |= {
            key: distribution.value,
            f"{key}.n": distribution.n,
            f"{key}.deviation": distribution.deviation,
        }
    return record | {
        **hole_spread(entry),
        "tied_with_best": " ".join(sorted(entry.tied)),
        "latency_median_s": latency.median_s if latency else None,
        "latency_p90_s": latency.p90_s if latency else None,
        "latency_model_median_s": latency.model_median_s if latency else None,
        "peak_memory_bytes": size_result.peak_memory_bytes,
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
        f"Ranked by mean L1 in the hole. {protocol_note(board)}"
    )
