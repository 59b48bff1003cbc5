"""Write the page and tables of latency results, which stand apart from those of quality."""

from collections.abc import Sequence
from pathlib import Path

from _df8k.files import write_bytes, write_text
from df8k.leaderboard.latency.results import LatencyResult
from df8k.leaderboard.site.board import Board
from df8k.leaderboard.site.facts import SiteFacts
from df8k.leaderboard.site.render import render
from df8k.leaderboard.site.tables import grid
from df8k.leaderboard.site.tables.latency import (
    ladder_grid,
    latency_conditions,
    latency_csv,
    latency_json,
    latency_remarks,
    scaling_grid,
)
from df8k.leaderboard.site.tables.reported import reported_latency_grid
from df8k.leaderboard.site.timing import same_artefact


def write_latency_page(
    out: Path, results: Sequence[LatencyResult], board: Board, charts: Sequence[str], facts: SiteFacts
) -> None:
    """Write ``latency.{html,md,tex,csv,json,svg,png}``.

    Args:
        out: folder of the site; its ``pages/plots`` hold the charts.
        results: one per method.
        board: results of quality on the same site: they tell which artefacts were scored.
        charts: names of the files of the charts.
        facts: what head and foot say.
    """
    ladder = ladder_grid(
        results, lambda timed: any(same_artefact(result.method, timed) for result in board.results)
    )
    scaling = scaling_grid(results)
    write_text(out / "latency.md", f"{grid.markdown(ladder)}\n{grid.markdown(scaling)}")
    write_text(out / "latency.tex", f"{grid.latex(ladder)}\n{grid.latex(scaling)}")
    write_text(out / "latency.csv", latency_csv(results))
    write_text(out / "latency.json", latency_json(results))
    for suffix in ("svg", "png"):
        drawing = (out / "pages" / "plots" / f"latency-ladder.{suffix}").read_bytes()
        write_bytes(out / f"latency.{suffix}", drawing)
    page = render(
        "latency.html.jinja",
        "",
        facts,
        here="latency.html",
        ladder=ladder,
        scaling=scaling,
        reported=reported_latency_grid(),
        remarks=latency_remarks(results),
        conditions=[latency_conditions(result) for result in results],
        charts=charts,
        results=results,
    )
    write_text(out / "latency.html", page)
