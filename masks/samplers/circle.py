"""Directions by angle as integers, so that no platform's cosine enters a mask."""

from functools import cache
from typing import Final

STEPS: Final = 1440  # quarter degrees
ONE: Final = 65536

# Cosine and sine of a quarter degree, in 1 / 2**62.
_COSINE: Final = 4611642118500293615
_SINE: Final = 20122212422540167


@cache
def _table() -> list[tuple[int, int]]:
    x, y = 1 << 62, 0
    points = []
    for _ in range(STEPS):
        points.append(((x + (1 << 45)) >> 46, (y + (1 << 45)) >> 46))
        x, y = (x * _COSINE - y * _SINE) >> 62, (x * _SINE + y * _COSINE) >> 62
    return points


def toward(quarter_degrees: int) -> tuple[int, int]:
    """Look up cosine and sine in 1 / ``ONE`` of an angle in quarter degrees, clockwise as y points down."""
    return _table()[quarter_degrees % STEPS]
