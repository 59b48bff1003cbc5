"""Samplers of brush strokes: chains of capsules, zig-zag brushes and thin scratches."""

from dataclasses import dataclass
from typing import Final, Literal

from df8k.masks.raster.lattice import UNITS, Frame
from df8k.masks.raster.primitives import Primitive
from df8k.masks.seeding import Stream

from .drawing import Drawing, plain, scalable

# LaMa's four angles 0.01 + {0, 1, 2, 3} radians as (sine, cosine) in 1 / 65536.
_FOUR_ANGLES: Final = ((655, 65533), (55498, 34856), (59310, -27880), (8598, -64970))


def px512(pixels: int) -> int:
    """Convert to lattice units a length that a 512-pixel recipe gives in pixels."""
    return pixels * UNITS // 512


def px256(pixels: int) -> int:
    """Convert to lattice units a length that a 256-pixel recipe gives in pixels."""
    return pixels * UNITS // 256


@dataclass(frozen=True)
class ChainLaw:
    """Law of random chains of segments, lengths in lattice units.

    Attributes:
        chains: fewest and most chains on a square frame; longer frames get proportionally more.
        length: shortest and longest segment.
        width: thinnest and thickest segment.
        segments: fewest and most segments of a chain.
        directions: ``uniform`` on the circle, for chains that lie in and a little around the frame and turn
            back there; or ``four``: LaMa's four angles, mirrored in every other chain, with starts in the
            frame and ends clipped to it.
    """

    chains: tuple[int, int]
    length: tuple[int, int]
    width: tuple[int, int]
    segments: tuple[int, int] = (1, 5)
    directions: Literal["uniform", "four"] = "uniform"


def chains(law: ChainLaw, family: str, stream: Stream, frame: Frame) -> Drawing:
    """Draw as many chains as the law says."""
    shapes: list[Primitive] = []
    count = spread_over(frame, stream.between(*law.chains), stream, beyond=_beyond(law))
    for index in range(count):
        shapes += chain(law, stream, frame, mirrored=index % 2 == 0)
    return plain(family, shapes)


def chain_pool(law: ChainLaw, family: str, stream: Stream, frame: Frame) -> Drawing:
    """Draw more chains than any band needs, for the solver to choose a prefix of; widths may vary by 15 %."""
    width, height = frame.extent
    beyond = _beyond(law)
    left = 14 * (width + 2 * beyond) * (height + 2 * beyond) // 10
    shapes: list[Primitive] = []
    while left > 0:
        added = chain(law, stream, frame)
        left -= sum(capsule_area(capsule) for capsule in added)
        shapes += added
    return scalable(family, shapes, 870, 1178)


def _beyond(law: ChainLaw) -> int:
    """Distance outside the frame to which chains may reach, so that holes are as common at its border."""
    return 0 if law.directions == "four" else sum(law.length) // 4


def chain(law: ChainLaw, stream: Stream, frame: Frame, *, mirrored: bool = False) -> list[Primitive]:
    """Draw one chain of segments; see `ChainLaw` for where it starts and turns."""
    width, height = frame.extent
    beyond = _beyond(law)
    wide, tall = width + 2 * beyond, height + 2 * beyond
    x, y = stream.between(0, wide - 1), stream.between(0, tall - 1)
    shapes: list[Primitive] = []
    for _ in range(stream.between(*law.segments)):
        length = stream.between(*law.length)
        if law.directions == "four":
            sine, cosine = _FOUR_ANGLES[stream.between(0, 3)]
            step_x = (-sine if mirrored else sine) * length // 65536
            end_x = min(max(x + step_x, 0), wide)
            end_y = min(max(y + cosine * length // 65536, 0), tall)
        else:
            step_x, step_y = stream.direction(length)
            end_x, end_y = turned_back(x, step_x, wide), turned_back(y, step_y, tall)
        radius = stream.between(*law.width) // 2
        shapes.append(("c", x - beyond, y - beyond, end_x - beyond, end_y - beyond, radius))
        x, y = end_x, end_y
    return shapes


def turned_back(start: int, step: int, extent: int) -> int:
    """Step with the sign flipped if the end would leave [0, extent]; clip the end if it still would."""
    end = start + step
    if not 0 <= end <= extent:
        end = start - step
    return min(max(end, 0), extent)


def spread_over(frame: Frame, count: int, stream: Stream, *, beyond: int = 0) -> int:
    """Scale a number of shapes for a square frame in proportion to the area and rounded by chance.

    Args:
        frame: where the shapes lie.
        count: shapes of a square frame.
        stream: for the rounding.
        beyond: lattice units outside the frame in which shapes may lie too.
    """
    width, height = frame.extent
    area = (width + 2 * beyond) * (height + 2 * beyond)
    whole, rest = divmod(count * area, UNITS * UNITS)
    return whole + stream.chance(rest, UNITS * UNITS)


def capsule_area(capsule: Primitive) -> int:
    """Estimate the area of a capsule, for knowing when enough have been drawn."""
    x0, y0, x1, y1, radius = (int(value) for value in capsule[1:])
    return radius * (2 * max(abs(x1 - x0), abs(y1 - y0)) + 3 * radius)
