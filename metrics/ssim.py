"""Structural similarity, exact, in one pass over the picture and with memory that does not grow with it."""

from dataclasses import dataclass
from math import fsum

import numpy as np
import numpy.typing as npt

from .pair import Pair, in_strips
from .regions import LABELS, Value, label, mean
from .ssim_kernel import RADIUS, add_similarity

_STRIP_ROWS = 64
_REGIONS = ("full", "hole", "hole-wide", "band")
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
        peak: the value of white: 255 for 8-bit pictures.

    Source:
        Wang et al. 2004, equations 12 and 13, K1 = 0.01, K2 = 0.03, weighted (not sample) covariance; windows
        that reach over the picture's edge are left out.
    """
    height, width = mask.shape
    rows = height - 2 * RADIUS
    if rows < 1 or width <= 2 * RADIUS:
        nothing = np.zeros(LABELS)
        return Similarity(nothing, nothing, np.zeros(LABELS, np.int64))
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
    """The similarity of the pair at its own size, which SSIM and the first scale of MS-SSIM share."""
    return similarity(pair.prediction, pair.target, pair.mask, peak=_PEAK)


def ssim(pair: Pair) -> dict[str, Value]:
    """Mean of the SSIM map over each region and the three channels."""
    sums = pair.share(full_scale)
    return {region: mean(region, sums.whole, sums.counts) for region in _REGIONS}
