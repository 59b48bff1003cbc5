"""Texture strength: mean gradient around a pixel, by which busy and calm patches of one colour differ."""

import cv2
import numba
import numpy as np
import numpy.typing as npt

from _df8k.kernels import kernel
from df8k.baselines.base import Mask

from .pyramid import Colours, Plane
from .reduction import WorkingImage

# The sums of a window's gradients, two of a pixel, fit into 16 bits, and their number into 8.
_WINDOW = 9

_Sums = npt.NDArray[np.uint16]


def described(working: WorkingImage, weight: float) -> Colours:
    """Describe each cell by colour and texture strength, as patches are compared.

    Args:
        working: picture and hole.
        weight: of texture strength against colour; 0 compares colours alone.

    Returns:
        uint8 ``(h, w, 4)``: red, green, blue, texture strength.
    """
    colours = _rounded(working.image)
    if weight:
        colours[..., 3] = strength(colours, working.hole, weight)
    return colours


@kernel
def _rounded(image: Plane) -> Colours:
    height, width = image.shape[:2]
    result = np.zeros((height, width, 4), np.uint8)
    for y in numba.prange(height):
        for x in range(width):
            for c in range(3):
                result[y, x, c] = np.uint8(np.rint(image[y, x, c]))
    return result


def strength(colours: Colours, hole: Mask, weight: float) -> npt.NDArray[np.uint8]:
    """Average the gradients between known pixels over a square window.

    Args:
        colours: uint8 ``(h, w, 4)``, the fourth channel is not read.
        hole: bool ``(h, w)``, ``True`` = missing.
        weight: grey levels of the result for each grey level of mean gradient.

    Returns:
        uint8 ``(h, w)``.

    Source:
        Newson et al., Video Inpainting of Complex Scenes, 2014, section 3.3.
    """
    grey = np.asarray(cv2.cvtColor(colours, cv2.COLOR_RGBA2GRAY), np.uint8)
    total, count = _gradients(grey, hole)
    # Sums are taken over the same window, so the mean is exact whatever is missing in it.
    size = (_WINDOW, _WINDOW)
    sums = cv2.boxFilter(total, -1, size, normalize=False, borderType=cv2.BORDER_CONSTANT)
    counts = cv2.boxFilter(count, -1, size, normalize=False, borderType=cv2.BORDER_CONSTANT)
    return _mean(np.asarray(sums, np.uint16), np.asarray(counts, np.uint8), np.float32(weight))


@kernel
def _gradients(grey: npt.NDArray[np.uint8], hole: Mask) -> tuple[_Sums, npt.NDArray[np.uint8]]:
    """Add up the differences of each pixel from the next ones down and across, where both are known."""
    height, width = hole.shape
    total, count = np.zeros((height, width), np.uint16), np.zeros((height, width), np.uint8)
    for y in numba.prange(height):
        for x in range(width):
            if hole[y, x]:
                continue
            if y + 1 < height and not hole[y + 1, x]:
                total[y, x] += np.uint16(abs(np.int32(grey[y + 1, x]) - np.int32(grey[y, x])))
                count[y, x] += 1
            if x + 1 < width and not hole[y, x + 1]:
                total[y, x] += np.uint16(abs(np.int32(grey[y, x + 1]) - np.int32(grey[y, x])))
                count[y, x] += 1
    return total, count


@kernel
def _mean(sums: _Sums, counts: npt.NDArray[np.uint8], weight: np.float32) -> npt.NDArray[np.uint8]:
    height, width = sums.shape
    result = np.empty((height, width), np.uint8)
    for y in numba.prange(height):
        for x in range(width):
            value = weight * np.float32(sums[y, x]) / np.float32(max(counts[y, x], np.uint8(1)))
            result[y, x] = np.uint8(min(max(value, np.float32(0)), np.float32(255)))
    return result
