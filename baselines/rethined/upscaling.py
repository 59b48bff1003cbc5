"""Upscaling where no known patch can be a source: the coarse result, enlarged.

Elsewhere Attention Upscaling copies pixels of the sources; see `baselines.patchmatch.enlargement`.
"""

import numba
import numpy as np

from _df8k.kernels import inner_kernel, kernel
from df8k.baselines.base import Image, Mask

from .tokens import Pixels, Working


def paint_enlarged(image: Image, mask: Mask, working: Working, values: Pixels) -> None:
    """Write the bilinearly enlarged values into the hole, rounded and clipped, in place.

    The work grows with the hole.

    Args:
        image: uint8 RGB ``(H, W, 3)``.
        mask: bool ``(H, W)``, ``True`` = missing.
        working: the image at the working resolution; its scale and hole are used.
        values: float32 ``(h, w, 3)`` in grey levels.
    """
    _paint(image, mask, working.scale, working.hole, values)


@kernel
def _paint(image: Image, mask: Mask, scale: int, hole: Mask, values: Pixels) -> None:
    height, width = mask.shape
    rows, columns = hole.shape
    for y in numba.prange(height):
        row = y // scale
        v = max((y + 0.5) / scale - 0.5, 0.0)
        above = int(v)
        below, s = min(above + 1, rows - 1), np.float32(v - above)
        for column in range(columns):
            if not hole[row, column]:
                continue
            # The three values that pixels of this cell lie between.
            around = np.empty((3, 3), np.float32)
            for i in range(3):
                x = min(max(column + i - 1, 0), columns - 1)
                for channel in range(3):
                    a, b = values[above, x, channel], values[below, x, channel]
                    around[i, channel] = a + s * (b - a)
            left, right = column * scale, min((column + 1) * scale, width)
            _paint_cell(image[y, left:right], mask[y, left:right], scale, around)


@inner_kernel
def _paint_cell(line: Image, missing: Mask, scale: int, around: Pixels) -> None:
    for x in range(missing.size):
        if not missing[x]:
            continue
        u = np.float32((x + 0.5) / scale + 0.5)
        first = int(u)
        t = u - np.float32(first)
        for channel in range(3):
            value = around[first, channel] + t * (around[first + 1, channel] - around[first, channel])
            line[x, channel] = np.uint8(min(max(value + np.float32(0.5), np.float32(0)), np.float32(255)))
