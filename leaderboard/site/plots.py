"""The plots: one style, colour-blind safe, legible in grey."""

import math
import re
from collections.abc import Sequence
from typing import Any, Final

import altair as alt
import numpy as np
import vl_convert

from leaderboard.protocol.sizes import extent
from leaderboard.statistics.scaling import power_law

from .board import Column, Entry, columns, value
from .grid import one_line

# The band that the RETHINED paper's teaser figure calls real time.
REAL_TIME_MS: Final = 30.0
# Okabe and Ito's colour-blind safe palette without yellow, darkened where white paper needs it.
PALETTE: Final = ("#0072B2", "#D55E00", "#007A5A", "#B4578F", "#A66F00", "#2E86C1", "#333333")
# Shapes repeat the distinction for grey prints; each is followed by the next once the colours are used up.
SHAPES: Final = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down", "triangle-right")
_QUANTILES: Final = (0.05, 0.25, 0.5, 0.75, 0.95)
_SIDE: Final = 380
_NAME_LENGTH: Final = 28


def label(name: str) -> str:
    """A method's name as drawings show it: one line, no longer than fits."""
    text = one_line(name)
    return text if len(text) <= _NAME_LENGTH else f"{text[: _NAME_LENGTH - 1]}…"


def column_of(entries: Sequence[Entry], key: str) -> Column:
    """The column of a metric key.

    Raises:
        KeyError: no entry has it.
    """
    return {column.key: column for column in columns(entries)}[key]


def pareto_front(points: Sequence[tuple[float, float]], *, higher_is_better: bool) -> list[int]:
    """Indices of the points that none other beats in both time and quality, by rising time.

    Args:
        points: ``(time, quality)``.
        higher_is_better: direction of the quality; time is better when lower.
    """
    sign = -1.0 if higher_is_better else 1.0
    order = sorted(range(len(points)), key=lambda index: (points[index][0], sign * points[index][1]))
    front: list[int] = []
    for index in order:
        if not front or sign * points[index][1] < sign * points[front[-1]][1]:
            front.append(index)
    return front


def quality_against_latency(entries: Sequence[Entry], column: Column) -> alt.LayerChart:
    """Quality against median latency of one size: bubbles, Pareto front and the real-time band.

    Args:
        entries: rows of the board, all of one size; those without score or latency are left out.
        column: the metric on the vertical axis.
    """
    shown = [
        (entry, mean, entry.part.latency.median_s * 1e3)
        for entry in entries
        if (mean := value(entry, column.key)) is not None
        and entry.part.latency is not None
        and entry.part.latency.median_s > 0
    ]
    front = pareto_front(
        [(ms, mean) for _, mean, ms in shown], higher_is_better=bool(column.higher_is_better)
    )
    rows: list[dict[str, Any]] = []
    for index, (entry, mean, ms) in enumerate(shown):
        estimate = entry.part.metrics.get(column.key)
        bounds = (estimate.low, estimate.high) if estimate else (None, None)
        low, high = (mean if bound is None else bound for bound in bounds)
        rows.append(
            {
                "method": label(entry.name),
                "ms": ms,
                "value": mean * column.factor,
                "low": low * column.factor,
                "high": high * column.factor,
                "millions": (entry.result.method.parameters or 0) / 1e6,
                "front": index in front,
                "name": label(entry.name) if index in front or len(shown) <= 8 else "",
            }
        )
    times = [REAL_TIME_MS, *(row["ms"] for row in rows)]
    domain = [min(times) / 2, max(times) * 2.5]
    base = alt.Chart(alt.Data(values=rows))
    x = alt.X("ms:Q", scale=alt.Scale(type="log", domain=domain), title="median latency, ms (log)")
    y = alt.Y("value:Q", scale=alt.Scale(zero=False), title=_quality_title(column))
    band = (
        alt.Chart(alt.Data(values=[{"from": domain[0], "to": REAL_TIME_MS}]))
        .mark_rect(color="#1a7f37", opacity=0.1)
        .encode(x=alt.X("from:Q", scale=alt.Scale(type="log", domain=domain)), x2="to:Q")
    )
    line = (
        base.transform_filter("datum.front")
        .mark_line(color="#555", strokeDash=[5, 3], interpolate="step-after", strokeWidth=1.5)
        .encode(x=x, y=y)
    )
    interval = base.mark_rule(opacity=0.5).encode(x=x, y="low:Q", y2="high:Q")
    points = base.mark_point(filled=True, opacity=0.85, stroke="#222", strokeWidth=0.6).encode(
        x=x,
        y=y,
        size=alt.Size(
            "millions:Q", scale=alt.Scale(domain=[0, 100], range=[70, 900]), title="parameters, millions"
        ),
        **_method_channels(entries),
    )
    names = base.mark_text(align="left", dx=9, dy=-8, fontSize=11).encode(x=x, y=y, text="name:N")
    return styled(
        alt.layer(band, line, interval, points, names),
        f"{column.heading} against latency at size {entries[0].size}",
        "shaded: real time, 30 ms; dashed: Pareto front; bars: 95 % interval",
    )


