"""Errors of single pixels: L1, MSE, PSNR. Sums are integers, so values are exact to the last rounding."""

from math import log10

import numpy as np
import numpy.typing as npt

from df8k.metrics.pair import Pair, in_strips
from df8k.metrics.regions import LABELS, PIXEL_REGIONS, Undefined, Value, empty, label, members
from df8k.metrics.spec import MetricSpec

METRICS = (
    MetricSpec(
        name="l1",
        variant="l1-rgb-v1",
        summary="mean absolute error of 8-bit RGB, divided by 255",
        source="definition; the scale of the tables in the RETHINED paper",
        kind="pairwise",
        higher_is_better=False,
        range=(0.0, 1.0),
        regions=PIXEL_REGIONS,
        target="df8k.metrics.pairwise.pixel:l1",
    ),
    MetricSpec(
        name="mse",
        variant="mse-rgb-v1",
        summary="mean squared error of 8-bit RGB, divided by 255²",
        source="definition",
        kind="pairwise",
        higher_is_better=False,
        range=(0.0, 1.0),
        regions=PIXEL_REGIONS,
        target="df8k.metrics.pairwise.pixel:mse",
    ),
    MetricSpec(
        name="psnr",
        variant="psnr-rgb-pooled-v1",
        summary="peak signal-to-noise ratio of the squared error pooled over the region",
        source="definition, peak 255",
        kind="pairwise",
        higher_is_better=True,
        range=(0.0, 150.0),
        unit="dB",
        regions=PIXEL_REGIONS,
        target="df8k.metrics.pairwise.pixel:psnr",
    ),
)

PSNR_IDENTICAL = 150.0
"""dB for identical regions: above what two different 8-bit images below 10**10 samples can reach."""

_STRIP_ROWS = 128


def _errors(pair: Pair) -> npt.NDArray[np.int64]:
    """Absolute errors, squared errors and samples per label: int64 ``(3, LABELS)``."""
    from df8k.metrics.kernels.pixel import add_errors

    labels = label(pair.mask)

    def work(first: int, last: int) -> npt.NDArray[np.int64]:
        sums = np.zeros((3, LABELS), np.int64)
        rows = slice(first, last)
        add_errors(pair.prediction[rows], pair.target[rows], labels[rows], sums[0], sums[1], sums[2])
        return sums

    total: npt.NDArray[np.int64] = np.sum(in_strips(work, labels.shape[0], _STRIP_ROWS), axis=0)
    return total


def _mean_error(pair: Pair, row: int, scale: float) -> dict[str, Value]:
    sums = pair.share(_errors)
    values: dict[str, Value] = {}
    for region in PIXEL_REGIONS:
        labels = members(region)
        samples = int(sums[2, labels].sum())
        values[region] = int(sums[row, labels].sum()) / (samples * scale) if samples else empty(region)
    return values


def l1(pair: Pair) -> dict[str, Value]:
    """Average the absolute error, in units of the full range: 0 identical, 1 black against white."""
    return _mean_error(pair, 0, 255.0)


def mse(pair: Pair) -> dict[str, Value]:
    """Average the squared error, in units of the squared full range."""
    return _mean_error(pair, 1, 255.0**2)


def psnr(pair: Pair) -> dict[str, Value]:
    """Compute the peak signal-to-noise ratio in dB; `PSNR_IDENTICAL` where the region has no error at all."""
    return {region: _decibels(error) for region, error in mse(pair).items()}


def _decibels(error: Value) -> Value:
    if isinstance(error, Undefined):
        return error
    return -10.0 * log10(error) if error > 0 else PSNR_IDENTICAL
