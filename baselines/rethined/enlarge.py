"""Working-size values, enlarged bilinearly, written where the full-size picture is missing."""

import numba
import numpy as np

from baselines._kernel import kernel
from baselines.base import Image, Mask

from .grid import Pixels


@kernel
def paint_enlarged(image: Image, mask: Mask, scale: int, values: Pixels, keep: float) -> None:
    """Write ``keep`` times what stands in the hole plus the enlarged values, rounded and clipped, in place.

    Args:
        image: uint8 RGB ``(H, W, 3)``.
        mask: bool ``(H, W)``, ``True`` = missing.
        scale: pixels of the image for one cell of ``values``.
        values: float32 ``(h, w, 3)`` in grey levels.
        keep: 0 replaces what stands in the hole, 1 adds to it.
    """
    height, width = mask.shape
    rows, columns = values.shape[:2]
    for y in numba.prange(height):
        v = max((y + 0.5) / scale - 0.5, 0.0)
        above = int(v)
        below, s = min(above + 1, rows - 1), np.float32(v - above)
        for x in range(width):
            if mask[y, x]:
                u = max((x + 0.5) / scale - 0.5, 0.0)
                left = int(u)
                right, t = min(left + 1, columns - 1), np.float32(u - left)
                for channel in range(3):
                    a = values[above, left, channel] + t * (
                        values[above, right, channel] - values[above, left, channel]
                    )
                    b = values[below, left, channel] + t * (
                        values[below, right, channel] - values[below, left, channel]
                    )
                    base = np.float32(keep) * np.float32(image[y, x, channel])
                    value = base + a + s * (b - a) + np.float32(0.5)
                    image[y, x, channel] = np.uint8(min(max(value, np.float32(0)), np.float32(255)))
