"""Collect what the page of a method shows: card, scores, failures, the images it fills best and worst."""

import math
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from df8k.leaderboard.results.schema import Result
from df8k.leaderboard.site.board import Board, Entry
from df8k.leaderboard.site.columns import Column
from df8k.leaderboard.site.pictures.thumbnails import Pictures
from df8k.leaderboard.site.render import slug
from df8k.leaderboard.site.tables.grid import Cell, Grid, one_line
from df8k.leaderboard.site.tables.quality import group_grid, header, marked_cells
from df8k.leaderboard.statistics.groups import GROUPINGS

_SHOWN_FAILURES: Final = 200
_EXTREMES: Final = 6
# What all sizes of a method have in common, or the columns say.
_SAME: Final = ("size", "method", "what it is")


@dataclass(frozen=True)
class Fill:
    """An image that a method filled.

    Attributes:
        id: of the image.
        score: by the metric that leads, as text.
        pictured: whether it has a thumbnail of this method.
    """

    id: str
    score: str
    pictured: bool


def failures_of(entries: Sequence[Entry]) -> tuple[list[dict[str, Any]], int]:
    """List the first failures of a method, and count all of them."""
    failures = [failure for entry in entries for failure in _failures(entry)]
    return failures[:_SHOWN_FAILURES], len(failures)


def _failures(entry: Entry) -> list[dict[str, Any]]:
    values = entry.values
    if values is None:
        return []
    return [
        {"size": entry.size, "id": image_id, "kind": status, "message": message}
        for image_id, status, message in zip(values.ids, values.status, values.errors, strict=True)
        if status not in {"ok", "left-out"}
    ]


def extremes(entry: Entry, column: Column, pictures: Pictures) -> tuple[list[Fill], list[Fill]]:
    """Find the images that a method fills best and worst at one size; no image is in both.

    Args:
        entry: the method at the size.
        column: the metric.
        pictures: of the site.
    """
    values = entry.values
    if values is None or column.key not in values.values:
        return [], []
    of_column = values.values[column.key]
    penalties = -of_column if column.higher_is_better else of_column
    finite = [
        index for index in penalties.argsort(kind="stable").tolist() if not math.isnan(penalties[index])
    ]
    fills = [
        Fill(
            values.ids[index],
            column.text(float(of_column[index])),
            slug(entry.name) in pictures.thumbnails.get(values.ids[index], ()),
        )
        for index in finite
    ]
    count = min(_EXTREMES, (len(fills) + 1) // 2)
    return fills[:count], fills[len(fills) - min(_EXTREMES, len(fills) // 2) :][::-1]


def scores_grid(entries: Sequence[Entry], columns: Sequence[Column]) -> Grid:
    """Lay out all that was measured of one method: a row per metric, a column per size."""
    of_sizes = [marked_cells(entry, columns) for entry in entries]
    rows = [
        [Cell(heading), *cells]
        for heading, *cells in zip(header(columns), *of_sizes, strict=True)
        if heading not in _SAME
    ]
    return Grid(["at size", *(str(entry.size) for entry in entries)], rows, frozenset({0}), frozenset(), "")


def groups_of(board: Board, entries: Sequence[Entry]) -> list[Grid]:
    """Lay out the metric that ranks, of one method, by groups of images, at the size shown first."""
    column = board.ranked_column
    at_start = board.of([entry for entry in entries if entry.size == board.start_size])
    if column is None or not at_start.entries:
        return []
    grids = (group_grid(at_start, grouping, column) for grouping in GROUPINGS)
    return [grid for grid in grids if grid is not None]


def image_text(entry: Entry | None, column: Column, index: int) -> str:
    """Format the value of one image, or why there is none."""
    values = None if entry is None else entry.values
    if values is None or column.key not in values.values:
        return "–"
    value = float(values.values[column.key][index])
    return values.status[index] if math.isnan(value) else column.text(value)


def image_scores(
    methods: Mapping[str, Mapping[Any, Entry]], column: Column, index: int
) -> dict[str, dict[str, str]]:
    """Map each size to file-safe names of methods and their values of one image, as text."""
    scores: dict[str, dict[str, str]] = {}
    for name, by_size in methods.items():
        for size, entry in by_size.items():
            scores.setdefault(str(size), {})[slug(name)] = image_text(entry, column, index)
    return scores


def command(result: Result) -> str:
    """Write the command that measures a result again, safe to paste into a shell."""
    method, protocol = result.method, result.protocol
    words = [
        "df8k",
        "evaluate",
        "--method",
        method.spec,
        "--data",
        "DATASET",
        "--split",
        result.dataset.split,
    ]
    words += ["--sizes", ",".join(map(str, protocol.sizes)), "--metrics", ",".join(protocol.metrics)]
    words += ["--device", method.device, "--out", f"{slug(method.name)}.json"]
    return shlex.join(one_line(word) for word in words)


def machine(result: Result) -> str:
    """Describe the machine and its libraries in one line."""
    environment = result.environment
    libraries = ", ".join(f"{name} {version}" for name, version in environment.libraries.items())
    return (
        f"{environment.gpu or environment.cpu}, {environment.threads} threads, "
        f"{environment.memory_bytes / 2**30:.0f} GiB; {environment.system}; "
        f"Python {environment.python}, {libraries}"
    )
