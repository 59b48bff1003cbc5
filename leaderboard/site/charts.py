"""Choose the charts of a site and name their files."""

from collections.abc import Mapping
from pathlib import Path

import altair as alt

from df8k.leaderboard.latency.results import LatencyResult, RunRow, runs_of
from df8k.leaderboard.results.mask_sweep import MaskSweep

from .board import Board
from .plots.latency import ladder, latency_against_hole_area
from .plots.mask_sweep import robustness_curve
from .plots.quality import quality_against_latency, spread_over_images, tie_diagram
from .plots.resolution import cost_against_resolution
from .render import slug
from .style import MethodStyle
from .tables.mask_sweep import scored_rows

Charts = dict[str, alt.LayerChart]


def board_charts(board: Board, styles: Mapping[str, MethodStyle]) -> Charts:
    """Chart every size and metric of a board: name of the file → chart."""
    charts: Charts = {}
    if not board.entries:
        return charts
    charts["latency-by-size"] = cost_against_resolution(board, styles, "latency")
    if any(entry.timing and entry.timing.memory_bytes for entry in board.entries):
        charts["memory-by-size"] = cost_against_resolution(board, styles, "memory")
    for size, of_size in board.by_size.items():
        for column in of_size.columns:
            name = f"{column.key.replace('.', '-')}-{size}"
            charts[f"latency-{name}"] = quality_against_latency(of_size, column, styles)
            if column.key == board.ranked_by:
                charts[f"ties-{name}"] = tie_diagram(of_size, column, styles)
                charts[f"images-{name}"] = spread_over_images(of_size, column, styles)
    return charts


def sweep_charts(sweeps: Mapping[str, MaskSweep]) -> Charts:
    """Chart how methods bore sloppy masks: name of the file → chart.

    Args:
        sweeps: method → its sweep.
    """
    charts: Charts = {}
    for method, sweep in sweeps.items():
        for size, rows in scored_rows(sweep).items():
            charts[f"sweep-{slug(method)}-{size}"] = robustness_curve(method, rows)
    return charts


def main_chart(board: Board, styles: Mapping[str, MethodStyle]) -> alt.LayerChart:
    """Chart the size shown first, by the metric that ranks where there is one."""
    of_size = board.by_size[board.start_size]
    column = of_size.ranked_column or next(iter(of_size.columns), None)
    if column is None:
        return cost_against_resolution(board, styles, "latency")
    return quality_against_latency(of_size, column, styles)


def latency_charts(results: Mapping[Path, LatencyResult], styles: Mapping[str, MethodStyle]) -> Charts:
    """Chart the results of the latency protocol: name of the file → chart.

    Args:
        results: LATENCY.json → its content.
        styles: the look of each method.
    """
    timed = list(results.values())
    paths = {result.method.name: path for path, result in results.items()}

    def samples(result: LatencyResult) -> list[RunRow]:
        return runs_of(result, paths[result.method.name])

    charts: Charts = {}
    if timed:
        charts["latency-ladder"] = ladder(timed, styles)
        charts["memory-ladder"] = ladder(timed, styles, "memory")
    if any(result.by_hole is not None for result in timed):
        charts["latency-areas"] = latency_against_hole_area(timed, styles, samples)
    return charts
