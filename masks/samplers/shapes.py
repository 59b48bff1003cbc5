"""Samplers of closed shapes: boxes, blobs, frame bands and irregular patches."""

from dataclasses import dataclass
from typing import Final

from df8k.masks.raster.lattice import UNITS, Frame
from df8k.masks.raster.primitives import Primitive, box
from df8k.masks.seeding import Stream

from .drawing import LEVELS, Drawing, plain, scalable
from .silhouettes import star
from .strokes import capsule_area, spread_over, turned_back

_GRID: Final = UNITS // 512


@dataclass(frozen=True)
class BoxLaw:
    """Law of random axis-aligned rectangles, in lattice units.

    Attributes:
        boxes: fewest and most on a square frame.
        side: shortest and longest side; width and height are drawn apart.
        margin: distance kept from the frame.
    """

    boxes: tuple[int, int]
    side: tuple[int, int]
    margin: int = 0


def boxes(law: BoxLaw, family: str, stream: Stream, frame: Frame) -> Drawing:
    """Draw as many boxes as the law says."""
    count = spread_over(frame, stream.between(*law.boxes), stream)
    return plain(family, [_random_box(law, stream, frame) for _ in range(count)])


def box_pool(law: BoxLaw, family: str, stream: Stream, frame: Frame) -> Drawing:
    """Draw more boxes than any band needs, for the solver to choose a prefix of; sides may vary by 15 %."""
    width, height = frame.extent
    left = 14 * width * height // 10
    shapes: list[Primitive] = []
    while left > 0:
        shape = _random_box(law, stream, frame)
        left -= (shape[3] - shape[1]) * (shape[6] - shape[4])
        shapes.append(shape)
    free = scalable(family, shapes, 870, 1178)

    def widen(index: int, level: int) -> Primitive:
        corners = free.widen(index, level)
        return snapped_box(corners[1], corners[2], corners[5], corners[6])

    return Drawing(family, shapes, widen, free.neutral)


