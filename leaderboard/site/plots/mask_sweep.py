"""Draw how a method bears sloppy masks: quality in the exact hole against how far the mask was off."""

from collections.abc import Sequence
from typing import Any, Final

import altair as alt

from df8k.leaderboard.results.mask_sweep import SlipKind, SweepRow
from df8k.leaderboard.site.columns import column_of
from df8k.leaderboard.site.style import method_styles
from df8k.leaderboard.site.tables.grid import one_line
from df8k.leaderboard.site.tables.mask_sweep import shown_key

from .chart import method_channels, styled

_WORDS: Final[dict[SlipKind, str]] = {
    "dilate": "dilated: known pixels lost",
    "erode": "eroded: a rim of it stays",
    "feather": "feathered",
}


def robustness_curve(method: str, rows: Sequence[SweepRow]) -> alt.LayerChart:
    """Draw a line for each way in which masks were off, all from the exact mask.

    Args:
        method: its name.
        rows: of one size, with metrics.
    """
    column = column_of(shown_key(rows))
    styles = method_styles(_WORDS.values())
    exact = [row for row in rows if row.kind == "exact"]
    points: list[dict[str, Any]] = []
    for kind, words in _WORDS.items():
        for row in [*exact, *(row for row in rows if row.kind == kind)]:
            if (one := row.metrics.get(column.key)) is not None:
                ends = [one.mean if end is None else end for end in (one.low, one.high)]
                value, low, high = (column.factor * number for number in (one.mean, *ends))
                at = {"method": styles[words].label, "percent": 100 * row.fraction}
                points.append({**at, "value": value, "low": low, "high": high})
    looks = {styles[words].label: styles[words] for words in _WORDS.values()}
    channels = method_channels(
        looks, title="mask that the method gets", labelLimit=320, orient="bottom", direction="vertical"
    )
    title = f"{column.heading} ({'higher' if column.higher_is_better else 'lower'} is better)"
    base = alt.Chart(alt.Data(values=points)).encode(
        x=alt.X("percent:Q", title="radius, % of the short side"),
        y=alt.Y("value:Q", title=title, scale=alt.Scale(zero=False)),
        color=channels["color"],
    )
    bars = base.mark_rule(opacity=0.5).encode(y=alt.Y("low:Q", title=title), y2="high:Q")
    marks = base.mark_point(filled=True, size=70, opacity=1).encode(shape=channels["shape"])
    heading = f"{one_line(method)[:60]} at {rows[0].size}: sloppy masks"
    return styled(alt.layer(bars, base.mark_line(), marks), heading, "scored in the exact hole")
