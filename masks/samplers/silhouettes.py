"""Samplers of object-like outlines: star-shaped polygons, alone or as a body with parts."""

from dataclasses import dataclass

from df8k.masks.raster.lattice import UNITS, Frame
from df8k.masks.raster.primitives import Primitive
from df8k.masks.seeding import Stream

from .circle import ONE, STEPS, toward
from .drawing import LEVELS, Drawing
from .strokes import spread_over


@dataclass(frozen=True)
class Star:
    """Closed outline about a point, which every ray from the point crosses once.

    Attributes:
        x: the point.
        y: the point.
        offsets: corners relative to the point when the outline's mean radius is ``UNITS``.
    """

    x: int
    y: int
    offsets: tuple[tuple[int, int], ...]

    def at(self, size: int) -> Primitive:
        """Make the outline with a mean radius of about ``size``; larger ones contain smaller ones."""
        corners: list[int] = []
        for dx, dy in self.offsets:
            corners += [self.x + dx * size // UNITS, self.y + dy * size // UNITS]
        return ("p", *corners)


def star(stream: Stream, x: int, y: int, *, corners: int = 96) -> Star:
    """Draw a smooth random outline: a closed curve through 5 to 9 random radii, stretched along some axis."""
    knots = [stream.between(5 * UNITS // 10, 15 * UNITS // 10) for _ in range(stream.between(5, 9))]
    axis_x, axis_y = toward(stream.between(0, STEPS - 1))
    squeeze = stream.between(45 * ONE // 100, ONE)
    turn = stream.between(0, STEPS - 1)
    offsets = []
    for corner in range(corners):
        cosine, sine = toward(turn + corner * STEPS // corners)
        radius = _radius(knots, corner, corners)
        dx, dy = radius * cosine // ONE, radius * sine // ONE
        across = (dx * axis_y - dy * axis_x) // ONE
        lost = across - across * squeeze // ONE
        offsets.append((dx - lost * axis_y // ONE, dy + lost * axis_x // ONE))
    return Star(x, y, tuple(offsets))


def _radius(knots: list[int], corner: int, corners: int) -> int:
    """Evaluate the closed Catmull-Rom curve through the knots at a corner, in integers."""
    n = len(knots)
    knot, t = divmod(corner * n, corners)  # t / corners is the position between two knots
    a, b, c, d = (knots[(knot + shift) % n] for shift in (-1, 0, 1, 2))
    m = corners
    cubic = (3 * b - a - 3 * c + d) * t**3 + (2 * a - 5 * b + 4 * c - d) * t**2 * m + (c - a) * t * m**2
    return max(b + cubic // (2 * m**3), UNITS // 4)


def silhouettes(
    family: str,
    stream: Stream,
    frame: Frame,
    *,
    size: tuple[int, int],
    objects: tuple[int, int],
    parts: tuple[int, int],
) -> Drawing:
    """Draw objects somewhere in the frame, each a body and parts on its outline.

    Args:
        family: kind of drawing, among those of the preset.
        stream: random integers.
        frame: where they lie; a body's middle is anywhere in it.
        size: smallest and largest mean radius of the body in lattice units; the solver chooses.
        objects: fewest and most on a square frame.
        parts: fewest and most further outlines of an object.
    """
    width, height = frame.extent
    members: list[tuple[Star, Star, int]] = []
    for _ in range(spread_over(frame, stream.between(*objects), stream)):
        body = star(stream, stream.between(0, width - 1), stream.between(0, height - 1))
        members.append((body, Star(0, 0, body.offsets), 1024))
        for _ in range(stream.between(*parts)):
            corner = body.offsets[stream.between(0, len(body.offsets) - 1)]
            members.append((body, star(stream, *corner), stream.between(300, 650)))

    def widen(index: int, level: int) -> Primitive:
        radius = size[0] + (size[1] - size[0]) * level // LEVELS
        body, limb, scale = members[index]
        moved = Star(body.x + limb.x * radius // UNITS, body.y + limb.y * radius // UNITS, limb.offsets)
        return moved.at(radius * scale // 1024)

    return Drawing(family, [widen(index, LEVELS) for index in range(len(members))], widen, LEVELS)
