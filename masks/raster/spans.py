"""Exact scan conversion: the pixels whose centres lie inside lattice shapes, as one interval a row and shape.

Interval ends are computed in float64 for all rows of all shapes at once. Additions, multiplications,
divisions and square roots are correctly rounded everywhere, and an end that falls closer to a pixel centre
than ``_DOUBT_PX`` is decided again with integers, so the result does not depend on the platform.
"""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from .exact import contains, left_of
from .lattice import Axis, Frame
from .primitives import Primitive
from .runs import Int64, Runs, merged

Float64 = npt.NDArray[np.float64]

# Worst rounding error of an end is below 2**-16 px at 8192; 2**-12 leaves room and is met once in 2000 ends.
_DOUBT_PX: Final = 2.0**-12


def draw(frame: Frame, primitives: Sequence[Primitive], width: int, height: int) -> Runs:
    """Draw the union of the primitives, seen through the frame, at ``width`` x ``height``.

    Raises:
        MaskError: the size does not fit the frame's aspect.
    """
    starts, ends, _ = intervals(frame, primitives, width, height)
    return merged(width, height, starts, ends)


def intervals(
    frame: Frame, primitives: Sequence[Primitive], width: int, height: int
) -> tuple[Int64, Int64, Int64]:
    """Convert every primitive to row intervals, not yet united.

    Returns:
        Flat start and (exclusive) end indices, and the index of the primitive that each interval belongs to.

    Raises:
        MaskError: the size does not fit the frame's aspect.
    """
    x_axis, y_axis = frame.axes(width, height)
    spans = []
    for kind, convert in (("c", _capsule_ends), ("e", _ellipse_ends)):
        of_kind = [index for index, primitive in enumerate(primitives) if primitive[0] == kind]
        if of_kind:
            fields = np.array([primitives[index][1:] for index in of_kind], np.int64)
            owner, rows, left, right = convert(fields, x_axis, y_axis)
            owner = np.array(of_kind, np.int64)[owner]
            first = _settled(left, owner, rows, primitives, x_axis, y_axis)
            last = _settled(right, owner, rows, primitives, x_axis, y_axis, closing=True)
            spans.append((owner, rows, first, last))
    polygons = [index for index, primitive in enumerate(primitives) if primitive[0] == "p"]
    if polygons:
        spans.append(_polygon_spans([primitives[index][1:] for index in polygons], polygons, x_axis, y_axis))
    if not spans:
        empty = np.empty(0, np.int64)
        return empty, empty, empty
    owner, rows, first, last = (np.concatenate(columns) for columns in zip(*spans, strict=True))
    offset = rows * width
    return offset + np.clip(first, 0, width), offset + np.clip(last, 0, width), owner


def _rows(
    low: Float64, high: Float64, axis: Axis, low_is_outside: npt.NDArray[np.bool_] | None = None
) -> tuple[Int64, Int64]:
    """List for each shape the rows whose centres lie in [low, high), as (shape index, row) pairs."""
    position = (low * axis.unit - axis.first) / axis.step
    first = np.ceil(position)
    if low_is_outside is not None:
        first += low_is_outside & (first == position)
    first = np.clip(first, 0, axis.size).astype(np.int64)
    last = np.clip(np.ceil((high * axis.unit - axis.first) / axis.step), 0, axis.size).astype(np.int64)
    counts = np.maximum(last - first, 0)
    owner = np.repeat(np.arange(len(counts)), counts)
    before = np.cumsum(counts) - counts
    rows = np.arange(counts.sum()) - np.repeat(before - first, counts)
    return owner, rows


def _centres(rows: Int64, axis: Axis) -> Float64:
    return (axis.step * rows + axis.first) / axis.unit


def _capsule_ends(fields: Int64, x_axis: Axis, y_axis: Axis) -> tuple[Int64, Int64, Float64, Float64]:
    down = (fields[:, 1] <= fields[:, 3])[:, None]
    fields = np.where(down, fields, fields[:, [2, 3, 0, 1, 4]])
    owner, rows, left = _capsule_side(fields, x_axis, y_axis, -1.0)
    _, _, right = _capsule_side(fields, x_axis, y_axis, 1.0)
    return owner, rows, left, right


def _capsule_side(fields: Int64, x_axis: Axis, y_axis: Axis, side: float) -> tuple[Int64, Int64, Float64]:
    """One outline of capsules whose segments point down: an arc, a straight piece that touches it, an arc."""
    x0, y0, x1, y1, radius = fields.astype(np.float64).T
    dx, dy = x1 - x0, y1 - y0
    length = np.sqrt(dx * dx + dy * dy)
    point = length == 0
    length, dy_or_one = np.where(point, 1.0, length), np.where(dy == 0, 1.0, dy)
    # From either end of the segment to where the straight piece touches its arc.
    to_x, to_y = side * radius * dy / length, -side * radius * dx / length
    to_y = np.clip(to_y, -radius, radius)  # both sides of a capsule must agree on its rows
    touch0, touch1 = y0 + to_y, y1 + to_y
    zeros = np.zeros_like(x0)
    low = np.stack([y0 - radius, touch0, touch1], axis=1)
    high = np.stack([touch0, touch1, y1 + radius], axis=1)
    top = low == low[:, :1]  # a row that only touches the top of a capsule misses its open disc
    owner, rows = _rows(low.ravel(), high.ravel(), y_axis, top.ravel())
    counts = np.bincount(owner, minlength=low.size)

    def spread(first: Float64, middle: Float64, last: Float64) -> Float64:
        return np.repeat(np.stack([first, middle, last], axis=1).ravel(), counts)

    v = _centres(rows, y_axis) - spread(y0, touch0, y1)
    bulge = np.sqrt(np.maximum(spread(radius * radius, zeros, radius * radius) - v * v, 0.0))
    x = spread(x0, x0 + to_x, x1) + v * spread(zeros, dx / dy_or_one, zeros) + side * bulge
    return owner // 3, rows, _pixels(x, x_axis)


