"""Coverage by construction: choose how many shapes, then how wide, until the area meets its target.

Both searches compare exact integer areas on a proxy raster, which grow with every step.
"""

from collections.abc import Callable
from typing import Final

import numpy as np

from df8k.masks.raster.lattice import Frame
from df8k.masks.raster.primitives import Primitive
from df8k.masks.raster.runs import packed, united_area
from df8k.masks.raster.spans import draw, intervals

from .drawing import LEVELS, Drawing

PROXY: Final = 512  # short side in pixels of the raster that areas are compared on
_PRECISION: Final = 5000


def solved(
    frame: Frame, drawing: Drawing, target: tuple[int, int], *, prefix: bool
) -> tuple[Primitive, ...] | None:
    """Bring a drawing to a coverage.

    Args:
        frame: where it is seen.
        drawing: shapes and their range of widths.
        target: coverage as numerator and denominator.
        prefix: whether shapes may be left out: then the shortest list that reaches the target at the neutral
            level is widened or narrowed; otherwise the whole list is.

    Returns:
        The shapes at a level that meets the target on the proxy to 1/5000 of the frame, or at the
        nearest level; None where no level reaches it or even the lowest one exceeds it.
    """
    width, height = frame.size_at(PROXY)
    target_area = target[0] * width * height // target[1]
    count = len(drawing.primitives)
    if prefix:
        count = _shortest_prefix(frame, drawing, (width, height), target_area)

    if count == 0:
        return None

    def missing_area(level: int) -> int:
        return target_area - draw(frame, drawing.at(level, count), width, height).area

    level = _level(missing_area, width * height // _PRECISION)
    return None if level is None else tuple(drawing.at(level, count))


def _level(shortfall: Callable[[int], int], tolerance: int) -> int | None:
    """Search a level whose area is within a tolerance of the target, by secant and bisection in turn."""
    low, high = 0, LEVELS
    excess = -shortfall(high)
    short = shortfall(low) if excess >= 0 else -1
    if short < 0:
        return None
    halve = False
    while high - low > 1 and min(short, excess) > tolerance:
        # Every second step halves the bracket, so that a bent curve cannot stall the search.
        middle = (low + high) // 2 if halve else low + (high - low) * short // (short + excess)
        middle = min(max(middle, low + 1), high - 1)
        left = shortfall(middle)
        if left >= 0:
            low, short = middle, left
        else:
            high, excess = middle, -left
        halve = not halve
    return low if short <= excess else high


def _shortest_prefix(frame: Frame, drawing: Drawing, size: tuple[int, int], target_area: int) -> int:
    """Count the leading shapes that reach the area at the neutral level; 0 where all of them do not."""
    total = len(drawing.primitives)
    starts, ends, owner = intervals(frame, drawing.at(drawing.neutral, total), *size)
    filled = ends > starts
    words, owner = packed(starts, ends), owner[filled]
    order = np.argsort(words, kind="stable")
    words, owner = words[order], owner[order]
    if united_area(words) < target_area:
        return 0
    low, high = 0, total
    while high - low > 1:
        middle = (low + high) // 2
        if united_area(words[owner < middle]) >= target_area:
            high = middle
        else:
            low = middle
    return high
