"""Sums of 2 x 2 blocks."""

from typing import Any

import numpy as np

from _df8k.kernels import serial_kernel


@serial_kernel
def add_quads(source: Any, out: Any) -> None:
    """Sum 2 x 2 neighbours: ``(2 h, 2 w, 3)`` to uint16 ``(h, w, 3)``."""
    for row in range(out.shape[0]):
        upper, lower = source[2 * row], source[2 * row + 1]
        for column in range(out.shape[1]):
            for channel in range(3):
                out[row, column, channel] = (
                    np.uint32(upper[2 * column, channel])
                    + upper[2 * column + 1, channel]
                    + lower[2 * column, channel]
                    + lower[2 * column + 1, channel]
                )
