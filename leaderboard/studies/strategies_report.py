"""Write a report on strategies: Markdown, CSV, JSON, and a plot of quality against time for each size."""

import csv
import io
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import altair as alt

from _df8k.files import write_text
from _df8k.gate import joined
from df8k.leaderboard.site.plots.chart import method_channels, styled, svg
from df8k.leaderboard.site.style import method_styles

from .strategies import Report, Row

_FURTHER: Final = ("psnr.hole", "ssim.hole", "l1.hole", "seam.excess")
NOTE: Final = (
    "Tied: not significantly different from the best of its size (Student's t and Wilcoxon's signed ranks, "
    "Holm). Cheapest: the quickest of the tied. Seam: break of the gradient across the boundary beyond the "
    "original's, 0 joins like the original. Memory: peak of one call above what was taken before it."
)


def header(report: Report) -> list[str]:
    """Name the columns of `cells`."""
    shares = _shares(report)
    further = [
        key for key in _FURTHER if key != report.metric and any(key in row.values for row in report.rows)
    ]
    return ["size", "strategy", report.metric, *further, *shares, "ms", "MB", "verdict"]


def cells(report: Report) -> list[list[str]]:
    """Format a row for each strategy at each size; see `header`."""
    further = [
        key for key in _FURTHER if key != report.metric and any(key in row.values for row in report.rows)
    ]
    return [
        [
            str(row.size),
            row.strategy,
            _number(row.values.get(report.metric)),
            *(_number(row.values.get(key)) for key in further),
            *(_number(row.by_hole.get(share)) for share in _shares(report)),
            "–" if row.seconds is None else f"{1000 * row.seconds:.3g}",
            "–" if row.memory_bytes is None else f"{row.memory_bytes / 1e6:.0f}",
            _verdict(row),
        ]
        for row in report.rows
    ]


def sentences(report: Report) -> list[str]:
    """Name the cheapest strategy within a tie of the best, size by size, in words."""
    lines = [
        f"At {size}: {row.strategy} is the cheapest within a tie of the best "
        f"({report.metric} {_number(row.values.get(report.metric))}, {1000 * (row.seconds or 0):.3g} ms)."
        for size, row in report.cheapest().items()
    ]
    few = min((row.images for row in report.rows if row.images), default=0)
    if few < 20:
        lines.append(f"{few} images: differences that more images would show may pass as ties.")
    return lines


def write_report(report: Report, folder: Path) -> list[Path]:
    """Write ``report.md``, ``report.csv``, ``report.json`` and ``quality-SIZE.svg``; see `Report`.

    Returns:
        The files.
    """
    lines = [f"# {report.method} under strategies", "", f"Measured on {report.machine}.", ""]
    titles, rows = header(report), cells(report)
    lines += [f"| {' | '.join(titles)} |", "|" + "---|" * 2 + "---:|" * (len(titles) - 3) + "---|"]
    lines += [f"| {' | '.join(row)} |" for row in rows]
    lines += ["", *(f"- {line}" for line in sentences(report)), "", NOTE, ""]
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerows([titles, *rows])
    files = {
        "report.md": "\n".join(lines),
        "report.csv": table.getvalue(),
        "report.json": json.dumps(as_json(report), indent=2, allow_nan=False) + "\n",
    }
    for size in dict.fromkeys(row.size for row in report.rows):
        of_size = [row for row in report.rows if row.size == size and row.images and row.seconds]
        if of_size:
            files[f"quality-{size}.svg"] = svg(_plot(report, of_size))
    for name, text in files.items():
        write_text(joined(folder, name), text)
    return [joined(folder, name) for name in files]


def as_json(report: Report) -> dict[str, Any]:
    """Make a JSON object of the report."""
    return asdict(report) | {"cheapest": {str(size): row.strategy for size, row in report.cheapest().items()}}


def _shares(report: Report) -> list[str]:
    return sorted(
        {share for row in report.rows for share in row.by_hole}, key=lambda text: float(text.split("–")[0])
    )


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.4g}"


def _verdict(row: Row) -> str:
    failed = [f"{row.failures} failed"] if row.failures else []
    return ", ".join([*failed, *(["cheapest of the tied"] if row.cheapest else ["tied"] if row.tied else [])])


def _plot(report: Report, rows: list[Row]) -> alt.LayerChart:
    styles = method_styles(row.strategy for row in report.rows)
    points = [
        {
            "method": styles[row.strategy].label,
            "ms": 1000 * (row.seconds or 0.0),
            "value": row.values[report.metric],
            "low": row.low if row.low is not None else row.values[report.metric],
            "high": row.high if row.high is not None else row.values[report.metric],
        }
        for row in rows
    ]
    channels = method_channels({style.label: style for style in styles.values()}, title="strategy")
    base = alt.Chart(alt.Data(values=points)).encode(
        x=alt.X("ms:Q", scale=alt.Scale(type="log"), title="median time of a call, ms (log)"),
        color=channels["color"],
    )
    better = "higher" if report.higher_is_better else "lower"
    scale = alt.Scale(zero=False)
    bars = base.mark_rule().encode(y=alt.Y("low:Q", scale=scale, title=report.metric), y2="high:Q")
    marks = base.mark_point(filled=True, size=110, opacity=1).encode(
        y=alt.Y("value:Q", scale=scale, title=f"{report.metric} ({better} is better)"),
        shape=channels["shape"],
    )
    title = f"{report.method} at {rows[0].size}: quality in the hole against time"
    return styled(alt.layer(bars, marks), title, "bars: 95 % intervals over images")
