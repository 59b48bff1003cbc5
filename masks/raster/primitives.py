"""Three shapes that masks are made of, all in integer lattice units, x to the right and y down.

A primitive is a tuple that JSON can hold: its letter, then integers.

- ``("c", x0, y0, x1, y1, r)``: capsule, all points nearer than ``r`` to the segment.
- ``("e", x, y, ax, ay, b)``: ellipse with one half-axis vector ``(ax, ay)`` and the other half-axis length
``b``.
- ``("p", x0, y0, x1, y1, ...)``: simple polygon, at least three corners.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from df8k.masks.errors import MaskError

Primitive = tuple[Any, ...]

SCALE_ONE: Final = 1024
_LIMIT: Final = 2**24  # 256 short sides away from the frame: further out nothing can be meant
_FIELDS: Final = {"c": 5, "e": 5}


def checked(primitives: Iterable[Sequence[Any]]) -> tuple[Primitive, ...]:
    """Check primitives, and give them as tuples.

    Raises:
        MaskError: an unknown letter, a wrong number of fields, a non-integer, or a negative radius or axis.
    """
    return tuple(_checked(index, tuple(primitive)) for index, primitive in enumerate(primitives))


def _checked(index: int, primitive: Primitive) -> Primitive:
    kind, numbers = (primitive[0], primitive[1:]) if primitive else (None, ())
    if kind not in ("c", "e", "p"):
        raise MaskError(f"primitive {index} is of kind {kind!r}: 'c', 'e' and 'p' are known")
    for value in numbers:
        if not isinstance(value, int) or isinstance(value, bool) or abs(value) > _LIMIT:
            raise MaskError(f"primitive {index} holds {value!r}: integers within ±{_LIMIT} are expected")
    if kind == "p":
        if len(numbers) < 6 or len(numbers) % 2:
            raise MaskError(
                f"polygon {index} has {len(numbers)} numbers: pairs, at least three, are expected"
            )
        return primitive
    if len(numbers) != _FIELDS[kind]:
        raise MaskError(
            f"primitive {index} ({kind!r}) has {len(numbers)} numbers, {_FIELDS[kind]} are expected"
        )
    if numbers[4] < 0 or (kind == "e" and not (numbers[4] > 0 and (numbers[2] or numbers[3]))):
        raise MaskError(
            f"primitive {index} ({kind!r}) has an axis or radius that is not positive: {primitive}"
        )
    return primitive


def scaled(primitive: Primitive, scale: int) -> Primitive:
    """Make a primitive wider or narrower about its middle; larger scales contain smaller ones.

    Args:
        primitive: one primitive.
        scale: in units of 1 / ``SCALE_ONE``. A capsule keeps its segment and changes its radius, an ellipse
            both axes, a polygon all corners about the middle of its bounding box.
    """
    kind, *n = primitive
    if kind == "c":
        return ("c", n[0], n[1], n[2], n[3], max(1, n[4] * scale // SCALE_ONE))
    if kind == "e":
        return ("e", n[0], n[1], *(_toward_zero(v, scale) for v in n[2:4]), max(1, n[4] * scale // SCALE_ONE))
    x, y = (min(n[0::2]) + max(n[0::2])) // 2, (min(n[1::2]) + max(n[1::2])) // 2
    corners: list[int] = []
    for corner_x, corner_y in zip(n[0::2], n[1::2], strict=True):
        corners += [x + _toward_zero(corner_x - x, scale), y + _toward_zero(corner_y - y, scale)]
    return ("p", *corners)


def _toward_zero(value: int, scale: int) -> int:
    size = abs(value) * scale // SCALE_ONE
    return size if value >= 0 else -size


def box(left: int, top: int, right: int, bottom: int) -> Primitive:
    """Make an axis-aligned rectangle as a polygon."""
    return ("p", left, top, right, top, right, bottom, left, bottom)


def bounds(primitive: Primitive) -> tuple[int, int, int, int]:
    """Bound a primitive by a rectangle ``(left, top, right, bottom)``."""
    kind, *n = primitive
    if kind == "p":
        return min(n[0::2]), min(n[1::2]), max(n[0::2]), max(n[1::2])
    if kind == "c":
        r = n[4]
        return min(n[0], n[2]) - r, min(n[1], n[3]) - r, max(n[0], n[2]) + r, max(n[1], n[3]) + r
    r = max(abs(n[2]) + abs(n[3]), n[4])
    return n[0] - r, n[1] - r, n[0] + r, n[1] + r
