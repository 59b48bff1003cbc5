"""Levels of halved size, finest first, with the patches to fill and the patches to copy from."""

from dataclasses import dataclass
from typing import Any

import cv2
import numba
import numpy as np
import numpy.typing as npt

from _df8k.kernels import inlined_kernel, kernel
from df8k.baselines.base import Mask

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
# Weights of the pixels that a halved one is the mean of. Beyond its own two they bring what is known around a
# hole into it, level by level: the coarse ones know its colours before patches are sought.
_BINOMIAL = (1, 5, 10, 10, 5, 1)

_ALL = np.int32(sum(_BINOMIAL) ** 2)

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
    valid = _anchors(cv2.erode(usable.view(np.uint8), _SQUARE, anchor=(0, 0)))
    sources = listed(valid)
    if len(sources) < max(fewest, _LEAST_SOURCES):
        return None
    touched = _anchors(cv2.dilate(hole.view(np.uint8), _SQUARE, anchor=(0, 0)))
    targets = listed(_thinned(touched, spacing))
    rows, columns = valid.shape
    depths_px = np.asarray(cv2.distanceTransform(hole.view(np.uint8), cv2.DIST_L2, 3), np.float32)
    centre = depths_px[PATCH // 2 :, PATCH // 2 :][targets[:, 0], targets[:, 1]]
    confidence = np.zeros((rows, columns), np.float32)
    confidence[targets[:, 0], targets[:, 1]] = np.exp2(-np.minimum(centre, _DEEPEST))
    return Level(
        colours=colours.copy(),
        hole=hole,
        usable=usable,
        valid=valid,
        sources=sources,
        targets=targets,
        starts=np.searchsorted(targets[:, 0], np.arange(rows + 1)).astype(np.int32),
        missing=listed(hole),
        trust=_trust(hole),
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


def _trust(hole: Mask) -> npt.NDArray[np.uint8]:
    four = np.uint32(0x01010101)
    return np.where(hole, four, _TRUST * four).reshape(-1).view(np.uint8)


def _anchors(flags: Any) -> Mask:
    """Keep the anchors of patches that lie in the picture."""
    rows, columns = flags.shape[0] - PATCH + 1, flags.shape[1] - PATCH + 1
    return np.ascontiguousarray(flags[:rows, :columns]).view(np.bool_)


def halve(colours: Colours, hole: Mask, usable: Mask, *, spread: bool) -> tuple[Colours, Mask, Mask]:
    """Average what is known: of 6 x 6 pixels with binomial weights, else of 2 x 2.

    A pixel is missing where nothing of the 6 x 6, or less than half of the 2 x 2, is known; it may be copied
    where half of the 2 x 2 is known and may be.
    """
    known = np.where(hole, np.uint32(0), colours.view(np.uint32)[..., 0]).view(np.uint8)
    return _halve(known, hole, usable, spread)


@kernel
def _halve(
    known: npt.NDArray[np.uint8], hole: Mask, usable: Mask, spread: bool
) -> tuple[Colours, Mask, Mask]:
    height, width = hole.shape
    h, w = (height + 1) // 2, (width + 1) // 2
    small = np.empty((h, w, 4), np.uint8)
    holes, usables = np.zeros((h, w), np.bool_), np.zeros((h, w), np.bool_)
    first, last = (-2, 4) if spread else (0, 2)
    whole, bits = (np.int32(_ALL), np.int32(10)) if spread else (np.int32(4), np.int32(2))
    half = np.int32(whole // 2)
    for y in numba.prange(h):
        # Columns first: contiguous, and thus in vectors. Two pixels on either side, where nothing is known.
        sums, weights = np.zeros(8 * w + 16, np.int32), np.zeros(2 * w + 4, np.int32)
        lost, barred = np.zeros(2 * w, np.int32), np.zeros(2 * w, np.int32)
        for j in range(max(2 * y + first, 0), min(2 * y + last, height)):
            share = np.int32(_BINOMIAL[j - 2 * y + 2]) if spread else np.int32(1)
            for m in range(4 * width):
                sums[8 + m] += share * np.int32(known[j, m])
            for i in range(width):
                weights[2 + i] += share * np.int32(not hole[j, i])
        for j in range(2 * y, min(2 * y + 2, height)):
            for i in range(width):
                lost[i] += np.int32(hole[j, i])
                barred[i] |= np.int32(not hole[j, i] and not usable[j, i])
        totals, line = _across(sums, spread), small[y].reshape(-1)
        for m in range(4 * w):
            line[m] = np.uint8(np.int32(totals[m] + half) >> bits)
        for x in range(w):
            weight = _weight(weights, x, spread)
            missing = lost[2 * x] + lost[2 * x + 1]
            few = 2 * missing > min(2, height - 2 * y) * min(2, width - 2 * x)
            usables[y, x] = not few and not barred[2 * x] and not barred[2 * x + 1]
            holes[y, x] = weight == 0 or (few and not spread)
            # Where all is known the weight is a power of two, and what is written is right.
            if holes[y, x]:
                line[4 * x : 4 * x + 4] = 0
            elif weight != whole:
                for m in range(4 * x, 4 * x + 4):
                    line[m] = np.uint32(totals[m] + weight // 2) // np.uint32(weight)
    return small, holes, usables


@inlined_kernel
def _across(sums: Indices, spread: bool) -> Indices:
    """Weigh columns of four channels along a row: three times two that stand side by side, or one time."""
    pairs = sums.size // 8
    # Even and odd columns apart: contiguous too.
    even, odd, both = np.empty(4 * pairs, np.int32), np.empty(4 * pairs, np.int32), sums.view(np.uint64)
    evens, odds = even.view(np.uint64), odd.view(np.uint64)
    for n in range(pairs):
        evens[2 * n], evens[2 * n + 1] = both[4 * n], both[4 * n + 1]
        odds[2 * n], odds[2 * n + 1] = both[4 * n + 2], both[4 * n + 3]
    totals = np.empty(4 * pairs - 8, np.int32)
    if spread:
        for m in range(totals.size):
            outer, inner = np.int32(even[m] + odd[m + 8]), np.int32(odd[m] + even[m + 8])
            totals[m] = np.int32(outer + 5 * inner + 10 * np.int32(even[m + 4] + odd[m + 4]))
    else:
        for m in range(totals.size):
            totals[m] = even[m + 4] + odd[m + 4]
    return totals


@inlined_kernel
def _weight(weights: Indices, x: int, spread: bool) -> np.int32:
    """Weigh single values along a row, as `_across`."""
    at = 2 * x
    weight = weights[at + 2] + weights[at + 3]
    if spread:
        outer, inner = weights[at] + weights[at + 5], weights[at + 1] + weights[at + 4]
        weight = outer + 5 * inner + 10 * weight
    return np.int32(weight)
