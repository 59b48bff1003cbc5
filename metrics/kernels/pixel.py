"""Errors of single pixels, added up as integers."""

from typing import Any

import numpy as np

from _df8k.kernels import serial_kernel


@serial_kernel
def add_errors(x: Any, y: Any, labels: Any, absolute: Any, squared: Any, counts: Any) -> None:
    """Add the errors of ``(rows, W, 3)`` strips up per label."""
    for row in range(x.shape[0]):
        for column in range(x.shape[1]):
            a, b = np.int64(0), np.int64(0)
            for channel in range(3):
                error = np.int64(x[row, column, channel]) - np.int64(y[row, column, channel])
                a += abs(error)
                b += error * error
            which = labels[row, column]
            absolute[which] += a
            squared[which] += b
            counts[which] += 3
