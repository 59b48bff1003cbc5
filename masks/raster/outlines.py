"""Outlines of regions in a label map as lattice polygons."""

import numpy as np
import numpy.typing as npt

from .lattice import Frame
from .primitives import Primitive

Point = tuple[int, int]


def outline(region: npt.NDArray[np.bool_], frame: Frame) -> Primitive | None:
    """Trace the outer outline of the largest connected component of a region, its enclosed gaps filled.

    Args:
        region: bool ``(H, W)``.
        frame: the frame that the region's map covers.

    Returns:
        A polygon through the middles of the sides of border pixels, which rounds the staircase off; None for
        an empty region.
    """
    from scipy import ndimage

    components, count = ndimage.label(region)
    if count == 0:
        return None
    largest = int(np.argmax(np.bincount(components.ravel())[1:])) + 1
    filled = ndimage.binary_fill_holes(components == largest)
    points = _without_straight_ones(_middles(np.pad(filled, 1)))
    rows, columns = region.shape
    width, height = frame.extent
    # Middles are counted in half pixels of the padded map.
    corners = [
        value
        for x, y in points
        for value in ((x - 2) * width // (2 * columns), (y - 2) * height // (2 * rows))
    ]
    return ("p", *corners)


def _middles(filled: npt.NDArray[np.bool_]) -> list[Point]:
    """Walk along the pixel sides of a padded region, region on the right hand, noting each side's middle."""
    top = int(np.argmax(filled.any(axis=1)))
    x, y = int(np.argmax(filled[top])), top
    start, direction = (x, y), (1, 0)  # along the upper side of the first pixel
    points: list[Point] = []
    x, y = start
    while True:
        dx, dy = direction
        points.append((2 * x + dx, 2 * y + dy))
        x, y = x + dx, y + dy
        right_ahead, left_ahead = _pixels_ahead(filled, x, y, direction)
        if not right_ahead:
            direction = (-dy, dx)  # turn right; keeps to one pixel where two meet at a corner
        elif left_ahead:
            direction = (dy, -dx)
        if (x, y) == start and direction == (1, 0):
            return points


def _pixels_ahead(filled: npt.NDArray[np.bool_], x: int, y: int, direction: Point) -> tuple[bool, bool]:
    dx, dy = direction
    # The four pixels about a grid point (x, y) are (x - 1 | x, y - 1 | y).
    right = (x + (dx - dy - 1) // 2, y + (dx + dy - 1) // 2)
    left = (x + (dx + dy - 1) // 2, y + (dy - dx - 1) // 2)
    return bool(filled[right[1], right[0]]), bool(filled[left[1], left[0]])


def _without_straight_ones(points: list[Point]) -> list[Point]:
    kept = []
    for index, (x, y) in enumerate(points):
        before, after = points[index - 1], points[(index + 1) % len(points)]
        if (x - before[0]) * (after[1] - y) != (y - before[1]) * (after[0] - x):
            kept.append((x, y))
    return kept
