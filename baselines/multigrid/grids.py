"""Grids of a hole, each half the size of the one before."""

from dataclasses import dataclass
from functools import cached_property

import cv2
import numba
import numpy as np
import numpy.typing as npt

from _df8k.kernels import kernel, shared_if_long
from df8k.baselines.base import Mask

Plane = npt.NDArray[np.float32]
Runs = npt.NDArray[np.int32]
"""int32 ``(n, 3)``, a hole as rows of ``y, first x, last x + 1``."""

# Errors live near the boundary, where the coarse grids are wrong: a band of a few pixels takes more sweeps.
_BOUNDARY_PX = 4
# Smoothed in a microsecond.
PIXELS_PER_ITEM = 100


@dataclass(frozen=True)
class GridLevel:
    """Grid of the hierarchy.

    Attributes:
        hole: bool ``(h, w)``.
        runs: int32 ``(n, 3)``, the hole as rows of ``y, first x, last x + 1``: all work walks these.
        boundary: runs of the hole's pixels near its boundary, which take more smoothing: errors live there.
    """

    hole: Mask
    runs: Runs
    boundary: Runs

    @cached_property
    def residual(self) -> Plane:
        """Where V-cycles of the finer grid put their residual; before, averages; float32 ``(h, w)``.

        Made once, as `correction`: fresh memory takes longer than what is done there.
        """
        return np.zeros(self.hole.shape, np.float32)

    @cached_property
    def correction(self) -> Plane:
        """Where they solve for it; float32 ``(h, w)``, 0 outside of the hole."""
        return np.zeros(self.hole.shape, np.float32)


def hierarchy(hole: Mask) -> list[GridLevel]:
    """Halve the hole until nothing of it is left.

    A coarse cell belongs to the hole only where all its children do. Coarse grids thus see a hole that is too
    small rather than too large, which keeps the corrections stable; the boundary is left to the smoother.

    Args:
        hole: bool ``(h, w)`` with at least one known pixel.

    Returns:
        Levels, finest first; the last has no hole.
    """
    with shared_if_long(hole.size // PIXELS_PER_ITEM):
        levels = [_level(hole)]
        while levels[-1].runs.size:
            coarse = _coarsen(levels[-1].hole)
            levels.append(_level(coarse))
    return levels


def _level(hole: Mask) -> GridLevel:
    inner = cv2.erode(
        hole.view(np.uint8), np.ones((2 * _BOUNDARY_PX + 1, 2 * _BOUNDARY_PX + 1), np.uint8)
    ).view(np.bool_)
    return GridLevel(hole, _runs(hole), _runs(hole ^ inner))


@kernel
def _runs(hole: Mask) -> Runs:
    height, width = hole.shape
    counts = np.zeros(height + 1, np.int64)
    for y in numba.prange(height):
        inside = False
        for x in range(width):
            if hole[y, x] and not inside:
                counts[y + 1] += 1
            inside = hole[y, x]
    ends = np.cumsum(counts)
    runs = np.empty((ends[height], 3), np.int32)
    for y in numba.prange(height):
        n = ends[y] - 1
        inside = False
        for x in range(width):
            if hole[y, x]:
                if not inside:
                    n += 1
                    runs[n, 0], runs[n, 1] = y, x
                runs[n, 2] = x + 1
            inside = hole[y, x]
    return runs


@kernel
def _coarsen(hole: Mask) -> Mask:
    height, width = hole.shape
    coarse = np.empty(((height + 1) // 2, (width + 1) // 2), np.bool_)
    for y in numba.prange(coarse.shape[0]):
        y1 = min(2 * y + 1, height - 1)
        for x in range(coarse.shape[1]):
            x1 = min(2 * x + 1, width - 1)
            coarse[y, x] = hole[2 * y, 2 * x] and hole[2 * y, x1] and hole[y1, 2 * x] and hole[y1, x1]
    return coarse
