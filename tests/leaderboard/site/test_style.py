"""One look for a whole site: a method has one colour, legible on light and dark pages."""

import json
import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leaderboard.latency.results import read_latency
from leaderboard.results.schema import read_result
from leaderboard.site.board import rank
from leaderboard.site.charts import board_charts, latency_charts
from leaderboard.site.render import packaged_text
from leaderboard.site.style import PALETTE, REAL_TIME_COLOUR, SHAPES, method_styles


def luminance(colour):
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("colour", PALETTE)
def test_every_colour_stands_out_on_light_and_dark_pages(colour):
    """WCAG asks 3 : 1 of graphics."""
    assert contrast(colour, "#ffffff") >= 3
    assert contrast(colour, "#0d1117") >= 3
    assert "--paper: #0d1117" in packaged_text("styles/tokens.css")
    assert f"--band: {REAL_TIME_COLOUR}" in packaged_text("styles/tokens.css")


@given(st.permutations(["telea", "ns", "mean", "lama", "cra"]), st.sets(st.sampled_from("abcde")))
def test_neither_order_nor_further_methods_change_a_look(names, further):
    styles = method_styles(names, further)
    assert method_styles(sorted(names)) == {name: styles[name] for name in sorted(names)}
    assert set(styles) == {*names, *further}


def test_looks_repeat_only_when_all_are_used_up():
    styles = method_styles([f"method {index:02d}" for index in range(len(PALETTE) * len(SHAPES))])
    assert len({(style.colour, style.shape) for style in styles.values()}) == len(styles)


def looks_of(chart):
    """Text of the legend → colour and shape, from every scale of a chart."""

    def scales(node, channel):
        for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
            yield from scales(child, channel)
        if isinstance(node, dict) and isinstance(node.get(channel), dict) and "scale" in node[channel]:
            yield node[channel]["scale"]

    drawn = chart.to_dict()
    return {
        channel: {
            pair
            for scale in scales(drawn, channel)
            for pair in zip(scale["domain"], scale["range"], strict=True)
        }
        for channel in ("color", "shape")
    }


def test_a_method_has_one_look_on_a_whole_site(results, measured, site):
    board = rank([read_result(path) for path in results])
    timed = {measured: read_latency(measured)}
    styles = method_styles(board.methods, [result.method.name for result in timed.values()])
    charts = board_charts(board, styles) | latency_charts(timed, styles)
    assert {"latency-by-size", "latency-l1-hole-64", "latency-ladder", "latency-areas"} <= charts.keys()
    seen = {channel: {} for channel in ("color", "shape")}
    for chart in charts.values():
        for channel, pairs in looks_of(chart).items():
            for text, value in pairs:
                seen[channel].setdefault(re.split(r":|  \(", text)[0], set()).add(value)
    for name, style in styles.items():
        assert seen["color"][name] == {style.colour}
        assert seen["shape"][name] == {style.shape}
    handed = json.loads(unescape(re.search(r"data-look='([^']*)'", site.page.read_text())[1]))
    assert handed["realTimeMs"] == 30
    assert {name: look["colour"] for name, look in handed["methods"].items()} == {
        name: style.colour for name, style in styles.items()
    }
    assert {look["shape"] for look in handed["methods"].values()} <= set(SHAPES.values())
