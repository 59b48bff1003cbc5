"""Differences of neighbours inside the hole."""

from typing import Any

import numpy as np

from _df8k.kernels import serial_kernel


@serial_kernel
def add_energy(image: Any, mask: Any, first: int, last: int, sums: Any) -> None:
    """Add up absolute differences of neighbours, below and to the right, that are both missing.

    ``sums``: int64 ``(2,)``, differences of the sum of the channels, and pairs.
    """
    height, width = mask.shape
    for y in range(first, last):
        for x in range(width):
            if not mask[y, x]:
                continue
            here = np.int64(image[y, x, 0]) + np.int64(image[y, x, 1]) + np.int64(image[y, x, 2])
            for dy, dx in ((0, 1), (1, 0)):
                if y + dy >= height or x + dx >= width or not mask[y + dy, x + dx]:
                    continue
                there = np.int64(0)
                for channel in range(3):
                    there += np.int64(image[y + dy, x + dx, channel])
                sums[0] += abs(there - here)
                sums[1] += 1
