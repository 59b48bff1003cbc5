"""Smoothness of the boundary: does the fill join the known pixels as the original does?"""

from math import inf

import numpy as np
import numpy.typing as npt

from df8k.metrics.pair import Pair, in_strips
from df8k.metrics.regions import Undefined, Value
from df8k.metrics.spec import MetricSpec

METRICS = (
    MetricSpec(
        name="seam",
        variant="seam-rgb-v1",
        summary="gradient break across the boundary of the hole, less the original's and over the original's",
        source="this suite, docs/metrics.md",
        kind="pairwise",
        higher_is_better=None,
        range=(-2.0, inf),
        regions=("excess", "ratio"),
        target="df8k.metrics.pairwise.seam:seam",
    ),
)
_STRIP_ROWS = 128


def seam(pair: Pair) -> dict[str, Value]:
    """Compare the gradient discontinuity across the hole's boundary with the original's there.

    For every pair of neighbours of which one is missing, the break is how far the step across the boundary is
    from the mean of the steps before and after it: 0 on any ramp. Means over all pairs and channels are
    compared.

    Returns:
        ``excess``: prediction less original, in units of the full range; 0 joins like the original, above 0 a
        visible seam, below 0 a smoother boundary than the original's. ``ratio``: prediction over original.
    """
    breaks = [_breaks(image, pair.mask) for image in (pair.prediction, pair.target)]
    samples = int(breaks[0][1])
    if samples == 0:
        undefined = Undefined("no missing pixel has a known neighbour with room on either side")
        return {"excess": undefined, "ratio": undefined}
    prediction, original = int(breaks[0][0]), int(breaks[1][0])
    flat = Undefined("the original has no gradient break at all along the boundary")
    ratio = prediction / original if original else (1.0 if prediction == 0 else flat)
    return {"excess": (prediction - original) / (2 * samples * 255.0), "ratio": ratio}


def _breaks(image: npt.NDArray[np.uint8], mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    from df8k.metrics.kernels.seam import add_breaks

    def work(first: int, last: int) -> npt.NDArray[np.int64]:
        sums = np.zeros(2, np.int64)
        add_breaks(image, mask, first, last, sums)
        return sums

    total: npt.NDArray[np.int64] = np.sum(in_strips(work, mask.shape[0], _STRIP_ROWS), axis=0)
    return total
