"""Regions of an image that get a value each, and sums over all of them in one pass.

Every pixel carries a label: one bit per region it lies in. A metric adds its map up per label; the mean
over a region is then the sum over the labels that hold its bit.

========== =====================================================================================
full       every pixel (for window metrics: every window inside the image)
hole       the missing pixels
band       missing pixels at most `BAND_PX` rows and columns from a known pixel: the hole's boundary
hole-wide  the hole dilated by the metric's window radius (square neighbourhood): every window that sees
           a missing pixel
========== =====================================================================================
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum

import cv2
import numpy as np
import numpy.typing as npt

BAND_PX = 8
HOLE, BAND, WIDE = 1, 2, 4
LABELS = 8
# Regions that metrics of single pixels, of halved images and of windows have.
PIXEL_REGIONS = ("full", "hole", "band")
BLOCK_REGIONS = ("full", "hole", "hole-wide")
WINDOW_REGIONS = ("full", "hole", "hole-wide", "band")
_BITS = {"full": 0, "hole": HOLE, "band": BAND, "hole-wide": WIDE}


@dataclass(frozen=True)
class Undefined:
    """Absence of a value, and its reason; never a number that only looks like one."""

    reason: str


Value = float | Undefined


def label(mask: npt.NDArray[np.bool_], *, radius: int = 0) -> npt.NDArray[np.uint8]:
    """Label every pixel with the regions it lies in.

    Args:
        mask: bool ``(H, W)``, ``True`` = missing.
        radius: window radius of the metric in pixels, for ``hole-wide``.

    Returns:
        uint8 ``(H, W)`` of the bits `HOLE`, `BAND`, `WIDE`.
    """
    hole = mask.view(np.uint8)
    # Erosion takes what lies outside the image as missing: the image's edge is no boundary of a hole.
    core = cv2.erode(hole, _square(BAND_PX), borderType=cv2.BORDER_CONSTANT, borderValue=1)
    labels = hole * np.uint8(HOLE | BAND)
    labels -= core * np.uint8(BAND)
    wide = (
        cv2.dilate(hole, _square(radius), borderType=cv2.BORDER_CONSTANT, borderValue=0) if radius else hole
    )
    labels |= wide * np.uint8(WIDE)
    return labels


def _square(radius: int) -> npt.NDArray[np.uint8]:
    return np.ones((2 * radius + 1, 2 * radius + 1), np.uint8)


def mean(region: str, sums: npt.NDArray[np.float64], counts: npt.NDArray[np.int64]) -> Value:
    """Average a map over one region.

    Args:
        region: a name of this module's table.
        sums: float64 ``(LABELS,)``, the map added up per label.
        counts: int64 ``(LABELS,)``, how many samples that were.
    """
    labels = members(region)
    count = int(counts[labels].sum())
    if count == 0:
        return empty(region)
    return float(sums[labels].sum()) / count


def pooled(region: str, strips: Sequence[npt.NDArray[np.float64]]) -> list[float]:
    """Add up every sum over one region, exactly: the strips that it was gathered in do not show.

    Args:
        region: a name of this module's table.
        strips: float64 ``(sums, LABELS)`` of each strip of rows.
    """
    labels = members(region)
    return [fsum(fsum(row[labels]) for row in rows) for rows in zip(*strips, strict=True)]


def members(region: str) -> npt.NDArray[np.bool_]:
    """Mark the labels that lie in ``region``: bool ``(LABELS,)``."""
    bit = _BITS[region]
    inside: npt.NDArray[np.bool_] = (np.arange(LABELS) & bit) == bit
    return inside


def empty(region: str) -> Undefined:
    """Say why a region without a single sample has no value."""
    if region == "full":
        return Undefined("the picture is smaller than the metric's window")
    return Undefined("no missing pixel lies where the metric is defined")
