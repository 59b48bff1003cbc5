"""Gradient breaks across the boundary of the hole."""

from typing import Any

import numpy as np

from _df8k.kernels import serial_kernel


@serial_kernel
def add_breaks(image: Any, mask: Any, first: int, last: int, sums: Any) -> None:
    """Add up |2nd-order breaks| of the gradient across the hole's boundary, pairs along rows and columns.

    ``sums``: int64 ``(2,)``, twice the breaks in grey levels, and samples.
    """
    height, width = mask.shape
    for y in range(first, last):
        for x in range(width):
            for axis in range(2):
                dy, dx = (0, 1) if axis == 0 else (1, 0)
                if y - dy < 0 or x - dx < 0 or y + 2 * dy >= height or x + 2 * dx >= width:
                    continue
                if mask[y, x] == mask[y + dy, x + dx]:
                    continue
                for channel in range(3):
                    a = np.int64(image[y - dy, x - dx, channel])
                    b = np.int64(image[y, x, channel])
                    c = np.int64(image[y + dy, x + dx, channel])
                    d = np.int64(image[y + 2 * dy, x + 2 * dx, channel])
                    sums[0] += abs(2 * (c - b) - (b - a) - (d - c))
                    sums[1] += 1
