"""Shifts by which a picture repeats itself: walls, tiles, cloth, house fronts.

Sources at such shifts keep step with what is known around a hole, however large it is; sources that merely
look alike drift. The known region is compared with itself under every shift at once: a picture that repeats
itself has deep valleys there, any other has none.

Source:
    He and Sun, Statistics of Patch Offsets for Image Completion, 2012: few shifts serve a whole hole. They
    count the shifts between patches that match; whole pictures are compared here.
"""

from typing import Any

import cv2
import numba
import numpy as np
import numpy.typing as npt
from scipy import fft

from _df8k.kernels import kernel
from df8k.baselines.base import Mask
from df8k.baselines.patchmatch.field import Field
from df8k.baselines.patchmatch.pyramid import PATCH, Colours, Indices, Level, Plane

# Difference of a shift that repeats the picture, where unrelated pixels have 1.
_DEEP = 0.3
# With a shift below this the picture has a pattern, even if no one shift repeats it: walls in perspective.
_PATTERNED = 0.6
# Farther shifts than this fraction of the sides leave too little to compare.
_FARTHEST = 0.6
_LEAST_OVERLAP = 0.1
_MOST = 24
# Light and shade, wider than this fraction of the longer side, would make any picture resemble itself.
_SHADING = 1 / 12
# Variance of a plane, grey levels squared, that counts as noise.
_NOISE = 12.0
# Rows between those that are compared where a shift is made more exact.
_EVERY = 4
# Differences are compared to so many digits: the last ones depend on the machine.
_DIGITS = 3

Lattice = npt.NDArray[np.int32]
"""int32 ``(k, 2)``: shifts in rows and columns, the deepest valleys first; empty where nothing repeats."""


def lattice(colours: Colours, hole: Mask) -> tuple[Lattice, bool]:
    """Find the shifts by which the known region repeats itself.

    Args:
        colours: uint8 ``(h, w, 4)``; red, green and blue of known pixels are read.
        hole: bool ``(h, w)`` with a known pixel, ``True`` = missing.

    Returns:
        Shifts; whether the picture has a pattern, repeated or not quite.
    """
    differences = _differences(colours, hole)
    # Borders are no valleys.
    valleys = (differences <= cv2.erode(differences, np.ones((3, 3), np.uint8), borderValue=-1)) & (
        differences < _PATTERNED
    )
    shifts = np.argwhere(valleys) - np.array(differences.shape) // 2
    depths = differences[valleys]
    near = (np.abs(shifts) <= _FARTHEST * np.array(hole.shape)).all(axis=1)
    # A shift of less than a patch says that the picture is smooth.
    near &= np.abs(shifts).max(axis=1, initial=0) >= PATCH // 2
    deep = near & (depths < _DEEP)
    order = np.argsort(depths[deep], kind="stable")[:_MOST]
    return np.ascontiguousarray(shifts[deep][order], dtype=np.int32), bool(near.any())


def refine(repeats: Lattice, field: Field, level: Level) -> Lattice:
    """Make shifts of the next coarser level exact on this one, and with them the sources that lie there.

    Args:
        repeats: shifts of the next coarser level.
        field: enlarged from that level; changed.
        level: whose known region is compared with itself.

    Returns:
        Shifts of this level.
    """
    around = np.array([(down, right) for down in (0, -1, 1) for right in (0, -1, 1)], np.int32)
    shifts = np.ascontiguousarray(2 * repeats[:, None] + around)
    best = _errors(level.colours, level.hole, shifts).argmin(axis=1)
    finer: Lattice = shifts[np.arange(len(repeats)), best]
    _follow(level.targets, level.valid, field, 2 * repeats, finer)
    return finer


@kernel
def _errors(colours: Colours, hole: Mask, shifts: npt.NDArray[np.int32]) -> npt.NDArray[np.float64]:
    rows, columns = hole.shape
    errors = np.full(shifts.shape[:2], np.inf)
    for k in numba.prange(shifts.shape[0]):
        for m in range(shifts.shape[1]):
            down, right = int(shifts[k, m, 0]), int(shifts[k, m, 1])
            total, count = 0, 0
            for y in range(max(0, -down), rows - max(0, down), _EVERY):
                for x in range(max(0, -right), columns - max(0, right)):
                    if hole[y, x] or hole[y + down, x + right]:
                        continue
                    count += 1
                    for c in range(3):
                        step = int(colours[y, x, c]) - int(colours[y + down, x + right, c])
                        total += step * step
            if count:
                errors[k, m] = total / count
    return errors


@kernel
def _follow(targets: Indices, valid: Mask, field: Field, before: Lattice, after: Lattice) -> None:
    rows, columns = valid.shape
    for n in numba.prange(targets.shape[0]):
        y, x = targets[n, 0], targets[n, 1]
        for k in range(before.shape[0]):
            if field[y, x, 0] - y == before[k, 0] and field[y, x, 1] - x == before[k, 1]:
                sy, sx = y + after[k, 0], x + after[k, 1]
                if 0 <= sy < rows and 0 <= sx < columns and valid[sy, sx]:
                    field[y, x, 0], field[y, x, 1] = sy, sx
                break


def _differences(colours: Colours, hole: Mask) -> Plane:
    """Compare the known region with itself under every shift.

    Returns:
        float32 ``(2 h + 1, 2 w + 1)``, no shift in the middle: mean squared differences over those of
        unrelated pixels; 1 where too few pixels overlap.
    """
    height, width = hole.shape
    size = cv2.getOptimalDFTSize(2 * height + 1), cv2.getOptimalDFTSize(2 * width + 1)
    known = (~hole).astype(np.float32)
    deviation = _SHADING * max(height, width)
    weight = cv2.GaussianBlur(known, (0, 0), deviation) + np.float32(1e-6)
    planes = colours[..., :3] * known[..., None]
    shading = cv2.GaussianBlur(planes, (0, 0), deviation) / weight[..., None]
    planes = (planes - shading) * known[..., None]

    def transform(plane: npt.NDArray[Any]) -> npt.NDArray[Any]:
        return np.asarray(fft.rfft2(plane, size))

    def products(spectrum: npt.NDArray[Any]) -> npt.NDArray[Any]:
        sums = fft.irfft2(spectrum, size)
        return np.asarray(np.roll(sums, (height, width), (0, 1))[: 2 * height + 1, : 2 * width + 1])

    mask = transform(known)
    overlap = products(np.abs(mask) ** 2)
    power = np.sum([np.abs(transform(planes[..., channel])) ** 2 for channel in range(3)], axis=0)
    squares = transform((planes**2).sum(axis=2))
    # Sums over the overlap of both pictures' squares: what unrelated pixels would differ by.
    unrelated = products(2 * np.real(np.conj(squares) * mask)) + 3 * _NOISE * np.maximum(overlap, 1)
    differences = np.where(overlap > _LEAST_OVERLAP * known.sum(), 1 - 2 * products(power) / unrelated, 1.0)
    return np.asarray(differences.round(_DIGITS), np.float32)
