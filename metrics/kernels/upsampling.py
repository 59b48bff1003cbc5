"""Transpose of bilinear enlargement: the weight of each sample of a coarse map in a region."""

from typing import Any

import numpy as np
import numpy.typing as npt

from _df8k.kernels import serial_kernel


@serial_kernel
def _source(position: int, coarse: int, fine: int) -> tuple[int, int, float]:
    """Neighbours and fraction that bilinear enlargement (corners not aligned) reads at a fine position."""
    at = max((position + 0.5) * coarse / fine - 0.5, 0.0)
    low = min(int(at), coarse - 1)
    return low, min(low + 1, coarse - 1), at - low


@serial_kernel
def _spread(labels: Any, bit: int, grid_height: int, first: int, out: Any) -> None:
    height, width = labels.shape
    rows, columns = out.shape
    lows, highs, fractions = np.empty(width, np.int64), np.empty(width, np.int64), np.empty(width)
    for x in range(width):
        lows[x], highs[x], fractions[x] = _source(x, columns, width)
    line = np.empty(columns)
    # Fine rows that can reach the coarse rows in question, with one to spare on either side.
    top = max(int((first - 1) * height / grid_height) - 2, 0)
    bottom = min(int((first + rows + 1) * height / grid_height) + 2, height)
    for y in range(top, bottom):
        low, high, fraction = _source(y, grid_height, height)
        if high < first or low >= first + rows:
            continue
        line[:] = 0.0
        for x in range(width):
            if labels[y, x] & bit:
                line[lows[x]] += 1.0 - fractions[x]
                line[highs[x]] += fractions[x]
        if first <= low < first + rows:
            for column in range(columns):
                out[low - first, column] += (1.0 - fraction) * line[column]
        if first <= high < first + rows:
            for column in range(columns):
                out[high - first, column] += fraction * line[column]


def spread_weights(
    labels: npt.NDArray[np.uint8], bit: int, grid: tuple[int, int], first: int, last: int
) -> npt.NDArray[np.float64]:
    """Weigh rows ``first`` to ``last`` of a coarse map by how much they enter the sum over a region.

    The sum of an enlarged map over the region equals the sum of coarse map times weights, so a map never has
    to be enlarged to be added up.

    Args:
        labels: uint8 ``(H, W)``, see `metrics.regions.label`.
        bit: the region's bit.
        grid: rows and columns of the whole coarse map.
        first: first row.
        last: row after the last one.

    Returns:
        float64 ``(last - first, columns)``; over all rows they add up to the region's pixels.
    """
    out = np.zeros((last - first, grid[1]))
    _spread(labels, bit, grid[0], first, out)
    return out