def snapped_box(left: int, top: int, right: int, bottom: int) -> Primitive:
    """Snap a rectangle to the grid of a 512-pixel frame, for one area at every larger power of two."""
    return box(*(value // _GRID * _GRID for value in (left, top, right, bottom)))


def _random_box(law: BoxLaw, stream: Stream, frame: Frame) -> Primitive:
    width, height = frame.extent
    wide, tall = stream.between(*law.side), stream.between(*law.side)
    left = stream.between(law.margin, width - law.margin - wide)
    top = stream.between(law.margin, height - law.margin - tall)
    return snapped_box(left, top, left + wide, top + tall)


@dataclass(frozen=True)
class PatchLaw:
    """Law of irregular patches, in lattice units.

    Attributes:
        radius: mean radius of the smallest and largest outline.
        length: shortest and longest stroke segment.
        width: thinnest and thickest stroke.
        pool: area of all patches drawn, in tenths of the frame's area: enough for the band, with room.
        margin: distance kept from the frame; 0 lets patches cross it.
        packed: whether strokes stop at the margin instead of turning back, which fills all that is inside it.
    """

    radius: tuple[int, int]
    length: tuple[int, int]
    width: tuple[int, int]
    pool: int
    margin: int = 0
    packed: bool = False


@dataclass(frozen=True)
class _Blob:
    """Ellipse or capsule of diameter ``small`` to ``large`` about a point."""

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
    """Scatter ellipses and short capsules, whose diameters spread from the least to at most the largest.

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
        for _ in range(spread_over(frame, stream.between(*count), stream))
    ]
    return Drawing(
        "blobs",
        [item.at(small, LEVELS) for item in items],
        lambda index, level: items[index].at(small, level),
        LEVELS,
    )


def single_box(kind: str, stream: Stream, frame: Frame) -> Drawing:
    """Draw one rectangle with the frame's aspect: a square on a square frame.

    Args:
        kind: ``centred-N`` or ``random-N`` with N = 2 or 4 for a half or a quarter of either side.
        stream: random integers.
        frame: where it lies, wholly inside.
    """
    position, divisor = kind.split("-")
    width, height = frame.extent
    wide, tall = width // int(divisor), height // int(divisor)
    left, top = (width - wide) // 2, (height - tall) // 2
    if position == "random":
        left, top = stream.between(0, width - wide), stream.between(0, height - tall)
    return plain(kind, [snapped_box(left, top, left + wide, top + tall)])


def frame_bands(kind: str, stream: Stream, frame: Frame) -> Drawing:
    """Draw bands of 4 to 25 % along one side, two opposite ones or all four, as for outpainting.

    Args:
        kind: ``one``, ``two`` or ``four`` sides.
        stream: random integers.
        frame: whose sides.
    """
    width, height = frame.extent
    depths = [stream.between(4 * side, 25 * side) // 100 for side in (width, height, width, height)]
    first = stream.between(0, 3)
    sides = {"one": [first], "two": [first, (first + 2) % 4], "four": [0, 1, 2, 3]}[kind]
    far = 2 * max(width, height)  # past the frame, so that no rounding leaves a known edge
    bands = [
        snapped_box(-far, -far, depths[0], far),
        snapped_box(-far, -far, far, depths[1]),
        snapped_box(width - depths[2], -far, far, far),
        snapped_box(-far, height - depths[3], far, far),
    ]
    return plain(kind, [bands[side] for side in sides])


def patches(law: PatchLaw, family: str, stream: Stream, frame: Frame) -> Drawing:
    """Draw many strokes and outlines, more than a band needs, for the solver to choose a prefix of.

    Args:
        law: sizes and the distance from the frame.
        family: kind of drawing, among those of the preset.
        stream: random integers.
        frame: where they lie.
    """
    width, height = frame.extent
    left = law.pool * width * height // 10
    shapes: list[Primitive] = []
    while left > 0:
        if stream.chance(1, 4 if law.packed else 2):
            radius = stream.between(*law.radius)
            keep = (
                law.margin and law.margin + radius * 2
            )  # outlines reach to less than twice their mean radius
            x, y = stream.between(keep, width - 1 - keep), stream.between(keep, height - 1 - keep)
            shapes.append(star(stream, x, y, corners=48).at(radius))
            left -= 3 * radius * radius
        else:
            strokes = _patch_strokes(law, stream, frame)
            shapes += strokes
            left -= sum(capsule_area(stroke) for stroke in strokes)
    return scalable(family, shapes, 870, 1024)


def _patch_strokes(law: PatchLaw, stream: Stream, frame: Frame) -> list[Primitive]:
    radius = stream.between(*law.width) // 2
    keep = law.margin and law.margin + radius
    wide, tall = (extent - 2 * keep for extent in frame.extent)
    x, y = stream.between(0, wide - 1), stream.between(0, tall - 1)
    strokes: list[Primitive] = []
    for _ in range(stream.between(1, 4)):
        dx, dy = stream.direction(stream.between(*law.length))
        if law.packed:
            end_x, end_y = min(max(x + dx, 0), wide), min(max(y + dy, 0), tall)
        else:
            end_x, end_y = turned_back(x, dx, wide), turned_back(y, dy, tall)
        strokes.append(("c", x + keep, y + keep, end_x + keep, end_y + keep, radius))
        x, y = end_x, end_y
    return strokes


def half_outside_boxes(most: int, side: int, stream: Stream, frame: Frame) -> list[Primitive]:
    """Draw CoModGAN's rectangles: fewer than ``most``, sides below ``side``, up to half outside the frame.

    Sides of less than 0.8 % of the short side, which would vanish at small sizes, are not drawn.
    """
    width, height = frame.extent
    shapes: list[Primitive] = []
    for _ in range(spread_over(frame, stream.between(0, most - 1), stream) if most else 0):
        wide, tall = stream.between(524, side - 1), stream.between(524, side - 1)
        left = stream.between(-(wide // 2), width - wide + wide // 2)
        top = stream.between(-(tall // 2), height - tall + tall // 2)
        shapes.append(snapped_box(left, top, left + wide, top + tall))
    return shapes
