"""Haar coefficients from summed-area tables, compared sample by sample."""

from math import exp
from typing import Any

import numpy as np

from _df8k.kernels import serial_kernel
from df8k.metrics.pairwise.haarpsi import ALPHA, BEFORE

from .luma import IQ_SCALE, Y_SCALE

_C = 30.0


@serial_kernel
def _wavelet(table: Any, row: int, column: int, size: int) -> tuple[float, float]:
    """Magnitudes of the vertical and horizontal Haar coefficient from a summed-area table.

    The window of ``size`` samples holds the sample itself in the last place of its first half.
    """
    half = size // 2
    top, left = row + BEFORE - half + 1, column + BEFORE - half + 1
    middle_y, middle_x = top + half, left + half
    bottom, right = top + size, left + size
    whole = table[bottom, right] - table[top, right] - table[bottom, left] + table[top, left]
    upper = table[middle_y, right] - table[top, right] - table[middle_y, left] + table[top, left]
    left_half = table[bottom, middle_x] - table[top, middle_x] - table[bottom, left] + table[top, left]
    scale = 1.0 / (size * Y_SCALE)
    return abs(2 * upper - whole) * scale, abs(2 * left_half - whole) * scale


@serial_kernel
def _similar(a: float, b: float) -> float:
    return (2.0 * a * b + _C) / (a * a + b * b + _C)


@serial_kernel
def _squash(value: float) -> float:
    return 1.0 / (1.0 + exp(-ALPHA * value))


@serial_kernel
def _chroma(plane: Any, row: int, column: int, which: int) -> float:
    total = np.int64(0)
    for y in range(row, row + 2):
        for x in range(column, column + 2):
            total += plane[y, x, which]
    return float(abs(total)) / (4.0 * IQ_SCALE)


@serial_kernel
def _summed_area(plane: Any) -> Any:
    table = np.zeros((plane.shape[0] + 1, plane.shape[1] + 1), np.int64)
    for row in range(plane.shape[0]):
        run = np.int64(0)
        for column in range(plane.shape[1]):
            run += plane[row, column]
            table[row + 1, column + 1] = table[row, column + 1] + run
    return table


@serial_kernel
def add_weighted(x: Any, y: Any, chroma_x: Any, chroma_y: Any, labels: Any, sums: Any) -> None:
    """Add weighted squashed similarities, weights and samples up per label."""
    table_x, table_y = _summed_area(x), _summed_area(y)
    for row in range(labels.shape[0]):
        for column in range(labels.shape[1]):
            x2, y2 = _wavelet(table_x, row, column, 2), _wavelet(table_y, row, column, 2)
            x4, y4 = _wavelet(table_x, row, column, 4), _wavelet(table_y, row, column, 4)
            x8, y8 = _wavelet(table_x, row, column, 8), _wavelet(table_y, row, column, 8)
            which = labels[row, column]
            weights = 0.0
            for k in range(2):
                weight = max(x8[k], y8[k])
                similar = 0.5 * (_similar(x2[k], y2[k]) + _similar(x4[k], y4[k]))
                sums[0, which] += weight * _squash(similar)
                weights += weight
            colour = 0.0
            for k in range(2):
                colour += 0.5 * _similar(_chroma(chroma_x, row, column, k), _chroma(chroma_y, row, column, k))
            sums[0, which] += 0.5 * weights * _squash(colour)
            sums[1, which] += 1.5 * weights
            sums[2, which] += 1.0
