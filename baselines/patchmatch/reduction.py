"""Picture and hole at the working resolution, by a whole factor."""

from dataclasses import dataclass

import numba
import numpy as np
import numpy.typing as npt

from _df8k.kernels import kernel
from df8k.baselines.base import Image, Mask

_Sums = npt.NDArray[np.uint32]


@dataclass(frozen=True)
class WorkingImage:
    """A picture in cells of ``scale`` x ``scale`` pixels.

    Attributes:
        scale: pixels per cell.
        image: float32 ``(h, w, 3)`` in grey levels, mean of each cell; 0 where the hole is.
        hole: bool ``(h, w)``, cells with a missing pixel.
        usable: bool ``(h, w)``, cells that are known and wholly inside the picture.
    """

    scale: int
    image: npt.NDArray[np.float32]
    hole: Mask
    usable: Mask


def reduced(image: Image, mask: Mask, resolution: int) -> WorkingImage:
    """Reduce by the smallest whole factor that brings the longer side to ``resolution`` or less.

    A cell that the hole touches is missing altogether: nothing under the hole and no blend with it gets in.

    Args:
        image: uint8 RGB ``(H, W, 3)``.
        mask: bool ``(H, W)``, ``True`` = missing.
        resolution: cells of the longer side at most.
    """
    scale = -(-max(mask.shape) // resolution)
    return _cells(*_summed(image, mask, scale), scale, mask.shape)


def reduced_with_finer(image: Image, mask: Mask, resolution: int) -> tuple[WorkingImage, WorkingImage]:
    """Reduce, and once more to cells of half that side, rounded up; see `reduced`.

    Returns:
        the picture in cells, and in fine cells; twice the same where a cell is a pixel.
    """
    scale = -(-max(mask.shape) // resolution)
    if scale == 1:
        cells = reduced(image, mask, resolution)
        return cells, cells
    sums, hole = _summed(image, mask, -(-scale // 2))
    fine = _cells(sums, hole, -(-scale // 2), mask.shape)
    if scale % 2:
        return reduced(image, mask, resolution), fine
    return _cells(*_joined(sums, hole), scale, mask.shape), fine


def _summed(image: Image, mask: Mask, scale: int) -> tuple[_Sums, Mask]:
    height, width = mask.shape
    rows, columns = -(-height // scale), -(-width // scale)
    sums, hole = np.zeros((rows, columns, 3), np.uint32), np.zeros((rows, columns), np.bool_)
    _add_up(np.ascontiguousarray(image), np.ascontiguousarray(mask), scale, sums, hole)
    return sums, hole


def _cells(sums: _Sums, hole: Mask, scale: int, shape: tuple[int, ...]) -> WorkingImage:
    height, width = shape
    usable = ~hole
    usable[height // scale :], usable[:, width // scale :] = False, False
    return WorkingImage(scale, _means(sums, scale, height, width), hole, usable)


@kernel
def _add_up(image: Image, mask: Mask, scale: int, sums: _Sums, hole: Mask) -> None:
    """Sum the pixels of each cell that is known; the others are missing."""
    height, width = mask.shape
    for row in numba.prange(hole.shape[0]):
        # Column sums first: contiguous, and thus in vectors.
        columns, missing = np.zeros(3 * width, np.uint32), np.zeros(width, np.uint8)
        for y in range(row * scale, min((row + 1) * scale, height)):
            line, lost = image[y].reshape(-1), mask[y]
            for x in range(3 * width):
                columns[x] += line[x]
            for x in range(width):
                missing[x] |= np.uint8(lost[x])
        for column in range(hole.shape[1]):
            end = min((column + 1) * scale, width)
            if missing[column * scale : end].any():
                hole[row, column] = True
                continue
            for channel in range(3):
                total = np.uint32(0)
                for x in range(column * scale, end):
                    total += columns[3 * x + channel]
                sums[row, column, channel] = total


@kernel
def _joined(sums: _Sums, hole: Mask) -> tuple[_Sums, Mask]:
    """Join cells, two by two each way."""
    rows, columns = (hole.shape[0] + 1) // 2, (hole.shape[1] + 1) // 2
    totals, holes = np.zeros((rows, columns, 3), np.uint32), np.zeros((rows, columns), np.bool_)
    for row in numba.prange(rows):
        for y in range(2 * row, min(2 * row + 2, hole.shape[0])):
            for x in range(hole.shape[1]):
                holes[row, x // 2] |= hole[y, x]
                for channel in range(3):
                    totals[row, x // 2, channel] += sums[y, x, channel]
        for column in range(columns):
            if holes[row, column]:
                totals[row, column] = 0
    return totals, holes


@kernel
def _means(sums: _Sums, scale: int, height: int, width: int) -> npt.NDArray[np.float32]:
    rows, columns = sums.shape[:2]
    result = np.empty(sums.shape, np.float32)
    for row in numba.prange(rows):
        high = min(scale, height - row * scale)
        for column in range(columns):
            factor = np.float32(1 / (high * min(scale, width - column * scale)))
            for channel in range(3):
                result[row, column, channel] = np.float32(sums[row, column, channel]) * factor
    return result
