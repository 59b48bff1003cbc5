"""Write a sweep of masks beside its result: JSON, CSV, and a curve for each size."""

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import altair as alt

from _df8k.files import write_text
from df8k import metrics
from df8k.leaderboard.protocol.ranking import PIXEL_ERROR, ranking_key
from df8k.leaderboard.site.plots.chart import method_channels, styled, svg
from df8k.leaderboard.site.style import method_styles

from .mask_sweep import SweepRow

_WORDS: Final = {
    "dilate": "dilated: known pixels lost",
    "erode": "eroded: a rim of foreign content left",
    "feather": "feathered",
}


def write_sweep(method: str, rows: Sequence[SweepRow], out: Path) -> list[Path]:
    """Write ``OUT.sweep.json``, ``.csv`` and, for each size, ``.SIZE.svg``.

    Args:
        method: its name in tables.
        rows: of all sizes.
        out: RESULT.json, which they stand beside.

    Returns:
        The files.
    """
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(
        ["method", "size", "kind", "percent of the short side", "images", "metric", "mean", "low", "high"]
    )
    for row in rows:
        percent = f"{100 * row.slip.fraction:g}"
        for key, one in row.metrics.items():
            bounds = ["" if bound is None else bound for bound in (one.low, one.high)]
            writer.writerow([method, row.size, row.slip.kind, percent, row.images, key, one.mean, *bounds])
    written = [out.with_suffix(".sweep.json"), out.with_suffix(".sweep.csv")]
    write_text(written[0], json.dumps(as_json(method, rows), indent=2, allow_nan=False) + "\n")
    write_text(written[1], table.getvalue())
    for size in dict.fromkeys(row.size for row in rows):
        of_size = [row for row in rows if row.size == size and row.metrics]
        if of_size:
            written.append(out.with_suffix(f".sweep.{size}.svg"))
            write_text(written[-1], svg(_curve(method, of_size)))
    return written


def as_json(method: str, rows: Sequence[SweepRow]) -> dict[str, Any]:
    """Make a JSON object of a sweep."""
    return {
        "method": method,
        "rows": [
            {
                "size": row.size,
                "kind": row.slip.kind,
                "fraction": row.slip.fraction,
                "images": row.images,
                "failures": row.failures,
                "metrics": {key: one.model_dump() for key, one in row.metrics.items()},
            }
            for row in rows
        ],
    }


def header(rows: Sequence[SweepRow]) -> list[str]:
    """Name the columns of `cells`."""
    return ["size", "mask", "% of the short side", *_columns(rows), "images"]


def cells(rows: Sequence[SweepRow]) -> list[list[str]]:
    """Format a row for each slip at each size; see `header`."""
    return [
        [
            str(row.size),
            row.slip.kind,
            f"{100 * row.slip.fraction:g}",
            *(f"{row.metrics[key].mean:.4g}" if key in row.metrics else "–" for key in _columns(rows)),
            f"{row.images}" + (f", {row.failures} failed" if row.failures else ""),
        ]
        for row in rows
    ]


def _columns(rows: Sequence[SweepRow]) -> list[str]:
    key = _ranked(rows)
    return list(dict.fromkeys((key, "l1.hole", "psnr.hole", "seam.excess")))


def _ranked(rows: Sequence[SweepRow]) -> str:
    return ranking_key([row.metrics for row in rows if row.metrics]) or PIXEL_ERROR


def _curve(method: str, rows: Sequence[SweepRow]) -> alt.LayerChart:
    key = _ranked(rows)
    styles = method_styles(_WORDS.values())
    exact = [row for row in rows if row.slip.kind == "exact"]
    points = []
    for kind, words in _WORDS.items():
        for row in [*exact, *(row for row in rows if row.slip.kind == kind)]:
            if (one := row.metrics.get(key)) is not None:
                bounds = {"low": one.mean if one.low is None else one.low}
                bounds["high"] = one.mean if one.high is None else one.high
                at = {"method": styles[words].label, "percent": 100 * row.slip.fraction}
                points.append({**at, "value": one.mean, **bounds})
    looks = {styles[words].label: styles[words] for words in _WORDS.values()}
    channels = method_channels(looks, title="mask that the method gets", labelLimit=320)
    higher = metrics.get(key.partition(".")[0]).higher_is_better
    title = f"{key} ({'higher' if higher else 'lower'} is better)"
    base = alt.Chart(alt.Data(values=points)).encode(
        x=alt.X("percent:Q", title="radius, % of the short side"),
        y=alt.Y("value:Q", title=title, scale=alt.Scale(zero=False)),
        color=channels["color"],
    )
    bars = base.mark_rule(opacity=0.5).encode(y=alt.Y("low:Q", title=title), y2="high:Q")
    marks = base.mark_point(filled=True, size=70, opacity=1).encode(shape=channels["shape"])
    heading = f"{method} at {rows[0].size}: sloppy masks"
    return styled(alt.layer(bars, base.mark_line(), marks), heading, "scored in the exact hole")
