"""Draw results of the latency protocol: against resolution, and against the area of the hole."""

import math
from collections.abc import Callable, Mapping, Sequence
from statistics import median
from typing import Any, Final, Literal

import altair as alt

from df8k.leaderboard.latency.results import LatencyResult, RunRow, SizeLatency
from df8k.leaderboard.site.style import REAL_TIME_MS, MethodStyle
from df8k.leaderboard.site.tables.latency import with_interval

from .chart import method_channels, styled

_TITLES: Final = {
    "latency": "end-to-end latency, ms (log)",
    "memory": "peak memory of the process, MB (log)",
}
_SUBTITLES: Final = {
    "latency": "points: p50; bars: to p90; exponent 1: proportional to pixels, 95 % interval in brackets",
    "memory": "process with everything it started, from its start; inputs included",
}


def ladder(
    results: Sequence[LatencyResult],
    styles: Mapping[str, MethodStyle],
    quantity: Literal["latency", "memory"] = "latency",
) -> alt.LayerChart:
    """Draw latency or memory against the size on log axes; failures are crosses on top.

    Args:
        results: one per method.
        styles: the look of each method.
        quantity: ``latency``: points at p50 with lines to p90, and the fitted power law; or ``memory``.
    """
    points: list[dict[str, Any]] = []
    failures: list[dict[str, Any]] = []
    legend_texts = {result.method.name: _legend_text(result, styles, quantity) for result in results}
    for result in results:
        for size_latency in result.sizes:
            low, high = _low_and_high(size_latency, quantity)
            point = {
                "method": legend_texts[result.method.name],
                "side": math.sqrt(size_latency.pixels),
                "size": str(size_latency.size),
            }
            if low is None:
                failures.append(point | {"status": size_latency.status})
            else:
                points.append(point | {"low": low, "high": high})
    top = max((point["high"] for point in points), default=1.0) * 2
    channels = _channels(legend_texts, styles)
    x = _side_axis(points + failures)
    y = alt.Y("low:Q", scale=alt.Scale(type="log"), title=_TITLES[quantity])
    base = alt.Chart(alt.Data(values=points)).encode(x=x, color=channels["color"])
    marks = base.mark_point(filled=True, size=70, opacity=1).encode(y=y, shape=channels["shape"])
    spread = base.mark_rule(strokeWidth=2, opacity=0.6).encode(y=y, y2="high:Q")
    failed = alt.Chart(alt.Data(values=[failure | {"low": top} for failure in failures])).encode(
        x=x, y=y, color=channels["color"]
    )
    crosses = failed.mark_point(shape="cross", angle=45, size=90, filled=True)
    reasons = failed.mark_text(align="right", dx=-8, fontSize=10).encode(text="status:N")
    lines = base.mark_line(strokeWidth=1.5).encode(y=y)
    layers = [lines, spread, marks, crosses, reasons]
    if quantity == "latency":
        layers += _real_time()
    return styled(
        alt.layer(*layers),
        f"{quantity.capitalize()} against resolution",
        _SUBTITLES[quantity],
    )


def _real_time() -> list[alt.Chart]:
    """Draw the line below which a picture is filled in real time."""
    data = alt.Data(values=[{"low": REAL_TIME_MS, "text": f"{REAL_TIME_MS:g} ms"}])
    line = alt.Chart(data).mark_rule(strokeDash=[4, 4], opacity=0.7).encode(y="low:Q")
    text = alt.Chart(data).mark_text(align="left", dx=4, dy=-6, fontSize=10)
    return [line, text.encode(x=alt.value(0), y="low:Q", text="text:N")]


def _low_and_high(size_latency: SizeLatency, quantity: str) -> tuple[float | None, float | None]:
    if quantity == "latency":
        e2e = size_latency.e2e
        return (None, None) if e2e is None else (e2e.p50_s * 1e3, e2e.p90_s * 1e3)
    peaks = [session.peak_bytes / 1e6 for session in size_latency.sessions if session.peak_bytes]
    return (max(peaks), max(peaks)) if peaks else (None, None)


def _legend_text(result: LatencyResult, styles: Mapping[str, MethodStyle], quantity: str) -> str:
    label = styles[result.method.name].label
    if quantity != "latency" or result.by_pixels is None:
        return label
    return f"{label}: {with_interval(result.by_pixels, 1.0, 2)}"


def _channels(legend_texts: Mapping[str, str], styles: Mapping[str, MethodStyle]) -> dict[str, Any]:
    return method_channels({text: styles[name] for name, text in legend_texts.items()}, labelLimit=0)


def _side_axis(points: Sequence[Mapping[str, Any]]) -> alt.X:
    sides = sorted({point["side"] for point in points})
    return alt.X(
        "side:Q",
        scale=alt.Scale(type="log", base=2, nice=False, padding=12),
        axis=alt.Axis(values=sides, format=".0f", labelOverlap="greedy"),
        title="side of a square of as many pixels, px (log)",
    )


def latency_against_hole_area(
    results: Sequence[LatencyResult],
    styles: Mapping[str, MethodStyle],
    samples: Callable[[LatencyResult], Sequence[RunRow]],
) -> alt.LayerChart:
    """Draw latency against the area of the hole at one size, with the fitted lines.

    Args:
        results: one per method; those without a series of hole areas are left out.
        styles: the look of each method.
        samples: gives the runs of a result.
    """
    points, lines = [], []
    fitted = {result.method.name: result for result in results if result.by_hole is not None}
    legend_texts = {name: _area_legend_text(result, styles) for name, result in fitted.items()}
    for name, result in fitted.items():
        text = legend_texts[name]
        runs = [sample for sample in samples(result) if sample["series"] == "area"]
        holes = sorted({(sample["hole_pixels"], sample["input"]) for sample in runs})
        for pixels, number in holes:
            middle = median(sample["e2e_s"] for sample in runs if sample["input"] == number)
            points.append({"method": text, "hole": pixels / 1e6, "ms": middle * 1e3})
        if fit := result.by_hole:
            ends = (0.0, float(holes[-1][0]))
            lines += [
                {"method": text, "hole": end / 1e6, "ms": (fit.intercept + fit.slope * end) * 1e3}
                for end in ends
            ]
    x, y = alt.X("hole:Q", title="missing megapixels"), alt.Y("ms:Q", title="end-to-end latency, ms")
    channels = _channels(legend_texts, styles)
    fits = (
        alt.Chart(alt.Data(values=lines)).mark_line(strokeWidth=1.5).encode(x=x, y=y, color=channels["color"])
    )
    marks = alt.Chart(alt.Data(values=points)).mark_point(filled=True, size=70, opacity=1)
    sizes = sorted({str(result.area.size) for result in fitted.values() if result.area})
    return styled(
        alt.layer(fits, marks.encode(x=x, y=y, **channels)),
        f"Latency against the area of the hole at size {', '.join(sizes)}",
        "points: median of each hole; lines: least squares, ns per missing pixel in the legend",
    )


def _area_legend_text(result: LatencyResult, styles: Mapping[str, MethodStyle]) -> str:
    label, fit = styles[result.method.name].label, result.by_hole
    return label if fit is None else f"{label}: {with_interval(fit, 1e9, 1)}"
