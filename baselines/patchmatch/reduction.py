"""Picture and hole at the working resolution, by a whole factor."""

from dataclasses import dataclass

import cv2
import numba
import numpy as np
import numpy.typing as npt

from _df8k.kernels import kernel
from baselines.base import Image, Mask


@dataclass(frozen=True)
class WorkingImage:
    """A picture in cells of ``scale`` x ``scale`` pixels.

    Attributes:
        scale: pixels per cell.
        image: uint8 ``(h, w, 3)``, mean of each cell; not meaningful where the hole is.
        hole: bool ``(h, w)``, cells with a missing pixel.
        usable: bool ``(h, w)``, cells that are known and wholly inside the picture.
    """

    scale: int
    image: Image
    hole: Mask
    usable: Mask


def reduced(image: Image, mask: Mask, resolution: int) -> WorkingImage:
    """Reduce by the smallest whole factor that brings the longer side to ``resolution`` or less.

    Args:
        image: uint8 RGB ``(H, W, 3)``.
        mask: bool ``(H, W)``, ``True`` = missing.
        resolution: cells of the longer side at most.
    """
    height, width = mask.shape
    scale = -(-max(height, width) // resolution)
    if scale == 1:
        return WorkingImage(1, image, mask, ~mask)
    rows, columns = -(-height // scale), -(-width // scale)
    below, beside = rows * scale - height, columns * scale - width
    padded = (
        cv2.copyMakeBorder(image, 0, below, 0, beside, cv2.BORDER_REPLICATE) if below or beside else image
    )
    small = cv2.resize(padded, (columns, rows), interpolation=cv2.INTER_AREA)
    hole = _any(mask, scale, np.zeros((rows, columns), np.bool_))
    usable = ~hole
    usable[rows - bool(below) :], usable[:, columns - bool(beside) :] = False, False
    return WorkingImage(scale, np.asarray(small, np.uint8), hole, usable)


@kernel
def _any(mask: Mask, scale: int, hole: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    height, width = mask.shape
    for row in numba.prange(hole.shape[0]):
        for y in range(row * scale, min((row + 1) * scale, height)):
            line = mask[y]
            for column in range(hole.shape[1]):
                if hole[row, column]:
                    continue
                for x in range(column * scale, min((column + 1) * scale, width)):
                    if line[x]:
                        hole[row, column] = True
                        break
    return hole
