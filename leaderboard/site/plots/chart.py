"""Draw charts in the site's one look: colour-blind safe, legible in grey."""

import re
from collections.abc import Mapping
from typing import Any, Final

import altair as alt
import vl_convert

from df8k.leaderboard.site.style import DARK, FRAME_COLOUR, GRID_COLOUR, MethodStyle

HEIGHT: Final = 380
WIDTH: Final = HEIGHT + 100


def method_channels(styles: Mapping[str, MethodStyle], **legend: Any) -> dict[str, Any]:
    """Make the channels that give each method of a chart its colour and shape.

    Args:
        styles: the chart's text for a method → its look, in the order of the legend.
        legend: further properties of the legend.
    """
    names = list(styles)
    colours = alt.Scale(domain=names, range=[style.colour for style in styles.values()])
    shapes = alt.Scale(domain=names, range=[style.shape for style in styles.values()])
    entries = alt.Legend(**{"title": "method", "symbolLimit": 0, **legend})
    return {
        "color": alt.Color("method:N", scale=colours, legend=entries),
        "shape": alt.Shape("method:N", scale=shapes, legend=entries),
    }


def styled(chart: alt.LayerChart, title: str, subtitle: str, height: int = HEIGHT) -> alt.LayerChart:
    """Finish a chart in the style of all drawings."""
    finished: alt.LayerChart = (
        chart.properties(
            width=WIDTH,
            height=height,
            background="white",
            title=alt.Title(title, subtitle=subtitle, anchor="start"),
        )
        .configure_view(stroke=FRAME_COLOUR)
        .configure_axis(gridColor=GRID_COLOUR, labelFontSize=11, titleFontSize=12)
    )
    return finished


def svg(chart: alt.LayerChart) -> str:
    """Render a chart as SVG, light or dark as its reader likes it; the same chart gives the same text."""
    drawing = str(vl_convert.vegalite_to_svg(chart.to_dict(validate=False)))
    # Vega numbers its clip paths across all drawings of the process.
    names: dict[str, str] = {}
    drawing = re.sub(r"\bclip\d+\b", lambda match: names.setdefault(match[0], f"clip{len(names)}"), drawing)
    return re.sub(r"^<svg[^>]*>", lambda match: f"{match[0]}<style>{_dark_rules()}</style>", drawing)


def _dark_rules() -> str:
    """Write the rules that turn light colours into dark ones, which win over attributes."""
    rules = "".join(
        f'[fill="{light}"]{{fill:{dark}}}[stroke="{light}"]{{stroke:{dark}}}' for light, dark in DARK.items()
    )
    return f"@media (prefers-color-scheme:dark){{{rules}}}"


def png(drawing: str) -> bytes:
    """Render an SVG drawing as PNG at twice its resolution."""
    return bytes(vl_convert.svg_to_png(drawing, scale=2))
