"""Gradient magnitudes compared pixel by pixel."""

from typing import Any

import numpy as np

from _df8k.kernels import serial_kernel

from .luma import Y_SCALE

_T = 170.0  # the constant of the paper, for grey levels 0 to 255


@serial_kernel
def _gradient(rows: Any, row: int, column: int) -> float:
    """Prewitt magnitude; ``rows`` has a border of one sample."""
    across = down = np.int64(0)
    for k in range(3):
        across += rows[row + k, column + 2] - rows[row + k, column]
        down += rows[row + 2, column + k] - rows[row, column + k]
    scale = 1.0 / (3.0 * Y_SCALE)
    return ((across * scale) ** 2 + (down * scale) ** 2) ** 0.5


@serial_kernel
def add_deviation(x: Any, y: Any, labels: Any, sums: Any) -> None:
    """Add 1 - similarity, its square and the count up per label."""
    for row in range(labels.shape[0]):
        for column in range(labels.shape[1]):
            a, b = _gradient(x, row, column), _gradient(y, row, column)
            # 1 - (2ab + T) / (a² + b² + T), without its cancellation
            lack = (a - b) ** 2 / (a * a + b * b + _T)
            which = labels[row, column]
            sums[0, which] += lack
            sums[1, which] += lack * lack
            sums[2, which] += 1.0
