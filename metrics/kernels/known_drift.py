"""Errors of the known pixels."""

from typing import Any

import numpy as np

from _df8k.kernels import serial_kernel


@serial_kernel
def add_drift(x: Any, y: Any, mask: Any, sums: Any) -> None:
    """Add up errors of known pixels: sum, pixels changed, largest, known pixels."""
    for row in range(mask.shape[0]):
        for column in range(mask.shape[1]):
            if mask[row, column]:
                continue
            total = largest = np.int64(0)
            for channel in range(3):
                error = abs(np.int64(x[row, column, channel]) - np.int64(y[row, column, channel]))
                total += error
                largest = max(largest, error)
            sums[0] += total
            sums[1] += total > 0
            sums[2] = max(sums[2], largest)
            sums[3] += 1
