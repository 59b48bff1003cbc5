"""Structural similarity, exact, in one pass over the image and with memory that does not grow with it."""

from dataclasses import dataclass
from math import fsum

import numpy as np
import numpy.typing as npt

from df8k.metrics.pair import Pair, in_strips
from df8k.metrics.regions import LABELS, WINDOW_REGIONS, Value, label, mean
from df8k.metrics.spec import MetricSpec

METRICS = (
    MetricSpec(
        name="ssim",
        variant="ssim-g11s1.5-rgb-valid-v1",
        summary="structural similarity, Gaussian window 11 and sigma 1.5, RGB, windows inside the picture",
        source="Wang et al., Image Quality Assessment: From Error Visibility to Structural Similarity, 2004",
        kind="pairwise",
        higher_is_better=True,
        range=(-1.0, 1.0),
        regions=WINDOW_REGIONS,
        target="df8k.metrics.pairwise.ssim:ssim",
    ),
)
RADIUS = 5
_STRIP_ROWS = 64
_PEAK = 255.0


@dataclass(frozen=True)
class Similarity:
    """Maps of one scale added up per label.

    Attributes:
        whole: float64 ``(LABELS,)``, luminance times contrast-structure: the SSIM map.
        contrast: float64 ``(LABELS,)``, contrast-structure alone.
        counts: int64 ``(LABELS,)``, samples (three to a pixel).
    """

    whole: npt.NDArray[np.float64]
    contrast: npt.NDArray[np.float64]
    counts: npt.NDArray[np.int64]


def similarity(
    x: npt.NDArray[np.generic], y: npt.NDArray[np.generic], mask: npt.NDArray[np.bool_], *, peak: float
) -> Similarity:
    """Add the SSIM map up over every region.

    Args:
        x: unsigned integers ``(H, W, 3)``.
        y: same dtype and shape.
        mask: bool ``(H, W)``, ``True`` = missing.
        peak: the value of white: 255 for 8-bit images.

    Source:
        Wang et al. 2004, equations 12 and 13, K1 = 0.01, K2 = 0.03, weighted (not sample) covariance; windows
        that reach over the image's edge are left out.
    """
    from df8k.metrics.kernels.ssim import add_similarity

    height, width = mask.shape
    rows = height - 2 * RADIUS
    if rows < 1 or width <= 2 * RADIUS:
        zeros = np.zeros(LABELS)
        return Similarity(zeros, zeros, np.zeros(LABELS, np.int64))
    labels = label(mask, radius=RADIUS)[RADIUS:-RADIUS, RADIUS:-RADIUS]
    flat_x, flat_y = x.reshape(height, -1), y.reshape(height, -1)

    def work(first: int, last: int) -> npt.NDArray[np.float64]:
        sums = np.zeros((3, LABELS))
        halo = slice(first, last + 2 * RADIUS)
        add_similarity(flat_x[halo], flat_y[halo], labels[first:last], peak, sums)
        return sums

    strips = in_strips(work, rows, _STRIP_ROWS)
    whole, contrast, counts = (
        np.array([fsum(strip[row, which] for strip in strips) for which in range(LABELS)]) for row in range(3)
    )
    return Similarity(whole, contrast, counts.astype(np.int64))


def full_scale(pair: Pair) -> Similarity:
    """Add up the similarity at full size, which SSIM and the first scale of MS-SSIM share."""
    return similarity(pair.prediction, pair.target, pair.mask, peak=_PEAK)


def ssim(pair: Pair) -> dict[str, Value]:
    """Average the SSIM map over each region and the three channels."""
    sums = pair.share(full_scale)
    return {region: mean(region, sums.whole, sums.counts) for region in WINDOW_REGIONS}
