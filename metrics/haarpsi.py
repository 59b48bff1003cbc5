"""Haar wavelet-based perceptual similarity."""

from math import exp, log
from typing import Any

import numpy as np
import numpy.typing as npt

from _df8k.kernels import serial_kernel

from .luma import IQ_SCALE, Y_SCALE, halved_chroma, halved_hole, halved_luma
from .pair import Pair, in_strips
from .regions import LABELS, Undefined, Value, empty, label, pooled

_STRIP_ROWS = 64
_REGIONS = ("full", "hole", "hole-wide")
_BEFORE, _AFTER = 3, 4  # samples that the largest wavelet, of size 8, reaches to either side
_LEAST = 16
_C = 30.0
_ALPHA = 4.2


@serial_kernel
def _wavelet(table: Any, row: int, column: int, size: int) -> tuple[float, float]:
    """Magnitudes of the vertical and horizontal Haar coefficient from a summed-area table.

    The window of ``size`` samples holds the sample itself in the last place of its first half.
    """
    half = size // 2
    top, left = row + _BEFORE - half + 1, column + _BEFORE - half + 1
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
    return 1.0 / (1.0 + exp(-_ALPHA * value))


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
def _add_weighted(x: Any, y: Any, chroma_x: Any, chroma_y: Any, labels: Any, sums: Any) -> None:
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


def haarpsi(pair: Pair) -> dict[str, Value]:
    """Similarity of Haar coefficients at two scales, weighted by the third's: 1 for identical pictures.

    Works on YIQ averaged over 2 x 2 blocks, zero outside the picture.

    Source:
        Reisenhofer et al., A Haar Wavelet-Based Perceptual Similarity Index for Image Quality Assessment,
        2018, equations 8 to 13 with C = 30 and alpha = 4.2.
    """
    if min(pair.mask.shape) < _LEAST:
        small = Undefined(f"the largest wavelet needs a picture of at least {_LEAST} pixels a side")
        return dict.fromkeys(_REGIONS, small)
    labels = label(halved_hole(pair.mask), radius=_AFTER)
    columns = labels.shape[1]

    def work(first: int, last: int) -> npt.NDArray[np.float64]:
        lumas, chromas = [], []
        for image in (pair.prediction, pair.target):
            luma = np.zeros((last - first + _BEFORE + _AFTER, columns + _BEFORE + _AFTER), np.int64)
            halved_luma(image, first - _BEFORE, luma[:, _BEFORE:-_AFTER])
            chroma = np.zeros((last - first + 1, columns + 1, 2), np.int64)
            halved_chroma(image, first, chroma[:, :-1])
            lumas.append(luma)
            chromas.append(chroma)
        sums = np.zeros((3, LABELS))
        _add_weighted(lumas[0], lumas[1], chromas[0], chromas[1], labels[first:last], sums)
        return sums

    strips = in_strips(work, labels.shape[0], _STRIP_ROWS)
    return {region: _pool(region, strips) for region in _REGIONS}


def _pool(region: str, strips: list[npt.NDArray[np.float64]]) -> Value:
    similar, weights, count = pooled(region, strips)
    if count == 0:
        return empty(region)
    if weights == 0:
        return Undefined("neither picture has any structure there, and structure is what weighs the samples")
    score = similar / weights
    return (log(score / (1.0 - score)) / _ALPHA) ** 2
