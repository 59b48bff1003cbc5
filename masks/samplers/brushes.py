"""Samplers of hand-drawn strokes: DeepFill's zig-zag brush, scratches and lettering."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from df8k.masks.raster.lattice import UNITS, Frame
from df8k.masks.raster.primitives import Primitive
from df8k.masks.seeding import Stream

from .circle import ONE, STEPS, toward
from .drawing import Drawing, scalable

_REACH: Final = 11585  # an eighth of a square frame's diagonal


@dataclass(frozen=True)
class BrushLaw:
    """DeepFill's brush: turns alternate about 72 degrees up and down, so that the stroke zig-zags.

    Attributes:
        vertices: fewest and most segments of a stroke.
        width: thinnest and thickest stroke in lattice units; one width for a whole stroke.
    """

    vertices: tuple[int, int]
    width: tuple[int, int]


def brushes(law: BrushLaw, count: int, stream: Stream, frame: Frame) -> list[Primitive]:
    """Draw zig-zag strokes that all drift one way, left or right by chance.

    DeepFill computes the flips and discards them, so that its strokes always drift to the right.
    """
    mirror = stream.chance(1, 2), stream.chance(1, 2)
    strokes: list[Primitive] = []
    for _ in range(count):
        strokes += _brush(law, stream, frame, mirror)
    return strokes


def _brush(law: BrushLaw, stream: Stream, frame: Frame, mirror: tuple[bool, bool]) -> list[Primitive]:
    width, height = frame.extent
    # Half widths of the two fans of angles, in quarter degrees: each up to 24 degrees about 72.
    sharp, wide = 288 - stream.between(0, 96), 288 + stream.between(0, 96)
    x, y = stream.between(0, width), stream.between(0, height)
    radius = stream.between(*law.width) // 2
    points = [(x, y)]
    for index in range(stream.between(*law.vertices)):
        angle = stream.between(sharp, wide)
        cosine, sine = toward(-angle if index % 2 == 0 else angle)
        step = min(max(_REACH + _bell(stream) * (_REACH // 2) // ONE, 0), 2 * _REACH)
        x = min(max(x + step * cosine // ONE, 0), width)
        y = min(max(y + step * sine // ONE, 0), height)
        points.append((x, y))
    points = [(width - x if mirror[0] else x, height - y if mirror[1] else y) for x, y in points]
    return [("c", *a, *b, radius) for a, b in pairwise(points)]


def _bell(stream: Stream) -> int:
    """Draw a number of mean 0 and deviation ``ONE``: twelve uniform ones added up, close to a normal law."""
    return sum(stream.between(0, ONE) for _ in range(12)) - 6 * ONE


def scratches(stream: Stream, frame: Frame) -> Drawing:
    """Draw long thin lines that bend a little: 0.8 to 1.6 % of the short side wide."""
    width, height = frame.extent
    beyond = UNITS // 5
    left = (width + 2 * beyond) * (height + 2 * beyond) // 8
    shapes: list[Primitive] = []
    while left > 0:
        x = stream.between(-beyond, width - 1 + beyond)
        y = stream.between(-beyond, height - 1 + beyond)
        heading, radius = stream.between(0, STEPS - 1), stream.between(262, 524)
        for _ in range(stream.between(2, 7)):
            length = stream.between(UNITS // 20, UNITS // 6)
            heading += stream.between(-80, 80)
            cosine, sine = toward(heading)
            end_x, end_y = x + length * cosine // ONE, y + length * sine // ONE
            shapes.append(("c", x, y, end_x, end_y, radius))
            left -= 2 * radius * length
            x, y = end_x, end_y
    return scalable("scratch", shapes, 870, 1178)


# Strokes of block letters on a grid of 3 columns (0-2) and 5 rows (0-4), as (column, row, column, row).
_LETTERS: Final = (
    ((0, 4, 1, 0), (1, 0, 2, 4), (0, 3, 2, 3)),
    ((0, 0, 0, 4), (0, 0, 2, 0), (0, 2, 1, 2), (0, 4, 2, 4)),
    ((0, 0, 0, 4), (2, 0, 2, 4), (0, 2, 2, 2)),
    ((1, 0, 1, 4), (0, 0, 2, 0)),
    ((0, 0, 0, 4), (0, 4, 2, 4)),
    ((0, 4, 0, 0), (0, 0, 2, 4), (2, 4, 2, 0)),
    ((0, 0, 2, 0), (2, 0, 2, 4), (2, 4, 0, 4), (0, 4, 0, 0)),
    ((0, 0, 1, 4), (1, 4, 2, 0)),
    ((0, 0, 2, 4), (2, 0, 0, 4)),
    ((0, 0, 2, 0), (2, 0, 0, 4), (0, 4, 2, 4)),
    ((0, 0, 0, 4), (0, 0, 2, 0), (2, 0, 2, 2), (2, 2, 0, 2), (1, 2, 2, 4)),
    ((1, 0, 1, 4),),
)


def lettering(stream: Stream, frame: Frame) -> Drawing:
    """Draw slightly slanted lines of block letters, 6 to 16 % of the short side tall, as in watermarks."""
    width, height = frame.extent
    left = width * height // 4
    shapes: list[Primitive] = []
    while left > 0:
        tall = stream.between(UNITS * 6 // 100, UNITS * 16 // 100)
        radius = max(tall * stream.between(7, 11) // 100, 328)
        cosine, sine = toward(stream.between(-40, 40))
        letters = stream.between(3, 20)
        # The middle of a line is anywhere in the frame, so that no side of it is favoured.
        middle = (letters * tall - tall * 4 // 10) // 2
        x = stream.between(0, width - 1) - (middle * cosine - tall // 2 * sine) // ONE
        y = stream.between(0, height - 1) - (middle * sine + tall // 2 * cosine) // ONE
        # Where the solver cuts a line short, it is the left end or the right one by chance.
        order = range(letters) if stream.chance(1, 2) else reversed(range(letters))
        for position in order:
            letter = _LETTERS[stream.between(0, len(_LETTERS) - 1)]
            for stroke in letter if stream.chance(9, 10) else ():
                start = x + position * tall * cosine // ONE, y + position * tall * sine // ONE
                ends = _placed(stroke, *start, tall, (cosine, sine))
                shapes.append(("c", *ends, radius))
                left -= radius * tall
            left -= 1
    return scalable("text", shapes, 870, 1178)


def _placed(
    stroke: tuple[int, int, int, int], x: int, y: int, tall: int, along: tuple[int, int]
) -> tuple[int, ...]:
    cosine, sine = along
    ends: list[int] = []
    for column, row in (stroke[:2], stroke[2:]):
        u, v = column * tall * 3 // 10, row * tall // 4
        ends += [x + (u * cosine - v * sine) // ONE, y + (u * sine + v * cosine) // ONE]
    return tuple(ends)
