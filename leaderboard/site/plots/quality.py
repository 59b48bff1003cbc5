"""Draw the quality of one size: against latency, its ties, and its spread over images."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import altair as alt
import numpy as np

from df8k.leaderboard.site.board import Board, Entry
from df8k.leaderboard.site.columns import Column
from df8k.leaderboard.site.style import (
    BOX_COLOUR,
    FRONT_COLOUR,
    OUTLINE_COLOUR,
    REAL_TIME_COLOUR,
    REAL_TIME_MS,
    TIED_FILL,
    WORSE_FILL,
    MethodStyle,
)

from .chart import HEIGHT, WIDTH, method_channels, styled
from .labels import Spot, place_labels

_QUANTILES: Final = {"q05": 0.05, "q25": 0.25, "q50": 0.5, "q75": 0.75, "q95": 0.95}
_ROW_HEIGHT: Final = 22
# Of a bubble in square pixels: without parameters, and with a hundred millions.
_AREAS: Final = (70, 900)


def pareto_front(points: Sequence[tuple[float, float]], *, higher_is_better: bool) -> list[int]:
    """Find the indices of the points that none other beats in both time and quality, by rising time.

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


def quality_against_latency(
    board: Board, column: Column, styles: Mapping[str, MethodStyle]
) -> alt.LayerChart:
    """Draw quality against median latency of one size: bubbles, Pareto front and the real-time band.

    Args:
        board: of one size; entries without score or latency are left out.
        column: the metric on the vertical axis.
        styles: the look of each method.
    """
    timed = [
        (entry, score, timing.median_s * 1e3)
        for entry in board.entries
        if (score := entry.score(column.key)) is not None
        and (timing := entry.timing) is not None
        and timing.median_s > 0
    ]
    front = pareto_front(
        [(ms, score) for _, score, ms in timed], higher_is_better=bool(column.higher_is_better)
    )
    points: list[dict[str, Any]] = []
    for index, (entry, score, ms) in enumerate(timed):
        label = styles[entry.name].label
        points.append(
            {
                "method": label,
                "ms": ms,
                **_value_with_bounds(entry, score, column),
                "millions": (entry.result.method.parameters or 0) / 1e6,
                "front": index in front,
                "name": label if index in front or len(timed) <= 8 else "",
            }
        )
    times = [REAL_TIME_MS, *(point["ms"] for point in points)]
    domain = [min(times) / 2, max(times) * 2.5]
    heights = _height_domain(points)
    labelled = _labelled(points, domain, heights)
    base = alt.Chart(alt.Data(values=points))
    x = alt.X("ms:Q", scale=alt.Scale(type="log", domain=domain), title="median latency, ms (log)")
    y = alt.Y("value:Q", scale=alt.Scale(domain=heights, nice=False), title=_axis_title(column))
    band = (
        alt.Chart(alt.Data(values=[{"from": domain[0], "to": REAL_TIME_MS}]))
        .mark_rect(color=REAL_TIME_COLOUR, opacity=0.1)
        .encode(x=alt.X("from:Q", scale=alt.Scale(type="log", domain=domain)), x2="to:Q")
    )
    line = (
        base.transform_filter("datum.front")
        .mark_line(color=FRONT_COLOUR, strokeDash=[5, 3], interpolate="step-after", strokeWidth=1.5)
        .encode(x=x, y=y)
    )
    interval = base.mark_rule(opacity=0.5).encode(x=x, y="low:Q", y2="high:Q")
    looks = {styles[name].label: styles[name] for name in board.methods}
    bubbles = base.mark_point(filled=True, opacity=0.85, stroke=OUTLINE_COLOUR, strokeWidth=0.6).encode(
        x=x,
        y=y,
        size=alt.Size(
            "millions:Q", scale=alt.Scale(domain=[0, 100], range=list(_AREAS)), title="parameters, millions"
        ),
        **method_channels(dict(sorted(looks.items())), columns=1 + len(looks) // 20),
    )
    x_label = alt.X("label_x:Q", scale=alt.Scale(type="log", domain=domain))
    named = alt.Chart(alt.Data(values=labelled))
    labels = named.mark_text(fontSize=11).encode(x=x_label, y="label_y:Q", text="name:N")
    leads = named.transform_filter("datum.led").mark_rule(color=FRONT_COLOUR, strokeWidth=0.8)
    leads = leads.encode(x=x, y="value:Q", x2="label_x:Q", y2="label_y:Q")
    return styled(
        alt.layer(band, line, interval, leads, bubbles, labels),
        f"{column.heading} against latency at size {board.sizes[0]}",
        f"shaded: real time, {REAL_TIME_MS:g} ms; dashed: Pareto front; bars: 95 % interval",
    )


def _height_domain(points: Sequence[Mapping[str, Any]]) -> list[float]:
    """Span the vertical axis over all intervals, with room for labels."""
    low = min((point["low"] for point in points), default=0.0)
    high = max((point["high"] for point in points), default=1.0)
    room = 0.08 * (high - low) or 0.1 * abs(high) or 1.0
    return [low - room, high + room]


def _labelled(
    points: Sequence[Mapping[str, Any]], times: Sequence[float], heights: Sequence[float]
) -> list[dict[str, Any]]:
    """Add to each point that has a label where it stands, in the units of both axes."""
    start, stop = map(math.log, times)
    low, high = heights
    spots = [
        Spot(
            x=WIDTH * (math.log(point["ms"]) - start) / (stop - start),
            y=HEIGHT * (high - point["value"]) / (high - low),
            radius=math.sqrt((_AREAS[0] + (_AREAS[1] - _AREAS[0]) * point["millions"] / 100) / math.pi),
            text=point["name"],
        )
        for point in points
    ]
    return [
        {
            **point,
            "label_x": math.exp(start + label.x / WIDTH * (stop - start)),
            "label_y": high - label.y / HEIGHT * (high - low),
            "led": label.led,
        }
        for point, label in zip(points, place_labels(spots, WIDTH, HEIGHT), strict=True)
        if label is not None
    ]


def _axis_title(column: Column) -> str:
    better = {True: ", higher is better", False: ", lower is better", None: ""}[column.higher_is_better]
    return f"{column.heading}{better}"


def _value_with_bounds(entry: Entry, score: float, column: Column) -> dict[str, float]:
    """Give a score and its interval in the unit shown; without an interval its ends are the score."""
    low, high = entry.interval(column.key) or (score, score)
    return {"value": score * column.factor, "low": low * column.factor, "high": high * column.factor}


def tie_diagram(board: Board, column: Column, styles: Mapping[str, MethodStyle]) -> alt.LayerChart:
    """Draw means with intervals by rank; filled where the images cannot tell a method from the best.

    Args:
        board: of one size, ranked with its per-image values.
        column: the metric.
        styles: the look of each method.
    """
    tied, worse = "best or tied with it", "worse"
    means: list[dict[str, Any]] = [
        {
            "method": styles[entry.name].label,
            **_value_with_bounds(entry, score, column),
            "group": tied if column.key in entry.tied else worse,
        }
        for entry in board.entries
        if (score := entry.score(column.key)) is not None
    ]
    means.sort(key=lambda mean: (mean["value"], mean["method"]), reverse=bool(column.higher_is_better))
    base = alt.Chart(alt.Data(values=means))
    y = alt.Y("method:N", sort=None, title=None, axis=alt.Axis(labelLimit=240))
    rule = base.mark_rule(strokeWidth=1.5).encode(
        y=y, x=alt.X("low:Q", scale=alt.Scale(zero=False), title=_axis_title(column)), x2="high:Q"
    )
    fills = alt.Scale(domain=[tied, worse], range=[TIED_FILL, WORSE_FILL])
    points = base.mark_point(size=80, filled=True, opacity=1, stroke=OUTLINE_COLOUR, strokeWidth=1.2).encode(
        y=y, x="value:Q", fill=alt.Fill("group:N", scale=fills, title=None)
    )
    return styled(
        alt.layer(rule, points),
        f"Who is tied with the best: {column.heading} at size {board.sizes[0]}",
        "paired Student's t and signed ranks over images, Holm's correction, level 0.05",
        height=max(80, _ROW_HEIGHT * len(means)),
    )


def spread_over_images(board: Board, column: Column, styles: Mapping[str, MethodStyle]) -> alt.LayerChart:
    """Draw the spread over images: median, quartiles, and the 5 % and 95 % quantiles.

    Args:
        board: of one size, its entries with their per-image values.
        column: a metric of pictures.
        styles: the look of each method.
    """
    spreads: list[dict[str, Any]] = []
    for entry in board.entries:
        if entry.values is None or column.key not in entry.values.values:
            continue
        values = entry.values.values[column.key]
        finite = values[np.isfinite(values)] * column.factor
        if finite.size:
            quantiles = np.quantile(finite, list(_QUANTILES.values())).tolist()
            spreads.append(
                {"method": styles[entry.name].label, **dict(zip(_QUANTILES, quantiles, strict=True))}
            )
    base = alt.Chart(alt.Data(values=spreads))
    y = alt.Y("method:N", sort=None, title=None, axis=alt.Axis(labelLimit=240))
    title = f"{_axis_title(column)}, each image"
    whisker = base.mark_rule(color=FRONT_COLOUR).encode(
        y=y, x=alt.X("q05:Q", scale=alt.Scale(zero=False), title=title), x2="q95:Q"
    )
    box = base.mark_bar(color=BOX_COLOUR, stroke=OUTLINE_COLOUR, height=12).encode(y=y, x="q25:Q", x2="q75:Q")
    middle = base.mark_tick(color="#000", thickness=2.5, height=16).encode(y=y, x="q50:Q")
    return styled(
        alt.layer(whisker, box, middle),
        f"Spread over images: {column.heading} at size {board.sizes[0]}",
        "tick: median; box: middle half; line: 5 % to 95 %",
        height=max(80, _ROW_HEIGHT * len(spreads)),
    )
