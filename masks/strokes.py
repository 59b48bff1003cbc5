"""Samplers of brush strokes: chains of capsules, zig-zag brushes and thin scratches."""

from dataclasses import dataclass
from typing import Final, Literal

from .drawing import Drawing, plain, scalable
from .lattice import UNITS, Frame
from .primitives import Primitive
from .seeding import Stream

# LaMa's four angles 0.01 + {0, 1, 2, 3} radians as (sine, cosine) in 1 / 65536.
_FOUR_ANGLES: Final = ((655, 65533), (55498, 34856), (59310, -27880), (8598, -64970))


def px512(pixels: int) -> int:
    """Lattice units of a length that a 512-pixel recipe gives in pixels."""
    return pixels * UNITS // 512


def px256(pixels: int) -> int:
    """Lattice units of a length that a 256-pixel recipe gives in pixels."""
    return pixels * UNITS // 256


@dataclass(frozen=True)
class ChainLaw:
    """A law of random chains of segments, lengths in lattice units.

    Attributes:
        chains: fewest and most chains on a square frame; longer frames get proportionally more.
        length: shortest and longest segment.
        width: thinnest and thickest segment.
        segments: fewest and most segments of a chain.
        directions: ``uniform`` on the circle, or ``four``: LaMa's four angles, mirrored in every other
            chain, with ends clipped to the frame instead of turned back at it.
    """

    chains: tuple[int, int]
    length: tuple[int, int]
    width: tuple[int, int]
    segments: tuple[int, int] = (1, 5)
    directions: Literal["uniform", "four"] = "uniform"


def chains(law: ChainLaw, family: str, stream: Stream, frame: Frame) -> Drawing:
    """As many chains as the law says."""
    shapes: list[Primitive] = []
    for index in range(spread_over(frame, stream.between(*law.chains))):
        shapes += chain(law, stream, frame, mirrored=index % 2 == 0)
    return plain(family, shapes)


def chain_pool(law: ChainLaw, family: str, stream: Stream, frame: Frame) -> Drawing:
    """More chains than any band needs, for the solver to choose a prefix of; widths may vary by 15 %."""
    width, height = frame.extent
    left = 14 * width * height // 10
    shapes: list[Primitive] = []
    while left > 0:
        added = chain(law, stream, frame)
        left -= sum(_capsule_area(capsule) for capsule in added)
        shapes += added
    return scalable(family, shapes, 870, 1178)


def chain(law: ChainLaw, stream: Stream, frame: Frame, *, mirrored: bool = False) -> list[Primitive]:
    """One chain: it starts anywhere in the frame and turns back where a segment would leave it."""
    width, height = frame.extent
    x, y = stream.between(0, width - 1), stream.between(0, height - 1)
    shapes: list[Primitive] = []
    for _ in range(stream.between(*law.segments)):
        length = stream.between(*law.length)
        if law.directions == "four":
            sine, cosine = _FOUR_ANGLES[stream.between(0, 3)]
            step_x = (-sine if mirrored else sine) * length // 65536
            end_x = min(max(x + step_x, 0), width)
            end_y = min(max(y + cosine * length // 65536, 0), height)
        else:
            step_x, step_y = stream.direction(length)
            end_x, end_y = turned_back(x, step_x, width), turned_back(y, step_y, height)
        radius = stream.between(*law.width) // 2
        shapes.append(("c", x, y, end_x, end_y, radius))
        x, y = end_x, end_y
    return shapes


def turned_back(start: int, step: int, extent: int) -> int:
    """Where a step ends whose sign is flipped if it would leave [0, extent]; clipped if it still would."""
    end = start + step
    if not 0 <= end <= extent:
        end = start - step
    return min(max(end, 0), extent)


def spread_over(frame: Frame, count: int) -> int:
    """A number of shapes for a square frame, made proportional to the frame's area."""
    short, long = min(frame.aspect), max(frame.aspect)
    return (2 * count * long + short) // (2 * short)


def _capsule_area(capsule: Primitive) -> int:
    x0, y0, x1, y1, radius = (int(value) for value in capsule[1:])
    return radius * (2 * max(abs(x1 - x0), abs(y1 - y0)) + 3 * radius)
