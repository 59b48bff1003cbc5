"""The board as text: Markdown, LaTeX, CSV and JSON."""

import csv
import io
import json
from collections.abc import Sequence

import numpy as np

from leaderboard.protocol.sizes import Size, size_order
from leaderboard.statistics.aggregate import estimate
from leaderboard.statistics.groups import GROUPINGS, groups

from . import grid
from .board import Column, Entry, columns, flat, value
from .grid import Cell, Grid, Mark, one_line, spreadsheet_safe
from .reported import ReportedTable

_HEAD = ("size", "#", "method")
_TAIL = ("median, ms", "p90, ms", "memory, MB", "n", "failed")


def header(shown: Sequence[Column]) -> list[str]:
    """Column headings of the text tables."""
    return [*_HEAD, *(column.heading for column in shown), *_TAIL]


def cells(entry: Entry, shown: Sequence[Column]) -> list[str]:
    """Cells of one row, in the order of `header`; what was not measured is a dash."""
    part, latency = entry.part, entry.part.latency
    found = [value(entry, column.key) for column in shown]
    return [
        str(entry.size),
        "–" if entry.rank is None else str(entry.rank),
        entry.name,
        *("–" if mean is None else column.text(mean) for column, mean in zip(shown, found, strict=True)),
        "–" if latency is None else _milliseconds(latency.median_s),
        "–" if latency is None else _milliseconds(latency.p90_s),
        "–" if part.peak_memory_bytes is None else f"{part.peak_memory_bytes / 1e6:.0f}",
        str(part.n),
        str(sum(part.failures.values())),
    ]


def _milliseconds(seconds: float) -> str:
    found = seconds * 1e3
    return f"{found:.0f}" if found >= 100 else f"{found:.3g}"


def best(entries: Sequence[Entry], shown: Sequence[Column]) -> set[tuple[int, str]]:
    """Cells with the best value of each size: ``(index of the entry, metric key)``."""
    marked = set()
    for column in shown:
        if column.higher_is_better is None:
            continue
        for size in {entry.size for entry in entries}:
            found = {
                index: mean
                for index, entry in enumerate(entries)
                if entry.size == size and (mean := value(entry, column.key)) is not None
            }
            if found:
                top = (max if column.higher_is_better else min)(found.values())
                marked |= {(index, column.key) for index, mean in found.items() if mean == top}
    return marked


def interval(entry: Entry, column: Column) -> str:
    """The 95 % interval of a mean in the unit shown; empty where there is none."""
    estimate = entry.part.metrics.get(column.key)
    if estimate is None or estimate.low is None or estimate.high is None:
        return ""
    return f"{column.text(estimate.low)} … {column.text(estimate.high)}"


def marked(entries: Sequence[Entry], shown: Sequence[Column]) -> list[list[Cell]]:
    """Rows of cells in the order of `header`, best and tied values marked, with intervals."""
    top = best(entries, shown)
    rows = []
    for index, entry in enumerate(entries):
        row = [Cell(text) for text in cells(entry, shown)]
        for place, column in enumerate(shown, start=len(_HEAD)):
            row[place] = Cell(
                row[place].text, _mark((index, column.key) in top, entry, column), interval(entry, column)
            )
        rows.append(row)
    return rows


def _mark(is_best: bool, entry: Entry, column: Column) -> Mark:
    return "best" if is_best else "tied" if column.key in entry.tied else ""


def board_grid(entries: Sequence[Entry]) -> Grid:
    """All entries with all shown metrics; intervals stand in `metric_grid`, CSV and JSON."""
    shown = columns(entries)
    rows = [[Cell(cell.text, cell.mark) for cell in row] for row in marked(entries, shown)]
    changes = {i for i in range(1, len(entries)) if entries[i].size != entries[i - 1].size}
    return Grid(header(shown), rows, frozenset({2}), frozenset(changes), note(entries))


def metric_grid(entries: Sequence[Entry], column: Column) -> Grid:
    """One metric: a row per method, a column per size, each mean with its interval."""
    sizes: list[Size] = sorted({entry.size for entry in entries}, key=size_order)
    top = {entries[index].name: set[Size]() for index in range(len(entries))}
    for index, _ in best(entries, [column]):
        top[entries[index].name].add(entries[index].size)
    rows = []
    for name in dict.fromkeys(entry.name for entry in entries):
        of_method = {entry.size: entry for entry in entries if entry.name == name}
        row = [Cell(name)]
        for size in sizes:
            entry = of_method.get(size)
            mean = None if entry is None else value(entry, column.key)
            if entry is None or mean is None:
                row.append(Cell("–"))
            else:
                mark = _mark(size in top[name], entry, column)
                row.append(Cell(column.text(mean), mark, interval(entry, column)))
        rows.append(row)
    head = [f"{column.heading} at size", *map(str, sizes)]
    return Grid(head, rows, frozenset({0}), frozenset(), note(entries))


