"""Lay out how a method bore sloppy masks: a row for each slip at each size."""

from collections.abc import Sequence
from typing import Final

from df8k.leaderboard.protocol.ranking import PIXEL_ERROR, ranking_key
from df8k.leaderboard.protocol.sizes import Size
from df8k.leaderboard.results.mask_sweep import MaskSweep, SweepRow
from df8k.leaderboard.site.columns import column_of

from .grid import Cell, Grid

NOTE: Final = (
    "The method gets a mask that is off by a radius in percent of the short side; scored is the hole as it "
    "should have been. Small figures: 95 % interval over images."
)


def sweep_grid(rows: Sequence[SweepRow]) -> Grid:
    """Lay out a sweep by the metric that ranks, two errors of pixels and seams, where they were measured."""
    keys = dict.fromkeys((shown_key(rows), PIXEL_ERROR, "psnr.hole", "seam.excess"))
    columns = [column_of(key) for key in keys if any(key in row.metrics for row in rows)]
    header = ["size", "mask", "radius, %", *(column.heading for column in columns), "images"]
    cells = []
    for row in rows:
        line = [Cell(str(row.size)), Cell(row.kind), Cell(f"{100 * row.fraction:g}")]
        for column in columns:
            one = row.metrics.get(column.key)
            if one is None:
                line.append(Cell("–"))
                continue
            bounds = (
                ""
                if one.low is None or one.high is None
                else f"{column.text(one.low)} … {column.text(one.high)}"
            )
            line.append(Cell(column.text(one.mean), detail=bounds))
        failed = f", {row.failures} failed" if row.failures else ""
        cells.append([*line, Cell(f"{row.images}{failed}")])
    return Grid(header, cells, frozenset({0, 1}), frozenset(), NOTE)


def shown_key(rows: Sequence[SweepRow]) -> str:
    """Choose the metric that a sweep is drawn by: the one that would rank it."""
    return ranking_key([row.metrics for row in rows if row.metrics]) or PIXEL_ERROR


def scored_rows(sweep: MaskSweep) -> dict[Size, list[SweepRow]]:
    """Map each size at which anything was scored to its rows."""
    sizes = dict.fromkeys(row.size for row in sweep.rows if row.metrics)
    return {size: [row for row in sweep.rows if row.size == size and row.metrics] for size in sizes}
