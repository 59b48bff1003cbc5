"""Rules that a finished mask keeps, decided on small exact rasters with integers alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from .raster.lattice import Frame
from .raster.primitives import Primitive, bounds
from .raster.runs import Int64
from .raster.spans import draw

Ratio = tuple[int, int]  # numerator and denominator
_COARSE: Final = 128  # short side of the raster that distances are judged on; borders and patches: at 512
_PATCH: Final = 8
# Coverage is checked at these short sides, 0.1 percentage points inside the band: sizes between and beyond
# them differ from the nearest of these by less.
_CHECKED_SIZES: Final = (512, 256, 2048)
# Below it there are too few pixels to keep a band with.
LEAST_SHORT_SIDE: Final = min(_CHECKED_SIZES)


@dataclass(frozen=True)
class Rules:
    """Limits on a mask; None leaves a quantity free.

    Attributes:
        band: promised coverage in 1 / 1000, both ends included.
        depth: largest distance from a missing pixel to the nearest known one, in 1/1000 of the short side;
            either one number or one for each family.
        side: largest missing fraction of any one side of the frame.
        border: largest missing fraction of the frame's outermost pixels.
        clean: smallest fraction of fully known 8-pixel patches at 512.
        margin: lattice units that stay known along every side.
    """

    band: tuple[int, int]
    depth: int | Mapping[str, int] | None = None
    side: Ratio | None = None
    border: Ratio | None = None
    clean: Ratio | None = None
    margin: int | None = None


def broken_rule(frame: Frame, primitives: tuple[Primitive, ...], family: str, rules: Rules) -> str | None:
    """Name the first rule that a mask breaks, or give None.

    Args:
        frame: the whole frame.
        primitives: the mask.
        family: the kind of drawing, for limits that differ between kinds.
        rules: the limits.
    """
    first = None
    for short in _CHECKED_SIZES:
        width, height = frame.size_at(short)
        runs = draw(frame, primitives, width, height)
        pixels = width * height
        if not 0 < runs.area < pixels:
            return "coverage"
        if not (rules.band[0] + 1) * pixels <= runs.area * 1000 <= (rules.band[1] - 1) * pixels:
            return "coverage"
        first = first or runs
    assert first is not None
    if rules.margin and not _keeps_margin(frame, primitives, rules.margin):
        return "margin"
    if rules.side or rules.border or rules.clean:
        broken = _broken_outline(first.raster(), rules)
        if broken:
            return broken
    limit = rules.depth.get(family) if isinstance(rules.depth, Mapping) else rules.depth
    if limit is not None:
        mask = draw(frame, primitives, *frame.size_at(_COARSE)).raster()
        if _deeper_than(mask, limit * _COARSE // 1000):
            return "depth"
    return None


def _keeps_margin(frame: Frame, primitives: tuple[Primitive, ...], margin: int) -> bool:
    width, height = frame.extent
    boxes = [bounds(primitive) for primitive in primitives]
    return all(
        left >= margin and top >= margin and right <= width - margin and bottom <= height - margin
        for left, top, right, bottom in boxes
    )


def _broken_outline(mask: npt.NDArray[np.bool_], rules: Rules) -> str | None:
    sides = [mask[0], mask[-1], mask[:, 0], mask[:, -1]]
    if rules.side and any(_above(int(side.sum()), len(side), rules.side) for side in sides):
        return "side"
    height, width = mask.shape
    corners = sum(int(mask[y, x]) for y in (0, -1) for x in (0, -1))
    missing = sum(int(side.sum()) for side in sides) - corners
    if rules.border and _above(missing, 2 * (width + height) - 4, rules.border):
        return "border"
    if rules.clean:
        rows, columns = height // _PATCH, width // _PATCH
        patches = mask[: rows * _PATCH, : columns * _PATCH].reshape(rows, _PATCH, columns, _PATCH)
        clean = rows * columns - int(patches.any(axis=(1, 3)).sum())
        if clean * rules.clean[1] < rules.clean[0] * rows * columns:
            return "clean"
    return None


def _above(count: int, total: int, limit: Ratio) -> bool:
    return count * limit[1] > limit[0] * total


def _deeper_than(mask: npt.NDArray[np.bool_], limit: int) -> bool:
    """Say whether some missing pixel is farther than ``limit`` pixels from every known one."""
    gap = np.minimum(_since_known(mask), _since_known(mask[::-1])[::-1])
    across = np.minimum(_since_known(mask.T), _since_known(mask.T[::-1])[::-1]).T
    if np.minimum(gap, across)[mask].max(initial=0) <= limit:  # the true distance is no larger
        return False
    column = np.minimum(gap, limit + 1) ** 2
    nearest = column.copy()
    for shift in range(1, limit + 1):
        if shift >= mask.shape[1]:
            break
        np.minimum(nearest[:, shift:], column[:, :-shift] + shift * shift, out=nearest[:, shift:])
        np.minimum(nearest[:, :-shift], column[:, shift:] + shift * shift, out=nearest[:, :-shift])
    return bool((nearest[mask] > limit * limit).any())


def _since_known(mask: npt.NDArray[np.bool_]) -> Int64:
    """Count for each pixel the rows since the last known pixel above it; large where there is none."""
    height = mask.shape[0]
    rows = np.arange(height, dtype=np.int64)[:, None]
    last = np.maximum.accumulate(np.where(mask, -2 * height, rows), axis=0)
    return rows - last
