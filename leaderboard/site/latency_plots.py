"""Drawings of latency results, in the style of the board's."""

import math
from collections.abc import Callable, Sequence
from statistics import median
from typing import Any, Final

import altair as alt

from leaderboard.latency.results import LatencyResult, RunRow, SizeLatency

from .latency_tables import with_interval
from .plots import PALETTE, SHAPES, label, styled

_TITLES: Final = {
    "latency": "end-to-end latency, ms (log)",
    "memory": "peak memory of the process, MB (log)",
}


def ladder(results: Sequence[LatencyResult], quantity: str = "latency") -> alt.LayerChart:
    """Latency or memory against the size, on log axes; exponents in the legend, failures as crosses on top.

    Args:
        results: one per method.
        quantity: ``latency``: points at p50 with lines to p90, and the fitted power law; or ``memory``.
    """
    points: list[dict[str, Any]] = []
    failed: list[dict[str, Any]] = []
    for result in results:
        name = _legend(result, quantity)
        for part in result.sizes:
            low, high = _values(part, quantity)
            row = {"method": name, "side": math.sqrt(part.pixels), "size": str(part.size)}
            if low is None:
                failed.append(row | {"status": part.status})
            else:
                points.append(row | {"low": low, "high": high})
    top = max((row["high"] for row in points), default=1.0) * 2
    names = [_legend(result, quantity) for result in results]
    base = alt.Chart(alt.Data(values=points)).encode(x=_side(points + failed), color=_colour(names))
    y = alt.Y("low:Q", scale=alt.Scale(type="log"), title=_TITLES[quantity])
    marks = base.mark_point(filled=True, size=70, opacity=1).encode(y=y, shape=_shape(names))
    spread = base.mark_rule(strokeWidth=2, opacity=0.6).encode(y=y, y2="high:Q")
    lost = alt.Chart(alt.Data(values=[row | {"low": top} for row in failed])).encode(
        x=_side(points + failed), y=y, color=_colour(names)
    )
    crosses = lost.mark_point(shape="cross", angle=45, size=90, filled=True)
    words = lost.mark_text(align="right", dx=-8, fontSize=10).encode(text="status:N")
    lines = base.mark_line(strokeWidth=1.5).encode(y=y)
    return styled(
        alt.layer(lines, spread, marks, crosses, words),
        f"{quantity.capitalize()} against resolution",
        "points: p50; bars: to p90; exponent 1: proportional to pixels, 95 % interval in brackets"
        if quantity == "latency"
        else "process with everything it started, from its start; inputs included",
    )


def _values(part: SizeLatency, quantity: str) -> tuple[float | None, float | None]:
    if quantity == "latency":
        return (None, None) if part.e2e is None else (part.e2e.p50_s * 1e3, part.e2e.p90_s * 1e3)
    known = [found.peak_bytes / 1e6 for found in part.sessions if found.peak_bytes]
    return (max(known), max(known)) if known else (None, None)


def _legend(result: LatencyResult, quantity: str) -> str:
    name = label(result.method.name)
    if quantity != "latency" or result.by_pixels is None:
        return name
    return f"{name}: {with_interval(result.by_pixels, 1.0, 2)}"


def _side(rows: Sequence[dict[str, Any]]) -> alt.X:
    sides = sorted({row["side"] for row in rows})
    return alt.X(
        "side:Q",
        scale=alt.Scale(type="log", base=2, nice=False, padding=12),
        axis=alt.Axis(values=sides, format=".0f", labelOverlap="greedy"),
        title="side of a square of as many pixels, px (log)",
    )


def _colour(names: Sequence[str]) -> alt.Color:
    colours = [PALETTE[index % len(PALETTE)] for index in range(len(names))]
    legend = alt.Legend(title="method", symbolLimit=0, labelLimit=320)
    return alt.Color("method:N", scale=alt.Scale(domain=list(names), range=colours), legend=legend)


def _shape(names: Sequence[str]) -> alt.Shape:
    shapes = [SHAPES[index % len(SHAPES)] for index in range(len(names))]
    return alt.Shape("method:N", scale=alt.Scale(domain=list(names), range=shapes))


def areas(
    results: Sequence[LatencyResult], samples: Callable[[LatencyResult], Sequence[RunRow]]
) -> alt.LayerChart:
    """Latency against the area of the hole at one size, with the fitted lines.

    Args:
        results: one per method; those without a series of hole areas are left out.
        samples: gives the runs of a result.
    """
    points, lines = [], []
    shown = [result for result in results if result.by_hole is not None]
    for result in shown:
        name = _area_legend(result)
        runs = [sample for sample in samples(result) if sample["series"] == "area"]
        holes = sorted({(sample["hole_pixels"], sample["input"]) for sample in runs})
        for pixels, number in holes:
            middle = median(sample["e2e_s"] for sample in runs if sample["input"] == number)
            points.append({"method": name, "hole": pixels / 1e6, "ms": middle * 1e3})
        if fit := result.by_hole:
            ends = (0.0, float(holes[-1][0]))
            lines += [
                {"method": name, "hole": end / 1e6, "ms": (fit.intercept + fit.slope * end) * 1e3}
                for end in ends
            ]
    names = [_area_legend(result) for result in shown]
    x, y = alt.X("hole:Q", title="missing megapixels"), alt.Y("ms:Q", title="end-to-end latency, ms")
    colour = _colour(names)
    drawn = alt.Chart(alt.Data(values=lines)).mark_line(strokeWidth=1.5).encode(x=x, y=y, color=colour)
    marks = alt.Chart(alt.Data(values=points)).mark_point(filled=True, size=70, opacity=1)
    sizes = sorted({str(result.area.size) for result in shown if result.area})
    return styled(
        alt.layer(drawn, marks.encode(x=x, y=y, color=colour, shape=_shape(names))),
        f"Latency against the area of the hole at size {', '.join(sizes)}",
        "points: median of each hole; lines: least squares, ns per missing pixel in the legend",
    )


def _area_legend(result: LatencyResult) -> str:
    fit = result.by_hole
    name = label(result.method.name)
    return name if fit is None else f"{name}: {with_interval(fit, 1e9, 1)}"
