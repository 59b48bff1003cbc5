"""Levels of halved size, finest first, with the patches to fill and the patches to copy from."""

from dataclasses import dataclass
from typing import Any

import cv2
import numba
import numpy as np
import numpy.typing as npt

from _df8k.kernels import kernel, shared_if_long
from df8k.baselines.base import Mask

from .halving import halve

PATCH = 8
_LEAST_SIDE = 2 * PATCH
# The pyramid ends above a level with too few patches that are known throughout: they would be repeated.
_LEAST_SOURCES, _LEAST_FRACTION = 64, 0.25
# Pixels from the known region that patches bridge: no coarser level is needed to see across such a hole.
_SPANNED = 6.0
# How often a difference at a known pixel counts as one at a filled pixel: the square of this.
_TRUST = 4
# Pixels from the known region up to which confidence halves with each.
_DEEPEST = 40
# Looked at in a microsecond or less.
_PIXELS_PER_ITEM = 100
# A byte times this stands in all four.
_FOUR_TIMES = np.uint32(0x01010101)

_SQUARE = np.ones((PATCH, PATCH), np.uint8)

Colours = npt.NDArray[np.uint8]
Indices = npt.NDArray[np.int32]
Plane = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Level:
    """One size of the picture. A patch is named after its top left pixel, its anchor.

    Attributes:
        colours: uint8 ``(h, w, 4)``: red, green, blue and texture strength; filled in the course of the work.
        hole: bool ``(h, w)``, ``True`` = missing.
        usable: bool ``(h, w)``, known pixels that may be copied.
        valid: bool ``(h - 7, w - 7)``, anchors of patches that are known throughout.
        sources: int32 ``(m, 2)``, the same as a list of rows and columns.
        targets: int32 ``(n, 2)``, anchors of patches that a missing pixel lies in, row after row.
        starts: int32 ``(h - 7 + 1,)``, first target of each row.
        missing: int32 ``(k, 2)``, missing pixels, row after row.
        trust: uint8 ``(4 * h * w,)``, weight of each pixel in a comparison: known ones count most.
        confidence: float32 ``(h - 7, w - 7)``, of targets; falls with the distance to what is known.
        depths_px: float32 ``(h, w)``, that distance of each missing pixel; 0 where known.
        spacing: pixels from one target to the next along either axis; the last row and column have some too.
    """

    colours: Colours
    hole: Mask
    usable: Mask
    valid: Mask
    sources: Indices
    targets: Indices
    starts: Indices
    missing: Indices
    trust: npt.NDArray[np.uint8]
    confidence: Plane
    depths_px: Plane
    spacing: int

    @property
    def deepest(self) -> float:
        """Greatest distance of a missing pixel to what is known."""
        return float(self.depths_px.max())


def finest(colours: Colours, hole: Mask, usable: Mask, *, spacing: int = 1) -> Level | None:
    """Make the first level.

    Args:
        colours: uint8 ``(h, w, 4)``, values under the hole are not read.
        hole: bool ``(h, w)`` with a missing and a known pixel.
        usable: bool ``(h, w)``, known pixels that may be copied.
        spacing: of the targets, a power of two, less than a patch; it is halved with the levels.

    Returns:
        the level; ``None`` where too little is known for a single patch.
    """
    return _level(colours, hole, usable, 0, spacing)


