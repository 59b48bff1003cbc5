"""Multi-scale structural similarity on an exact integer pyramid."""

from typing import Any

import numpy as np
import numpy.typing as npt

from _df8k.kernels import serial_kernel

from .pair import Pair, in_strips
from .regions import Undefined, Value, mean
from .ssim import Similarity, full_scale, similarity
from .ssim_kernel import RADIUS

_EXPONENTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)
_REGIONS = ("full", "hole", "hole-wide")
_STRIP_ROWS = 64
_PEAK = 255.0
_LEAST = (2 * RADIUS + 1) * 2 ** (len(_EXPONENTS) - 1)


@serial_kernel
def _add_quads(source: Any, out: Any) -> None:
    """Sum 2 x 2 neighbours: ``(2 h, 2 w, 3)`` to uint16 ``(h, w, 3)``."""
    for row in range(out.shape[0]):
        upper, lower = source[2 * row], source[2 * row + 1]
        for column in range(out.shape[1]):
            for channel in range(3):
                out[row, column, channel] = (
                    np.uint32(upper[2 * column, channel])
                    + upper[2 * column + 1, channel]
                    + lower[2 * column, channel]
                    + lower[2 * column + 1, channel]
                )


def halve(image: npt.NDArray[Any]) -> npt.NDArray[np.uint16]:
    """Sum of every 2 x 2 block; an odd last row or column is left out.

    Sums instead of means keep the pyramid exact: after the four halvings of MS-SSIM a sample is at most
    255 x 256, which still fits 16 bits.

    Args:
        image: uint8 or uint16 ``(H, W, 3)``.
    """
    height, width = image.shape[0] // 2, image.shape[1] // 2
    out = np.empty((height, width, 3), np.uint16)

    def work(first: int, last: int) -> None:
        _add_quads(image[2 * first : 2 * last], out[first:last])

    in_strips(work, height, _STRIP_ROWS)
    return out


def halve_mask(mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """A block of 2 x 2 pixels is missing where any of them is; an odd last row or column is left out."""
    height, width = mask.shape[0] // 2 * 2, mask.shape[1] // 2 * 2
    even = mask[:height, :width]
    halved: npt.NDArray[np.bool_] = even[::2, ::2] | even[1::2, ::2] | even[::2, 1::2] | even[1::2, 1::2]
    return halved


def ms_ssim(pair: Pair) -> dict[str, Value]:
    """Product over five scales of the mean contrast-structure, and of the mean SSIM at the coarsest.

    Means are taken over the region and the three channels; a negative mean counts as zero, since it has no
    real power. The region of a coarser scale holds every block with a pixel of the hole.

    Source:
        Wang, Simoncelli and Bovik, Multi-Scale Structural Similarity for Image Quality Assessment, 2003,
        equation 7 and section 3.2.
    """
    if min(pair.mask.shape) < _LEAST:
        small = Undefined(
            f"five scales of an 11-pixel window need a picture of at least {_LEAST} pixels a side"
        )
        return dict.fromkeys(_REGIONS, small)
    scales = [pair.share(full_scale)]
    x: npt.NDArray[Any] = pair.prediction
    y: npt.NDArray[Any] = pair.target
    mask, peak = pair.mask, _PEAK
    for _ in _EXPONENTS[1:]:
        x, y, mask, peak = halve(x), halve(y), halve_mask(mask), 4 * peak
        scales.append(similarity(x, y, mask, peak=peak))
    return {region: _product(region, scales) for region in _REGIONS}


def _product(region: str, scales: list[Similarity]) -> Value:
    product = 1.0
    for scale, exponent in zip(scales, _EXPONENTS, strict=True):
        term = mean(region, scale.whole if scale is scales[-1] else scale.contrast, scale.counts)
        if isinstance(term, Undefined):
            return term
        product *= max(term, 0.0) ** exponent
    return product
