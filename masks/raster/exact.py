"""Integer test whether a pixel centre is inside a primitive, for the few centres where floats cannot tell.

A centre that lies exactly on the outline belongs to the shape when the shape continues to its right, so that
shapes that share an edge neither overlap nor leave a gap.
"""

from .lattice import Axis
from .primitives import Primitive


def contains(primitive: Primitive, x_axis: Axis, y_axis: Axis, column: int, row: int) -> bool:
    """Test whether the centre of the pixel is inside a capsule or an ellipse.

    Args:
        primitive: a capsule or an ellipse in lattice units.
        x_axis: sampling of the columns.
        y_axis: sampling of the rows.
        column: pixel column, may lie outside the raster.
        row: pixel row.
    """
    # Everything is multiplied by both denominators, which keeps it integer.
    unit = x_axis.unit * y_axis.unit
    x = (x_axis.step * column + x_axis.first) * y_axis.unit
    y = (y_axis.step * row + y_axis.first) * x_axis.unit
    kind, *n = primitive
    u, v = x - n[0] * unit, y - n[1] * unit
    if kind == "c":
        return _in_capsule(u, v, n[2] - n[0], n[3] - n[1], n[4], unit)
    return _in_ellipse(u, v, n[2], n[3], n[4], unit)


def _in_capsule(u: int, v: int, dx: int, dy: int, radius: int, unit: int) -> bool:
    along, length2 = u * dx + v * dy, dx * dx + dy * dy
    if 0 < along < length2 * unit:
        across = dx * v - dy * u
        excess = across * across - radius * radius * length2 * unit * unit
        rightwards = -dy * across
    else:
        if along > 0:
            u, v = u - dx * unit, v - dy * unit
        excess = u * u + v * v - radius * radius * unit * unit
        rightwards = u
    return excess < 0 or (excess == 0 and rightwards < 0)


def _in_ellipse(u: int, v: int, ax: int, ay: int, b: int, unit: int) -> bool:
    a2 = ax * ax + ay * ay
    along, across = u * ax + v * ay, v * ax - u * ay
    excess = along * along * b * b + across * across * a2 - a2 * a2 * b * b * unit * unit
    rightwards = along * ax * b * b - across * ay * a2
    return excess < 0 or (excess == 0 and rightwards < 0)


def left_of(edge: tuple[int, int, int, int], x_axis: Axis, y_axis: Axis, column: int, row: int) -> bool:
    """Test whether a polygon's edge crosses the row at or left of the pixel's centre.

    Args:
        edge: ``(x0, y0, x1, y1)`` with ``y0 < y1``.
        x_axis: sampling of the columns.
        y_axis: sampling of the rows.
        column: pixel column.
        row: a row whose centre lies in ``[y0, y1)``.
    """
    x0, y0, x1, y1 = edge
    unit = x_axis.unit * y_axis.unit
    x = (x_axis.step * column + x_axis.first) * y_axis.unit
    y = (y_axis.step * row + y_axis.first) * x_axis.unit
    return (x - x0 * unit) * (y1 - y0) >= (y - y0 * unit) * (x1 - x0)