def _ellipse_ends(fields: Int64, x_axis: Axis, y_axis: Axis) -> tuple[Int64, Int64, Float64, Float64]:
    x, y, ax, ay, b = fields.astype(np.float64).T
    a2, b2 = ax * ax + ay * ay, b * b
    # With u, v measured from the middle: p u^2 + 2 q u v + r v^2 = a2^2 b2, whose determinant p r - q^2 is
    # a2^3 b2.
    p, q = ax * ax * b2 + ay * ay * a2, ax * ay * (b2 - a2)
    tall = np.sqrt(p / a2) + 1.0  # one unit more than the half height: the chord decides
    owner, rows = _rows(y - tall, y + tall, y_axis)
    v = _centres(rows, y_axis) - y[owner]
    squared = p[owner] - v * v * a2[owner]
    half = (a2 * b)[owner] * np.sqrt(np.maximum(squared, 0.0)) / p[owner]
    middle = x[owner] - v * (q / p)[owner]
    return owner, rows, _pixels(middle - half, x_axis), _pixels(middle + half, x_axis)


def _pixels(x: Float64, axis: Axis) -> Float64:
    """Lattice x as a fractional pixel index whose integers are pixel centres."""
    return (x * axis.unit - axis.first) / axis.step


def _settled(
    position: Float64,
    owner: Int64,
    rows: Int64,
    primitives: Sequence[Primitive],
    x_axis: Axis,
    y_axis: Axis,
    *,
    closing: bool = False,
) -> Int64:
    """First pixel at or after each interval end, with the doubtful ones decided exactly."""
    pixels = np.ceil(np.clip(position, -1.0, x_axis.size + 1.0)).astype(np.int64)
    doubtful = np.abs(pixels - position - 0.5) > 0.5 - _DOUBT_PX
    nearest = np.rint(position[doubtful]).astype(np.int64)
    for index, column in zip(np.flatnonzero(doubtful).tolist(), nearest.tolist(), strict=True):
        if not 0 <= column < x_axis.size:
            continue
        inside = contains(primitives[owner[index]], x_axis, y_axis, column, int(rows[index]))
        pixels[index] = column + (inside if closing else not inside)
    return pixels


def _polygon_spans(
    polygons: Sequence[tuple[Any, ...]], owners: Sequence[int], x_axis: Axis, y_axis: Axis
) -> tuple[Int64, Int64, Int64, Int64]:
    edges = np.concatenate([_edges(polygon, owner) for polygon, owner in zip(polygons, owners, strict=True)])
    x0, y0, x1, y1 = edges[:, :4].astype(np.float64).T
    edge, rows = _rows(y0, y1, y_axis)
    slope = (x1 - x0) / (y1 - y0)
    position = _pixels(x0[edge] + (_centres(rows, y_axis) - y0[edge]) * slope[edge], x_axis)
    pixels = np.ceil(np.clip(position, -1.0, x_axis.size + 1.0)).astype(np.int64)
    nearest = np.rint(position)
    # An upright edge is exact as it stands: its lattice x is an integer.
    doubtful = (np.abs(position - nearest) < _DOUBT_PX) & (slope[edge] != 0)
    doubtful &= (nearest >= 0) & (nearest < x_axis.size)
    for index in np.flatnonzero(doubtful).tolist():
        x_a, y_a, x_b, y_b = edges[edge[index], :4].tolist()
        column = int(nearest[index])
        pixels[index] = column + (not left_of((x_a, y_a, x_b, y_b), x_axis, y_axis, column, int(rows[index])))
    owner = edges[edge, 4]
    # A line meets a closed outline an even number of times, so sorted crossings pair up within each row.
    order = np.lexsort((pixels, rows, owner))
    owner, rows, pixels = owner[order], rows[order], pixels[order]
    return owner[::2], rows[::2], pixels[::2], pixels[1::2]


def _edges(polygon: tuple[Any, ...], owner: int) -> Int64:
    """Edges ``(x0, y0, x1, y1, owner)`` with y0 < y1; level ones cross no row."""
    corners = np.array(polygon, np.int64).reshape(-1, 2)
    following = np.roll(corners, -1, axis=0)
    downward = (corners[:, 1] < following[:, 1])[:, None]
    low, high = np.where(downward, corners, following), np.where(downward, following, corners)
    edges = np.concatenate([low, high, np.full((len(low), 1), owner)], axis=1)
    return edges[low[:, 1] < high[:, 1]]
