"""Haar wavelet-based perceptual similarity."""

from math import log

import numpy as np
import numpy.typing as npt

from df8k.metrics.halving import halve_mask_rounding_up
from df8k.metrics.pair import Pair, in_strips
from df8k.metrics.regions import BLOCK_REGIONS, LABELS, Undefined, Value, empty, label, pooled
from df8k.metrics.spec import MetricSpec

METRICS = (
    MetricSpec(
        name="haarpsi",
        variant="haarpsi-yiq-half-v1",
        summary="similarity of Haar wavelet coefficients, YIQ at half size",
        source="Reisenhofer et al., A Haar Wavelet-Based Perceptual Similarity Index, 2018",
        kind="pairwise",
        higher_is_better=True,
        range=(0.0, 1.0),
        regions=BLOCK_REGIONS,
        target="df8k.metrics.pairwise.haarpsi:haarpsi",
    ),
)
BEFORE, AFTER = 3, 4  # samples that the largest wavelet, of size 8, reaches to either side
ALPHA = 4.2
_STRIP_ROWS = 64
_LEAST = 16


def haarpsi(pair: Pair) -> dict[str, Value]:
    """Compare Haar coefficients at two scales, weighted by the third's: 1 for identical images.

    Images are taken as YIQ averaged over 2 x 2 blocks, zero outside.

    Source:
        Reisenhofer et al., A Haar Wavelet-Based Perceptual Similarity Index for Image Quality Assessment,
        2018, equations 8 to 13 with C = 30 and alpha = 4.2.
    """
    from df8k.metrics.kernels.haarpsi import add_weighted
    from df8k.metrics.kernels.luma import halved_chroma, halved_luma

    if min(pair.mask.shape) < _LEAST:
        small = Undefined(f"the largest wavelet needs a picture of at least {_LEAST} pixels a side")
        return dict.fromkeys(BLOCK_REGIONS, small)
    labels = label(halve_mask_rounding_up(pair.mask), radius=AFTER)
    columns = labels.shape[1]

    def work(first: int, last: int) -> npt.NDArray[np.float64]:
        lumas, chromas = [], []
        for image in (pair.prediction, pair.target):
            luma = np.zeros((last - first + BEFORE + AFTER, columns + BEFORE + AFTER), np.int64)
            halved_luma(image, first - BEFORE, luma[:, BEFORE:-AFTER])
            chroma = np.zeros((last - first + 1, columns + 1, 2), np.int64)
            halved_chroma(image, first, chroma[:, :-1])
            lumas.append(luma)
            chromas.append(chroma)
        sums = np.zeros((3, LABELS))
        add_weighted(lumas[0], lumas[1], chromas[0], chromas[1], labels[first:last], sums)
        return sums

    strips = in_strips(work, labels.shape[0], _STRIP_ROWS)
    return {region: _pool(region, strips) for region in BLOCK_REGIONS}


def _pool(region: str, strips: list[npt.NDArray[np.float64]]) -> Value:
    similar, weights, count = pooled(region, strips)
    if count == 0:
        return empty(region)
    if weights == 0:
        return Undefined("neither picture has any structure there, and structure is what weighs the samples")
    score = similar / weights
    return (log(score / (1.0 - score)) / ALPHA) ** 2