def pyramid(level: Level, *, spread: bool = True) -> list[Level]:
    """Halve until a patch spans most of the hole, or sources run out.

    Args:
        level: the finest.
        spread: let what is known grow into the hole from level to level; a pattern would be blurred by it.

    Returns:
        Levels, finest first.
    """
    levels = [level]
    while level.deepest > _SPANNED and min(level.hole.shape) >= 2 * _LEAST_SIDE:
        colours, hole, usable = halve(level.colours, level.hole, level.usable, spread=spread)
        fewest = _LEAST_FRACTION * np.count_nonzero(usable)
        spacing = max(level.spacing // 2, 1)
        coarser = _level(colours, hole, usable, fewest, spacing) if hole.any() else None
        if coarser is None:
            break
        levels.append(level := coarser)
    return levels


def _level(colours: Colours, hole: Mask, usable: Mask, fewest: float, spacing: int) -> Level | None:
    if min(hole.shape) < _LEAST_SIDE:
        return None
    with shared_if_long(hole.size // _PIXELS_PER_ITEM):
        return _made(colours, hole, usable, fewest, spacing)


def _made(colours: Colours, hole: Mask, usable: Mask, fewest: float, spacing: int) -> Level | None:
    valid = _anchors(cv2.erode(usable.view(np.uint8), _SQUARE, anchor=(0, 0)))
    sources = listed(valid)
    if len(sources) < max(fewest, _LEAST_SOURCES):
        return None
    touched = _anchors(cv2.dilate(hole.view(np.uint8), _SQUARE, anchor=(0, 0)))
    targets = listed(_thinned(touched, spacing))
    rows, columns = valid.shape
    depths_px = np.asarray(cv2.distanceTransform(hole.view(np.uint8), cv2.DIST_L2, 3), np.float32)
    centre = gathered(depths_px, targets, PATCH // 2, PATCH // 2)
    confidence = np.zeros((rows, columns), np.float32)
    _scatter(confidence, targets, np.exp2(-np.minimum(centre, _DEEPEST)))
    return Level(
        colours=colours.copy(),
        hole=hole,
        usable=usable,
        valid=valid,
        sources=sources,
        targets=targets,
        starts=np.searchsorted(targets[:, 0], np.arange(rows + 1)).astype(np.int32),
        missing=listed(hole),
        trust=_trust(hole).reshape(-1).view(np.uint8),
        confidence=confidence,
        depths_px=depths_px,
        spacing=spacing,
    )


def _thinned(flags: Mask, spacing: int) -> Mask:
    """Keep every so many rows and columns, and the last ones: patches still cover every pixel."""
    if spacing == 1:
        return flags
    rows, columns = (np.append(np.arange(0, side - 1, spacing), side - 1) for side in flags.shape)
    kept = np.zeros_like(flags)
    kept[np.ix_(rows, columns)] = flags[np.ix_(rows, columns)]
    return kept


@kernel
def listed(flags: Mask) -> Indices:
    """List where an array is true, row after row.

    Args:
        flags: bool ``(h, w)``, contiguous.

    Returns:
        int32 ``(n, 2)``, rows and columns.
    """
    rows, columns = flags.shape
    ends = np.zeros(rows + 1, np.int64)
    for y in numba.prange(rows):
        count = np.int64(0)
        for x in range(columns):
            count += np.int64(flags[y, x])
        ends[y + 1] = count
    ends = np.cumsum(ends)
    result = np.empty((ends[rows], 2), np.int32)
    for y in numba.prange(rows):
        n = ends[y]
        for x in range(columns):
            if flags[y, x]:
                result[n, 0], result[n, 1] = y, x
                n += 1
    return result


@kernel
def gathered(plane: Plane, places: Indices, down: int, right: int) -> Plane:
    """Read a plane at each of some places, moved down and to the right; float32 ``(n,)``."""
    result = np.empty(places.shape[0], np.float32)
    for n in numba.prange(result.size):
        result[n] = plane[places[n, 0] + down, places[n, 1] + right]
    return result


@kernel
def _scatter(plane: Plane, places: Indices, values: Plane) -> None:
    for n in numba.prange(places.shape[0]):
        plane[places[n, 0], places[n, 1]] = values[n]


@kernel
def _trust(hole: Mask) -> npt.NDArray[np.uint32]:
    """Give the trust of each pixel, four times."""
    trust = np.empty(hole.shape, np.uint32)
    for y in numba.prange(hole.shape[0]):
        for x in range(hole.shape[1]):
            trust[y, x] = _FOUR_TIMES if hole[y, x] else np.uint32(_TRUST * _FOUR_TIMES)
    return trust


def _anchors(flags: Any) -> Mask:
    """Keep the anchors of patches that lie in the picture."""
    rows, columns = flags.shape[0] - PATCH + 1, flags.shape[1] - PATCH + 1
    return np.ascontiguousarray(flags[:rows, :columns]).view(np.bool_)
