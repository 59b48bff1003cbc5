"""Working-size values, enlarged bilinearly, written where the full-size picture is missing."""

import numba
import numpy as np

from _df8k.kernels import inner_kernel, kernel
from baselines.base import Image, Mask
from baselines.rethined.tokens import Pixels, Working

# Adding less than this to a whole number and rounding changes nothing.
_SILENT = np.float32(0.499)


def paint_enlarged(image: Image, mask: Mask, working: Working, values: Pixels, keep: float) -> None:
    """Write ``keep`` times what stands in the hole plus the enlarged values, rounded and clipped, in place.

    The work grows with the hole.

    Args:
        image: uint8 RGB ``(H, W, 3)``.
        mask: bool ``(H, W)``, ``True`` = missing.
        working: the image at the working resolution; its scale and hole are used.
        values: float32 ``(h, w, 3)`` in grey levels.
        keep: 0 replaces what stands in the hole, 1 adds to it.
    """
    _paint(image, mask, working.scale, working.hole, values, np.float32(keep))


@kernel
def _paint(image: Image, mask: Mask, scale: int, hole: Mask, values: Pixels, keep: np.float32) -> None:
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
            loudest = np.float32(0)
            for i in range(3):
                x = min(max(column + i - 1, 0), columns - 1)
                for channel in range(3):
                    a, b = values[above, x, channel], values[below, x, channel]
                    around[i, channel] = a + s * (b - a)
                    loudest = max(loudest, abs(around[i, channel]))
            if keep == 1 and loudest < _SILENT:
                continue
            left, right = column * scale, min((column + 1) * scale, width)
            _paint_cell(image[y, left:right], mask[y, left:right], scale, around, keep)


@inner_kernel
def _paint_cell(line: Image, missing: Mask, scale: int, around: Pixels, keep: np.float32) -> None:
    for x in range(missing.size):
        if not missing[x]:
            continue
        u = np.float32((x + 0.5) / scale + 0.5)
        first = int(u)
        t = u - np.float32(first)
        for channel in range(3):
            value = around[first, channel] + t * (around[first + 1, channel] - around[first, channel])
            value += keep * np.float32(line[x, channel]) + np.float32(0.5)
            line[x, channel] = np.uint8(min(max(value, np.float32(0)), np.float32(255)))
