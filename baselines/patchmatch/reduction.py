"""Picture and hole at the working resolution, by a whole factor."""

from dataclasses import dataclass

import numba
import numpy as np
import numpy.typing as npt

from _df8k.kernels import kernel
from df8k.baselines.base import Image, Mask


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
    height, width = mask.shape
    scale = -(-max(height, width) // resolution)
    rows, columns = -(-height // scale), -(-width // scale)
    small = np.zeros((rows, columns, 3), np.float32)
    hole = np.zeros((rows, columns), np.bool_)
    _average(np.ascontiguousarray(image), np.ascontiguousarray(mask), scale, small, hole)
    usable = ~hole
    usable[height // scale :], usable[:, width // scale :] = False, False
    return WorkingImage(scale, small, hole, usable)


@kernel
def _average(image: Image, mask: Mask, scale: int, small: npt.NDArray[np.float32], hole: Mask) -> None:
    height, width = mask.shape
    for row in numba.prange(hole.shape[0]):
        last = min((row + 1) * scale, height)
        # Column sums first: contiguous, and thus in vectors.
        sums, missing = np.zeros(3 * width, np.uint32), np.zeros(width, np.uint8)
        for y in range(row * scale, last):
            line, lost = image[y].reshape(-1), mask[y]
            for x in range(3 * width):
                sums[x] += line[x]
            for x in range(width):
                missing[x] |= np.uint8(lost[x])
        for column in range(hole.shape[1]):
            end = min((column + 1) * scale, width)
            if missing[column * scale : end].any():
                hole[row, column] = True
                continue
            factor = np.float32(1 / ((last - row * scale) * (end - column * scale)))
            for channel in range(3):
                total = np.uint32(0)
                for x in range(column * scale, end):
                    total += sums[3 * x + channel]
                small[row, column, channel] = np.float32(total) * factor
