"""Samplers of closed shapes: boxes, blobs, silhouettes and frame bands."""

from dataclasses import dataclass

from .drawing import LEVELS, Drawing, plain, scalable
from .lattice import UNITS, Frame
from .primitives import Primitive, box
from .seeding import Stream
from .strokes import spread_over


@dataclass(frozen=True)
class BoxLaw:
    """A law of random axis-aligned rectangles, in lattice units.

    Attributes:
        boxes: fewest and most on a square frame.
        side: shortest and longest side; width and height are drawn apart.
        margin: distance kept from the frame.
    """

    boxes: tuple[int, int]
    side: tuple[int, int]
    margin: int = 0


def boxes(law: BoxLaw, family: str, stream: Stream, frame: Frame) -> Drawing:
    """As many boxes as the law says."""
    count = spread_over(frame, stream.between(*law.boxes))
    return plain(family, [_random_box(law, stream, frame) for _ in range(count)])


def box_pool(law: BoxLaw, family: str, stream: Stream, frame: Frame) -> Drawing:
    """More boxes than any band needs, for the solver to choose a prefix of; sides may vary by 15 %."""
    width, height = frame.extent
    left = 14 * width * height // 10
    shapes: list[Primitive] = []
    while left > 0:
        shape = _random_box(law, stream, frame)
        left -= (shape[3] - shape[1]) * (shape[6] - shape[4])
        shapes.append(shape)
    return scalable(family, shapes, 870, 1178)


def _random_box(law: BoxLaw, stream: Stream, frame: Frame) -> Primitive:
    width, height = frame.extent
    wide, tall = stream.between(*law.side), stream.between(*law.side)
    left = stream.between(law.margin, width - law.margin - wide)
    top = stream.between(law.margin, height - law.margin - tall)
    return box(left, top, left + wide, top + tall)


@dataclass(frozen=True)
class _Blob:
    """An ellipse or a capsule of diameter ``small`` to ``large`` about a point."""

    x: int
    y: int
    toward: tuple[int, int]  # of length 65536
    large: int
    slimness: int  # smaller over larger diameter, in 1 / 1024
    pointed: bool

    def at(self, small: int, level: int) -> Primitive:
        major = small + (self.large - small) * level // LEVELS
        minor = major * self.slimness // 1024
        if self.pointed:
            ax, ay = (v * major // (2 * 65536) for v in self.toward)
            return ("e", self.x, self.y, ax, ay, minor // 2)
        dx, dy = (v * (major - minor) // (2 * 65536) for v in self.toward)
        return ("c", self.x - dx, self.y - dy, self.x + dx, self.y + dy, minor // 2)


def blobs(count: tuple[int, int], diameter: tuple[int, int], stream: Stream, frame: Frame) -> Drawing:
    """Scattered ellipses and short capsules, whose diameters spread from the least to at most the largest.

    Args:
        count: fewest and most on a square frame.
        diameter: smallest and largest, in lattice units; the solver chooses how far the largest ones go.
        stream: random integers.
        frame: where they lie; centres are anywhere in it.
    """
    width, height = frame.extent
    small, large = diameter
    items = [
        _Blob(
            x=stream.between(0, width - 1),
            y=stream.between(0, height - 1),
            toward=stream.direction(UNITS),
            large=stream.between(small, large),
            slimness=stream.between(512, 1024),
            pointed=stream.chance(1, 2),
        )
        for _ in range(spread_over(frame, stream.between(*count)))
    ]
    return Drawing(
        "blobs",
        [item.at(small, LEVELS) for item in items],
        lambda index, level: items[index].at(small, level),
        LEVELS,
    )