def _quality_title(column: Column) -> str:
    better = {True: ", higher is better", False: ", lower is better", None: ""}[column.higher_is_better]
    return f"{column.heading}{better}"


def _method_channels(entries: Sequence[Entry]) -> dict[str, Any]:
    """Colour and shape of each method, by name, so that they are the same in every drawing."""
    names = sorted({label(entry.name) for entry in entries})
    colours = [PALETTE[index % len(PALETTE)] for index in range(len(names))]
    shapes = [SHAPES[(index + index // len(PALETTE)) % len(SHAPES)] for index in range(len(names))]
    legend = alt.Legend(title="method", symbolLimit=0, columns=1 + len(names) // 20)
    return {
        "color": alt.Color("method:N", scale=alt.Scale(domain=names, range=colours), legend=legend),
        "shape": alt.Shape("method:N", scale=alt.Scale(domain=names, range=shapes), legend=legend),
    }


def against_resolution(entries: Sequence[Entry], quantity: str) -> alt.LayerChart:
    """Latency or memory against the side length on log axes, with each method's exponent in pixels.

    Args:
        entries: rows of the board; native sizes have no side length and are left out.
        quantity: ``latency`` (ms) or ``memory`` (MB).
    """
    rows: list[dict[str, Any]] = []
    for name in sorted({entry.name for entry in entries}):
        of_method = sorted(
            (math.sqrt(found[0] * found[1]), cost)
            for entry in entries
            if entry.name == name
            and (found := extent(entry.size)) is not None
            and (cost := _cost(entry, quantity)) is not None
        )
        fit = power_law([side * side for side, _ in of_method], [cost for _, cost in of_method])
        for side, cost in of_method:
            tail = "" if fit is None else f"  (pixels^{fit.slope:.2f})"
            rows.append({"name": label(name), "method": label(name) + tail, "side": side, "cost": cost})
    names = list(dict.fromkeys(str(row["method"]) for row in rows))
    known = sorted({label(entry.name) for entry in entries})
    places = [known.index(str(next(row["name"] for row in rows if row["method"] == name))) for name in names]
    colours = [PALETTE[place % len(PALETTE)] for place in places]
    shapes = [SHAPES[(place + place // len(PALETTE)) % len(SHAPES)] for place in places]
    legend = alt.Legend(
        title="method, fitted exponent", symbolLimit=0, columns=1 + len(names) // 20, labelLimit=320
    )
    base = alt.Chart(alt.Data(values=rows)).encode(
        x=alt.X(
            "side:Q",
            scale=alt.Scale(type="log", base=2, nice=False),
            axis=alt.Axis(values=sorted({row["side"] for row in rows}), format="d"),
            title="side of the square, or of one of as many pixels, px (log)",
        ),
        y=alt.Y(
            "cost:Q",
            scale=alt.Scale(type="log"),
            title="median latency, ms (log)" if quantity == "latency" else "peak memory of a call, MB (log)",
        ),
        color=alt.Color("method:N", scale=alt.Scale(domain=names, range=colours), legend=legend),
    )
    points = base.mark_point(filled=True, size=70, opacity=1).encode(
        shape=alt.Shape("method:N", scale=alt.Scale(domain=names, range=shapes), legend=legend)
    )
    title = "Latency against resolution" if quantity == "latency" else "Memory against resolution"
    return styled(alt.layer(base.mark_line(), points), title, "exponent 1: proportional to pixels")


def _cost(entry: Entry, quantity: str) -> float | None:
    if quantity == "latency":
        return entry.part.latency.median_s * 1e3 if entry.part.latency else None
    return entry.part.peak_memory_bytes / 1e6 if entry.part.peak_memory_bytes else None


def tie_diagram(entries: Sequence[Entry], column: Column) -> alt.LayerChart:
    """Means with intervals by rank at one size; filled where the images cannot tell a method from the best.

    Args:
        entries: rows of the board, all of one size, ranked with their per-image values.
        column: the metric.
    """
    rows: list[dict[str, Any]] = []
    for entry in entries:
        mean, estimate = value(entry, column.key), entry.part.metrics.get(column.key)
        if mean is None:
            continue
        bounds = (estimate.low, estimate.high) if estimate else (None, None)
        low, high = (mean if bound is None else bound for bound in bounds)
        group = "best or tied with it" if column.key in entry.tied else "worse"
        rows.append(
            {
                "method": label(entry.name),
                "value": mean * column.factor,
                "low": low * column.factor,
                "high": high * column.factor,
                "group": group,
            }
        )
    rows.sort(key=lambda row: (row["value"], row["method"]), reverse=bool(column.higher_is_better))
    base = alt.Chart(alt.Data(values=rows))
    y = alt.Y("method:N", sort=None, title=None, axis=alt.Axis(labelLimit=240))
    rule = base.mark_rule(strokeWidth=1.5).encode(
        y=y, x=alt.X("low:Q", scale=alt.Scale(zero=False), title=_quality_title(column)), x2="high:Q"
    )
    groups = ["best or tied with it", "worse"]
    points = base.mark_point(size=80, filled=True, opacity=1, stroke="#222", strokeWidth=1.2).encode(
        y=y,
        x="value:Q",
        fill=alt.Fill("group:N", scale=alt.Scale(domain=groups, range=["#222222", "#ffffff"]), title=None),
    )
    return styled(
        alt.layer(rule, points),
        f"Who is tied with the best: {column.heading} at size {entries[0].size}",
        "paired bootstrap over images, 95 %",
        height=max(80, 22 * len(rows)),
    )


def distribution(entries: Sequence[Entry], column: Column) -> alt.LayerChart:
    """Spread over images at one size: median, quartiles, and the 5 % and 95 % quantiles.

    Args:
        entries: rows of the board, all of one size, with their per-image values.
        column: a metric of pictures.
    """
    rows: list[dict[str, Any]] = []
    for entry in entries:
        if entry.values is None or column.key not in entry.values.values:
            continue
        array = entry.values.values[column.key]
        finite = array[np.isfinite(array)] * column.factor
        if finite.size:
            found = np.quantile(finite, _QUANTILES).tolist()
            names = ("q05", "q25", "q50", "q75", "q95")
            rows.append({"method": label(entry.name), **dict(zip(names, found, strict=True))})
    base = alt.Chart(alt.Data(values=rows))
    y = alt.Y("method:N", sort=None, title=None, axis=alt.Axis(labelLimit=240))
    title = f"{_quality_title(column)}, each image"
    whisker = base.mark_rule(color="#555").encode(
        y=y, x=alt.X("q05:Q", scale=alt.Scale(zero=False), title=title), x2="q95:Q"
    )
    box = base.mark_bar(color="#56B4E9", stroke="#222", height=12).encode(y=y, x="q25:Q", x2="q75:Q")
    middle = base.mark_tick(color="#000", thickness=2.5, height=16).encode(y=y, x="q50:Q")
    return styled(
        alt.layer(whisker, box, middle),
        f"Spread over images: {column.heading} at size {entries[0].size}",
        "tick: median; box: middle half; line: 5 % to 95 %",
        height=max(80, 22 * len(rows)),
    )


def styled(chart: alt.LayerChart, title: str, subtitle: str, height: int = _SIDE) -> alt.LayerChart:
    """A chart in the style of all drawings."""
    finished: alt.LayerChart = (
        chart.properties(
            width=_SIDE + 100,
            height=height,
            background="white",
            title=alt.Title(title, subtitle=subtitle, anchor="start"),
        )
        .configure_view(stroke="#bbb")
        .configure_axis(gridColor="#e8e8e8", labelFontSize=11, titleFontSize=12)
    )
    return finished


def svg(chart: alt.LayerChart) -> str:
    """Render a chart as SVG; the same chart gives the same text."""
    drawing = str(vl_convert.vegalite_to_svg(chart.to_dict(validate=False)))
    # Vega numbers its clip paths across all drawings of the process.
    names: dict[str, str] = {}
    return re.sub(r"\bclip\d+\b", lambda found: names.setdefault(found[0], f"clip{len(names)}"), drawing)


def png(drawing: str) -> bytes:
    """Render an SVG drawing as PNG at twice its resolution."""
    return bytes(vl_convert.svg_to_png(drawing, scale=2))