def bins_grid(entries: Sequence[Entry], name: str, column: Column) -> Grid | None:
    """One metric at one size by groups of images: a row per method, a column per group.

    Args:
        entries: rows of the board, all of one size, with their per-image values.
        name: of a split; see `groups.GROUPINGS`.
        column: a metric of pictures.

    Returns:
        Means with intervals and numbers of images; ``None`` where the images do not fall into two groups.
    """
    found = {
        entry.name: (entry.values.values[column.key], groups(entry.values, name))
        for entry in entries
        if entry.values is not None and column.key in entry.values.values
    }
    labels = dict.fromkeys(label for _, members in found.values() for label in members)
    if len(labels) < 2:
        return None
    rows = []
    for method, (values, members) in found.items():
        row = [Cell(method)]
        for label in labels:
            inside = values[members[label]] if label in members else values[:0]
            row.append(_group_cell(inside[np.isfinite(inside)].tolist(), column))
        rows.append(row)
    head = [f"{column.heading} by {GROUPINGS[name].heading}", *labels]
    remark = f"Size {entries[0].size}; mean with its 95 % interval and the number of images. {note(entries)}"
    return Grid(head, rows, frozenset({0}), frozenset(), remark)


def _group_cell(values: Sequence[float], column: Column) -> Cell:
    if not values:
        return Cell("–")
    found = estimate(values)
    bounds = ""
    if found.low is not None and found.high is not None:
        bounds = f"{column.text(found.low)} … {column.text(found.high)}, "
    return Cell(column.text(found.mean), detail=f"{bounds}n = {found.n}")


def reported_grid(table: ReportedTable) -> Grid:
    """A table of a paper; nothing in it is marked, because it was not measured here."""
    rows = [[Cell(cell or "–") for cell in row] for row in table.rows]
    hardware = f"; latency on {table.hardware}" if table.hardware else ""
    changes = {i for i in range(1, len(table.rows)) if table.rows[i][:2] != table.rows[i - 1][:2]}
    return Grid(
        table.header,
        rows,
        frozenset({0, 2}),
        frozenset(changes),
        f"Reported by {table.source}, as printed{hardware}; not measured here.",
    )


def markdown(entries: Sequence[Entry]) -> str:
    """A GitHub-flavoured table; of each size the best mean in bold, those tied with it in italics."""
    return grid.markdown(board_grid(entries))


def latex(entries: Sequence[Entry]) -> str:
    """A booktabs table; of each size the best mean in bold, those tied with it underlined."""
    return grid.latex(board_grid(entries))


def comma_separated(entries: Sequence[Entry]) -> str:
    """Every figure at full precision, one record per entry."""
    records = [flat(entry) for entry in entries]
    fields = list(dict.fromkeys(field for record in records for field in record))
    text = io.StringIO()
    writer = csv.DictWriter(text, fields, lineterminator="\n", restval="")
    writer.writeheader()
    writer.writerows({key: spreadsheet_safe(found) for key, found in record.items()} for record in records)
    return text.getvalue()


def as_json(entries: Sequence[Entry]) -> str:
    """Every figure at full precision, as a list of objects."""
    return (
        json.dumps([flat(entry) for entry in entries], indent=2, allow_nan=False, ensure_ascii=False) + "\n"
    )


def remarks(entry: Entry) -> list[str]:
    """Failures, left-out images, unavailable metrics and doubtful values, one line each."""
    result, part = entry.result, entry.part
    at = f"{entry.name} at size {entry.size}"
    lines = []
    if part.failures:
        lines.append(f"{at}: " + ", ".join(f"{count} {kind}" for kind, count in part.failures.items()))
    if part.left_out:
        lines.append(f"size {entry.size}: {part.left_out} images are smaller and were left out")
    if not result.one_machine:
        lines.append(f"{at}: measured on several machines, so latency and memory are not pooled")
    for name, found in part.distributions.items():
        lines += [f"{at}: {name}: {flag}" for flag in found.flags]
    return lines + [f"{name} is unavailable: {reason}" for name, reason in result.unavailable.items()]


def note(entries: Sequence[Entry]) -> str:
    """What the numbers are, in one line."""
    datasets = {f"{e.result.dataset.name} {e.result.dataset.version}" for e in entries}
    machines = {f"{e.device}, {e.result.environment.threads} threads" for e in entries}
    return one_line(
        f"Measured by df8k {', '.join(sorted({e.result.provenance.df8k_version for e in entries}))} on "
        f"{', '.join(sorted(datasets))}; {'; '.join(sorted(machines))}. Ranked by mean L1 in the hole."
    )
