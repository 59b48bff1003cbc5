"""Texture strength: mean gradient around a pixel, by which busy and calm patches of one colour differ."""

import cv2
import numpy as np
import numpy.typing as npt

from df8k.baselines.base import Mask

from .pyramid import Colours
from .reduction import WorkingImage

_WINDOW = 9


def described(working: WorkingImage, weight: float) -> Colours:
    """Describe each cell by colour and texture strength, as patches are compared.

    Args:
        working: picture and hole.
        weight: of texture strength against colour; 0 compares colours alone.

    Returns:
        uint8 ``(h, w, 4)``: red, green, blue, texture strength.
    """
    rounded = np.rint(working.image).astype(np.uint8)
    colours = np.asarray(cv2.cvtColor(rounded, cv2.COLOR_RGB2RGBA), np.uint8)
    colours[..., 3] = strength(colours, working.hole, weight) if weight else 0
    return colours


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
    grey = cv2.cvtColor(colours, cv2.COLOR_RGBA2GRAY).astype(np.float32)
    total, count = np.zeros(hole.shape, np.float32), np.zeros(hole.shape, np.float32)
    for axis in (0, 1):
        before, after = (slice(None, -1), slice(1, None))
        first = (before, slice(None)) if axis == 0 else (slice(None), before)
        second = (after, slice(None)) if axis == 0 else (slice(None), after)
        known = ~(hole[first] | hole[second])
        total[first] += np.abs(grey[second] - grey[first]) * known
        count[first] += known
    # Sums are taken over the same window, so the mean is exact whatever is missing in it.
    size = (_WINDOW, _WINDOW)
    sums = cv2.boxFilter(total, -1, size, normalize=False, borderType=cv2.BORDER_CONSTANT)
    counts = cv2.boxFilter(count, -1, size, normalize=False, borderType=cv2.BORDER_CONSTANT)
    result: npt.NDArray[np.uint8] = np.clip(weight * sums / np.maximum(counts, 1), 0, 255).astype(np.uint8)
    return result
