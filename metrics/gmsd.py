"""Gradient magnitude similarity deviation."""

from math import sqrt
from typing import Any

import numpy as np
import numpy.typing as npt

from _df8k.kernels import serial_kernel

from .luma import Y_SCALE, halved_hole, halved_luma
from .pair import Pair, in_strips
from .regions import LABELS, Value, empty, label, pooled

_STRIP_ROWS = 64
_REGIONS = ("full", "hole", "hole-wide")
_RADIUS = 1
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
def _add_deviation(x: Any, y: Any, labels: Any, sums: Any) -> None:
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


def gmsd(pair: Pair) -> dict[str, Value]:
    """Standard deviation of the similarity of gradient magnitudes: 0 for identical pictures.

    The luma (Rec. 601 weights) is averaged over 2 x 2 blocks and taken as zero outside the picture; gradients
    are Prewitt's. The deviation is that of the population (divided by n).

    Source:
        Xue et al., Gradient Magnitude Similarity Deviation, 2014, equations 4 to 7 and the authors' code.
    """
    labels = label(halved_hole(pair.mask), radius=_RADIUS)
    columns = labels.shape[1]

    def work(first: int, last: int) -> npt.NDArray[np.float64]:
        planes = []
        for image in (pair.prediction, pair.target):
            plane = np.zeros((last - first + 2, columns + 2), np.int64)
            halved_luma(image, first - 1, plane[:, 1:-1])
            planes.append(plane)
        sums = np.zeros((3, LABELS))
        _add_deviation(planes[0], planes[1], labels[first:last], sums)
        return sums

    strips = in_strips(work, labels.shape[0], _STRIP_ROWS)
    return {region: _deviation(region, strips) for region in _REGIONS}


def _deviation(region: str, strips: list[npt.NDArray[np.float64]]) -> Value:
    lack, square, count = pooled(region, strips)
    if count == 0:
        return empty(region)
    return sqrt(max(square / count - (lack / count) ** 2, 0.0))
