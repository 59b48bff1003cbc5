"""Quality against latency, one panel per size."""

import re
from collections.abc import Sequence
from typing import Final

import altair as alt
import pandas as pd
import vl_convert

from .board import Entry

# The band that the RETHINED paper's teaser figure calls real time.
REAL_TIME_MS: Final = 30.0
# Okabe and Ito's colour-blind safe palette; shapes repeat the distinction for grey prints.
_PALETTE: Final = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000"]


def quality_against_latency(entries: Sequence[Entry], key: str = "l1.hole") -> alt.FacetChart:
    """Error in the hole with its 95 % interval against median latency; unmeasured entries are left out.

    Args:
        entries: rows of the board.
        key: metric key on the vertical axis.
    """
    rows = []
    for entry in entries:
        estimate, latency = entry.part.metrics.get(key), entry.part.latency
        if estimate is None or latency is None:
            continue
        low = estimate.mean if estimate.low is None else estimate.low
        high = estimate.mean if estimate.high is None else estimate.high
        rows.append(
            {
                "method": entry.result.method.name,
                "size": str(entry.size),
                "ms": latency.median_s * 1e3,
                "value": estimate.mean * 100,
                "low": low * 100,
                "high": high * 100,
            }
        )
    data = pd.DataFrame(rows, columns=["method", "size", "ms", "value", "low", "high"])
    order = list(dict.fromkeys(str(entry.size) for entry in entries))
    latest = max([REAL_TIME_MS, *data["ms"]]) * 2
    earliest = min([REAL_TIME_MS, *data["ms"]]) / 2
    base = alt.Chart(data)
    x = alt.X(
        "ms:Q", scale=alt.Scale(type="log", domain=[earliest, latest]), title="median latency, ms (log)"
    )
    band = base.mark_rect(color="#2a9d2a", opacity=0.06, clip=True).encode(
        x=alt.datum(earliest), x2=alt.datum(REAL_TIME_MS)
    )
    interval = base.mark_rule(opacity=0.6).encode(x=x, y="low:Q", y2="high:Q", color=_colour().legend(None))
    points = base.mark_point(filled=True, size=90, opacity=1).encode(
        x=x,
        y=alt.Y("value:Q", scale=alt.Scale(zero=False), title="L1 in the hole, % (mean, 95 % interval)"),
        color=_colour(),
        shape=alt.Shape("method:N", title="method"),
    )
    panels: alt.FacetChart = (
        alt.layer(band, interval, points)
        .properties(width=240, height=240)
        .facet(column=alt.Column("size:O", title=None, sort=order))
        .properties(title="Error against latency: lower left is better; shaded: real time, 30 ms")
    )
    return panels.configure_view(stroke="#bbb").configure_axis(gridColor="#e5e5e5")


def _colour() -> alt.Color:
    return alt.Color("method:N", scale=alt.Scale(range=_PALETTE), title="method")


def svg(chart: alt.FacetChart) -> str:
    """Render a chart as SVG; the same chart gives the same text."""
    drawing = str(vl_convert.vegalite_to_svg(chart.to_dict()))
    # Vega numbers its clip paths across all drawings of the process.
    names: dict[str, str] = {}
    return re.sub(r"\bclip\d+\b", lambda found: names.setdefault(found[0], f"clip{len(names)}"), drawing)


def png(chart: alt.FacetChart) -> bytes:
    """Render a chart as PNG at twice the SVG's resolution."""
    return bytes(vl_convert.vegalite_to_png(chart.to_dict(), scale=2))
