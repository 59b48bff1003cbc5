"""Picture and hole at the working resolution, by a whole factor."""

from dataclasses import dataclass

import numba
import numpy as np
import numpy.typing as npt

from _df8k.kernels import inlined_kernel, kernel
from df8k.baselines.base import Image, Mask

_Sums = npt.NDArray[np.uint32]

# Of 8 bits, as many lines as 16 bits can hold the sum of.
_LINES = 256


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
        missing = np.zeros(width, np.uint8)
        bottom = min((row + 1) * scale, height)
        for top in range(row * scale, bottom, _LINES):
            end = min(top + _LINES, bottom)
            # Columns first: contiguous, and thus in vectors.
            columns = np.zeros(3 * width, np.uint16)
            _add_lines(columns, image, top, end)
            _join_lines(missing, mask, top, end)
            for column in range(hole.shape[1]):
                lost, red, green, blue = np.uint8(0), np.uint32(0), np.uint32(0), np.uint32(0)
                for x in range(column * scale, min((column + 1) * scale, width)):
                    lost |= missing[x]
                    red += columns[3 * x]
                    green += columns[3 * x + 1]
                    blue += columns[3 * x + 2]
                if lost:
                    hole[row, column], sums[row, column] = True, 0
                else:
                    cell = sums[row, column]
                    cell[0], cell[1], cell[2] = cell[0] + red, cell[1] + green, cell[2] + blue


@inlined_kernel
def _add_lines(columns: npt.NDArray[np.uint16], image: Image, top: int, end: int) -> None:
    """Add lines of pixels up, four at a time: the sums are read and written a fourth as often."""
    for y in range(top, end - 3, 4):
        first, second = image[y].reshape(-1), image[y + 1].reshape(-1)
        third, fourth = image[y + 2].reshape(-1), image[y + 3].reshape(-1)
        for x in range(columns.size):
            columns[x] += np.uint16(
                np.uint16(first[x]) + np.uint16(second[x]) + np.uint16(third[x]) + np.uint16(fourth[x])
            )
    for y in range(end - (end - top) % 4, end):
        line = image[y].reshape(-1)
        for x in range(columns.size):
            columns[x] += np.uint16(line[x])


@inlined_kernel
def _join_lines(missing: npt.NDArray[np.uint8], mask: Mask, top: int, end: int) -> None:
    """Mark the columns in which a line has a missing pixel."""
    for y in range(top, end):
        line = mask[y].view(np.uint8)
        for x in range(missing.size):
            missing[x] |= line[x]


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
