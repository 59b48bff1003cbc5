"""Gradient magnitude similarity deviation."""

from math import sqrt

import numpy as np
import numpy.typing as npt

from df8k.metrics.halving import halve_mask_rounding_up
from df8k.metrics.pair import Pair, in_strips
from df8k.metrics.regions import BLOCK_REGIONS, LABELS, Value, empty, label, pooled
from df8k.metrics.spec import MetricSpec

METRICS = (
    MetricSpec(
        name="gmsd",
        variant="gmsd-luma-half-v1",
        summary="deviation of the similarity of gradient magnitudes, luma at half size",
        source="Xue et al., Gradient Magnitude Similarity Deviation, 2014",
        kind="pairwise",
        higher_is_better=False,
        range=(0.0, 1.0),
        regions=BLOCK_REGIONS,
        target="df8k.metrics.pairwise.gmsd:gmsd",
    ),
)
_STRIP_ROWS = 64
_RADIUS = 1


def gmsd(pair: Pair) -> dict[str, Value]:
    """Compute the standard deviation of the similarity of gradient magnitudes: 0 for identical images.

    The luma (Rec. 601 weights) is averaged over 2 x 2 blocks and taken as zero outside the image; gradients
    are Prewitt's. The deviation is that of the population (divided by n).

    Source:
        Xue et al., Gradient Magnitude Similarity Deviation, 2014, equations 4 to 7 and the authors' code.
    """
    from df8k.metrics.kernels.gmsd import add_deviation
    from df8k.metrics.kernels.luma import halved_luma

    labels = label(halve_mask_rounding_up(pair.mask), radius=_RADIUS)
    columns = labels.shape[1]

    def work(first: int, last: int) -> npt.NDArray[np.float64]:
        planes = []
        for image in (pair.prediction, pair.target):
            plane = np.zeros((last - first + 2, columns + 2), np.int64)
            halved_luma(image, first - 1, plane[:, 1:-1])
            planes.append(plane)
        sums = np.zeros((3, LABELS))
        add_deviation(planes[0], planes[1], labels[first:last], sums)
        return sums

    strips = in_strips(work, labels.shape[0], _STRIP_ROWS)
    return {region: _deviation(region, strips) for region in BLOCK_REGIONS}


def _deviation(region: str, strips: list[npt.NDArray[np.float64]]) -> Value:
    lack, square, count = pooled(region, strips)
    if count == 0:
        return empty(region)
    return sqrt(max(square / count - (lack / count) ** 2, 0.0))
