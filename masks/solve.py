"""Coverage by construction: choose how many shapes, then how wide, until the area meets its target.

Both searches bisect exact integer areas on a proxy raster, whose areas grow with every step.
"""

from typing import Final

import numpy as np

from .drawing import LEVELS, Drawing
from .lattice import Frame
from .primitives import Primitive
from .runs import packed, united_area
from .spans import draw, intervals

PROXY: Final = 512  # short side in pixels of the raster that areas are compared on


def solved(
    frame: Frame, drawing: Drawing, target: tuple[int, int], *, prefix: bool
) -> tuple[Primitive, ...] | None:
    """The drawing brought to a coverage.

    Args:
        frame: where it is seen.
        drawing: shapes and their range of widths.
        target: wanted coverage as numerator and denominator.
        prefix: whether shapes may be left out: then the shortest list that reaches the target at the neutral
            level is widened or narrowed; otherwise the whole list is.

    Returns:
        The shapes, at the widest level that stays at or below the target; None where no level reaches it
        or even the lowest one exceeds it.
    """
    width, height = frame.size_at(PROXY)
    wanted = target[0] * width * height // target[1]
    count = len(drawing.primitives)
    if prefix:
        count = _shortest_prefix(frame, drawing, (width, height), wanted)

    def area(level: int) -> int:
        return draw(frame, drawing.at(level, count), width, height).area

    if count == 0 or area(0) > wanted or area(LEVELS) < wanted:
        return None
    low, high = 0, LEVELS + 1
    while high - low > 1:
        middle = (low + high) // 2
        if area(middle) <= wanted:
            low = middle
        else:
            high = middle
    return tuple(drawing.at(low, count))


def _shortest_prefix(frame: Frame, drawing: Drawing, size: tuple[int, int], wanted: int) -> int:
    """How many leading shapes reach the area at the neutral level; 0 where all of them do not."""
    total = len(drawing.primitives)
    starts, ends, owner = intervals(frame, drawing.at(drawing.neutral, total), *size)
    filled = ends > starts
    words, owner = packed(starts, ends), owner[filled]
    order = np.argsort(words, kind="stable")
    words, owner = words[order], owner[order]
    if united_area(words) < wanted:
        return 0
    low, high = 0, total
    while high - low > 1:
        middle = (low + high) // 2
        if united_area(words[owner < middle]) >= wanted:
            high = middle
        else:
            low = middle
    return high
