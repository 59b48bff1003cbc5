"""Figures of the dataset card: small SVG drawings whose bytes follow from the numbers alone.

Drawn by hand: the engines behind Vega reserve so much address space that they end the process where it is
limited, and a build must not end so.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from math import ceil, floor, log10
from pathlib import Path
from typing import Final

from _df8k.files import write_text

from .facts import Facts

_BLUE: Final = "#0072B2"
_GREY: Final = "#ccc"
_WIDTH, _HEIGHT = 320, 160  # px, of the area that bars stand in
_BINS: Final = 24
_BARS: Final = 12  # beyond these, sources and licences share a bar
_LABEL: Final = 40  # characters of a name from outside
_ROW: Final = 20  # px


def write_figures(folder: Path, facts: Facts) -> dict[str, str]:
    """Draw what can be drawn.

    Args:
        folder: of the figures.
        facts: of the dataset.

    Returns:
        file name → what the figure shows, in the order of the card.

    Raises:
        OSError: the folder cannot be written.
    """
    megapixels = [width * height / 1e6 for width, height in facts.sizes]
    aspects = [width / height for width, height in facts.sizes]
    missing = [100 * fraction for fraction in facts.coverages]
    histograms = {
        "resolution.svg": ("Images by size", megapixels, "megapixels"),
        "aspect.svg": ("Images by width over height", aspects, "width / height"),
        "coverage.svg": ("Test masks by share of missing pixels", missing, "missing pixels, %"),
    }
    bars = {
        "sources.svg": ("Images by source", facts.sources),
        "licences.svg": ("Images by licence", facts.licences),
    }
    titles = {}
    for name, (title, values, axis) in histograms.items():
        if values:
            write_text(folder / name, _histogram(title, values, axis))
            titles[name] = title
    for name, (title, counts) in bars.items():
        if counts:
            write_text(folder / name, _bars(title, counts))
            titles[name] = title
    return titles


def _histogram(title: str, values: Sequence[float], axis: str) -> str:
    """Draw counts in equal bins."""
    low, high = min(values), max(values)
    step = (high - low) / _BINS or max(abs(low), 1.0) / _BINS
    counts = Counter(min(int((value - low) / step), _BINS - 1) for value in values)
    high = low + step * _BINS
    top = max(counts.values())
    left, base, wide = 48, 40 + _HEIGHT, _WIDTH / _BINS
    parts = []
    for tick in _ticks(0, top):
        if tick == int(tick):
            y = base - _HEIGHT * tick / top
            parts.append(f'<path d="M{left} {y:.1f}h{_WIDTH}" stroke="{_GREY}"/>')
            parts.append(_text(left - 6, y + 4, f"{tick:.0f}", "end"))
    for index, count in sorted(counts.items()):
        x, tall = left + index * wide, _HEIGHT * count / top
        edges = f"{low + index * step:.4g} to {low + (index + 1) * step:.4g}: {count}"
        parts.append(_bar(x, base - tall, wide - 1, tall, edges))
    for tick in _ticks(low, high):
        x = left + _WIDTH * (tick - low) / (high - low)
        parts.append(f'<path d="M{x:.1f} {base}v4" stroke="black"/>')
        parts.append(_text(x, base + 16, f"{tick:g}", "middle"))
    parts.append(_text(left + _WIDTH / 2, base + 34, axis, "middle"))
    return _svg(title, parts, left + _WIDTH + 16, base + 44)


def _bars(title: str, counts: Mapping[str, int]) -> str:
    """Draw a bar for each name, the longest first."""
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    rows = [(_label(name), count) for name, count in ranked[:_BARS]]
    if rest := ranked[_BARS:]:
        rows.append((f"{len(rest)} others", sum(count for _, count in rest)))
    left = 20 + 7 * max(len(name) for name, _ in rows)
    longest = max(count for _, count in rows)
    parts = []
    for index, (name, count) in enumerate(rows):
        y, wide = 36 + index * _ROW, _WIDTH * count / longest
        parts.append(_text(left - 6, y + 14, name, "end"))
        parts.append(_bar(left, y + 2, wide, _ROW - 4, f"{name}: {count}"))
        parts.append(_text(left + wide + 5, y + 14, str(count), "start"))
    return _svg(title, parts, left + _WIDTH + 60, 44 + len(rows) * _ROW)


def _ticks(low: float, high: float) -> list[float]:
    """Choose at most seven round numbers within a range."""
    rough = (high - low) / 6
    power = 10 ** floor(log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough * (1 - 1e-9))
    return [
        round(index * step, 10) for index in range(ceil(low / step - 1e-9), floor(high / step + 1e-9) + 1)
    ]


def _label(text: str) -> str:
    flat = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return flat if len(flat) <= _LABEL else f"{flat[: _LABEL - 1]}…"


def _bar(x: float, y: float, wide: float, tall: float, title: str) -> str:
    shape = f'<rect x="{x:.1f}" y="{y:.1f}" width="{wide:.1f}" height="{tall:.1f}" fill="{_BLUE}">'
    return f"{shape}<title>{escape(title)}</title></rect>"


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def _svg(title: str, parts: Iterable[str], width: int, height: int) -> str:
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" role="img" aria-label="{escape(title)}" '
        'font-family="sans-serif" font-size="12">'
    )
    back = f'<rect width="{width}" height="{height}" fill="white"/>'
    name = f'<text x="8" y="20" font-weight="bold" font-size="14">{escape(title)}</text>'
    return "\n".join([head, back, name, *parts, "</svg>"]) + "\n"
