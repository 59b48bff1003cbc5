"""Errors of single pixels: L1, MSE, PSNR. Sums are integers, so values are exact to the last rounding."""

from math import log10
from typing import Any

import numpy as np
import numpy.typing as npt

from _df8k.kernels import serial_kernel

from .pair import Pair, in_strips
from .regions import LABELS, Undefined, Value, empty, label, members

PSNR_IDENTICAL = 150.0
"""dB for identical regions: above what two different 8-bit pictures below 10**10 samples can reach."""

_STRIP_ROWS = 128
_REGIONS = ("full", "hole", "band")


@serial_kernel
def _add_errors(x: Any, y: Any, labels: Any, absolute: Any, squared: Any, counts: Any) -> None:
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


def _errors(pair: Pair) -> npt.NDArray[np.int64]:
    """Absolute errors, squared errors and samples per label: int64 ``(3, LABELS)``."""
    labels = label(pair.mask)

    def work(first: int, last: int) -> npt.NDArray[np.int64]:
        sums = np.zeros((3, LABELS), np.int64)
        rows = slice(first, last)
        _add_errors(pair.prediction[rows], pair.target[rows], labels[rows], sums[0], sums[1], sums[2])
        return sums

    total: npt.NDArray[np.int64] = np.sum(in_strips(work, labels.shape[0], _STRIP_ROWS), axis=0)
    return total


def _mean_error(pair: Pair, row: int, scale: float) -> dict[str, Value]:
    sums = pair.share(_errors)
    values: dict[str, Value] = {}
    for region in _REGIONS:
        chosen = members(region)
        samples = int(sums[2, chosen].sum())
        values[region] = int(sums[row, chosen].sum()) / (samples * scale) if samples else empty(region)
    return values


def l1(pair: Pair) -> dict[str, Value]:
    """Mean absolute error in units of the full range: 0 identical, 1 black against white."""
    return _mean_error(pair, 0, 255.0)


def mse(pair: Pair) -> dict[str, Value]:
    """Mean squared error in units of the squared full range."""
    return _mean_error(pair, 1, 255.0**2)


def psnr(pair: Pair) -> dict[str, Value]:
    """Peak signal-to-noise ratio in dB; `PSNR_IDENTICAL` where the region has no error at all."""
    return {region: _decibels(error) for region, error in mse(pair).items()}


def _decibels(error: Value) -> Value:
    if isinstance(error, Undefined):
        return error
    return -10.0 * log10(error) if error > 0 else PSNR_IDENTICAL
