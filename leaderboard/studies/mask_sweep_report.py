"""Write a sweep of masks beside its result: JSON, CSV, and a curve for each size."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from _df8k.files import write_text
from df8k.leaderboard.errors import LeaderboardError
from df8k.leaderboard.results.mask_sweep import MaskSweep, SweepRow, sweep_path
from df8k.leaderboard.results.schema import Result
from df8k.leaderboard.site.plots.chart import svg
from df8k.leaderboard.site.plots.mask_sweep import robustness_curve
from df8k.leaderboard.site.tables.mask_sweep import scored_rows


def sweep_of(result: Result, rows: Sequence[SweepRow]) -> MaskSweep:
    """Join a sweep to the result that it belongs to.

    Raises:
        LeaderboardError: the result was not written to a file, so nothing tells it from others.
    """
    if result.seal is None:
        raise LeaderboardError(
            "the result has no seal: evaluate with out=RESULT.json before its sweep is kept"
        )
    return MaskSweep(method=result.method.name, content_sha256=result.seal.content_sha256, rows=list(rows))


def write_sweep(sweep: MaskSweep, out: Path) -> list[Path]:
    """Write ``OUT.sweep.json``, ``.csv`` and, for each size, ``.SIZE.svg``.

    Args:
        sweep: of all sizes.
        out: RESULT.json, which they stand beside.

    Returns:
        The files.
    """
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(
        ["method", "size", "kind", "percent of the short side", "images", "metric", "mean", "low", "high"]
    )
    for row in sweep.rows:
        percent = f"{100 * row.fraction:g}"
        for key, one in row.metrics.items():
            bounds = ["" if bound is None else bound for bound in (one.low, one.high)]
            writer.writerow([sweep.method, row.size, row.kind, percent, row.images, key, one.mean, *bounds])
    written = [sweep_path(out), out.with_suffix(".sweep.csv")]
    write_text(written[0], sweep.model_dump_json(indent=2) + "\n")
    write_text(written[1], table.getvalue())
    for size, rows in scored_rows(sweep).items():
        written.append(out.with_suffix(f".sweep.{size}.svg"))
        write_text(written[-1], svg(robustness_curve(sweep.method, rows)))
    return written
