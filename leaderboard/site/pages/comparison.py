"""Collect what the pages that compare two methods need: all values of a metric, and every pair's tests."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from df8k.leaderboard.site.board import Board, Tests
from df8k.leaderboard.site.columns import Column
from df8k.leaderboard.site.pictures.thumbnails import Pictures
from df8k.leaderboard.site.render import slug
from df8k.leaderboard.site.style import MethodStyle
from df8k.leaderboard.site.tables.grid import one_line
from df8k.leaderboard.statistics.intervals import LEAST_IMAGES

# Digit behind those that tables show.
_FURTHER: Final = 1


def compared_columns(board: Board) -> dict[str, Column]:
    """Name the page of each metric by which at least two methods can be compared.

    Args:
        board: with the values of each image; the page of its leading metric comes first, ``compare``.
    """
    tested = {key for by_key in board.tests.values() for key, tests in by_key.items() if tests}
    columns = [column for column in board.columns if column.key in tested]
    columns.sort(key=lambda column: column.key != board.leading.key)
    names = ["compare", *(f"compare-{slug(column.key.replace('.', '-'))}" for column in columns[1:])]
    return dict(zip(names, columns, strict=False))


def comparison_data(
    board: Board, column: Column, styles: Mapping[str, MethodStyle], pictures: Pictures
) -> dict[str, Any]:
    """Collect the data of one page, for its script.

    Values are whole numbers of the last digit that the page computes with; p is rounded to four digits.

    Args:
        board: with the values of each image.
        column: the metric.
        styles: the look of each method.
        pictures: of the site.
    """
    methods = [
        name
        for name, entries in board.methods.items()
        if any(_has(entry, column) for entry in entries.values())
    ]
    index = {name: position for position, name in enumerate(methods)}
    unit = 10 ** (column.digits + _FURTHER)
    sizes = []
    for size, of_size in board.by_size.items():
        entries = {entry.name: entry for entry in of_size.entries if _has(entry, column)}
        if len(entries) > 1:
            sizes.append(
                {
                    "size": str(size),
                    "ranks": [entries[name].rank if name in entries else None for name in methods],
                    "values": [
                        _whole(entries[name].image_values(column.key), column, unit)
                        if name in entries
                        else None
                        for name in methods
                    ],
                    "tests": _tests(board.tests.get(size, {}).get(column.key, ()), index, column, unit),
                }
            )
    ids = list(board.image_ids)
    drawn = [pictures.thumbnails.get(image_id, ()) for image_id in ids]
    return {
        "heading": column.heading,
        "higher": bool(column.higher_is_better),
        "digits": column.digits,
        "unit": unit,
        "leastImages": LEAST_IMAGES,
        "ids": ids,
        "files": [slug(image_id) for image_id in ids],
        "methods": [
            {"name": one_line(name), "file": slug(name), "label": styles[name].label} for name in methods
        ],
        "start": str(board.start_size),
        "sizes": sizes,
        # A digit for each image: whether this method has a thumbnail of it.
        "thumbnails": [
            "".join("1" if slug(name) in of_image else "0" for of_image in drawn) for name in methods
        ],
    }


def _has(entry: Any, column: Column) -> bool:
    values = entry.image_values(column.key)
    return values is not None and bool(np.isfinite(values).any())


def _whole(values: Any, column: Column, unit: int) -> list[int | None]:
    scaled = np.asarray(values) * column.factor * unit
    return [None if math.isnan(value) else round(value) for value in scaled.tolist()]


def _tests(
    tests: Tests, index: Mapping[str, int], column: Column, unit: int
) -> dict[str, Sequence[float | None]]:
    """Map ``first,second`` to p of the mean, p of the ranks, p after correction, and the interval's ends."""
    rows: dict[str, Sequence[float | None]] = {}
    for pair, p in tests:
        ends = (pair.paired.low, pair.paired.high)
        rows[f"{index[pair.first]},{index[pair.second]}"] = [
            *(float(f"{value:.4g}") for value in (pair.paired.p_student, pair.paired.p_wilcoxon, p)),
            *(None if end is None else round(end * column.factor * unit) for end in ends),
        ]
    return rows
