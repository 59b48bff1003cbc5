"""Draw how latency and memory grow with the size."""

import math
from collections.abc import Mapping
from typing import Any, Final, Literal

import altair as alt

from df8k.leaderboard.protocol.sizes import extent
from df8k.leaderboard.site.board import Board, Entry
from df8k.leaderboard.site.style import MethodStyle
from df8k.leaderboard.statistics.scaling import power_law

from .chart import method_channels, styled

_TITLES: Final = {
    "latency": "median latency, ms (log)",
    "memory": "peak memory of a call, MB (log)",
}


def cost_against_resolution(
    board: Board, styles: Mapping[str, MethodStyle], quantity: Literal["latency", "memory"]
) -> alt.LayerChart:
    """Draw latency or memory against the side length on log axes, with each method's exponent in pixels.

    Args:
        board: native sizes have no side length and are left out.
        styles: the look of each method.
        quantity: ``latency`` (ms) or ``memory`` (MB).
    """
    points: list[dict[str, Any]] = []
    legend_styles: dict[str, MethodStyle] = {}
    for name in sorted(board.methods):
        costs = sorted(
            (math.sqrt(frame[0] * frame[1]), cost)
            for entry in board.methods[name].values()
            if (frame := extent(entry.size)) is not None and (cost := _cost(entry, quantity)) is not None
        )
        fit = power_law([side * side for side, _ in costs], [cost for _, cost in costs])
        text = styles[name].label + ("" if fit is None else f"  (pixels^{fit.slope:.2f})")
        points += [{"method": text, "side": side, "cost": cost} for side, cost in costs]
        if costs:
            legend_styles.setdefault(text, styles[name])
    channels = method_channels(
        legend_styles,
        title="method, fitted exponent",
        columns=1 + len(legend_styles) // 20,
        labelLimit=0,
    )
    lines = alt.Chart(alt.Data(values=points)).encode(
        x=alt.X(
            "side:Q",
            scale=alt.Scale(type="log", base=2, nice=False),
            axis=alt.Axis(values=sorted({point["side"] for point in points}), format="d"),
            title="side of the square, or of one of as many pixels, px (log)",
        ),
        y=alt.Y("cost:Q", scale=alt.Scale(type="log"), title=_TITLES[quantity]),
        color=channels["color"],
    )
    marks = lines.mark_point(filled=True, size=70, opacity=1).encode(shape=channels["shape"])
    title = f"{quantity.capitalize()} against resolution"
    return styled(alt.layer(lines.mark_line(), marks), title, "exponent 1: proportional to pixels")


def _cost(entry: Entry, quantity: str) -> float | None:
    timing = entry.timing
    if timing is None:
        return None
    if quantity == "latency":
        return timing.median_s * 1e3
    return timing.memory_bytes / 1e6 if timing.memory_bytes else None
