"""Texture strength: mean gradient around a pixel, by which busy and calm patches of one colour differ."""

import cv2
import numpy as np
import numpy.typing as npt

from df8k.baselines.base import Image, Mask

_WINDOW = 9


def strength(colours: Image, hole: Mask, weight: float) -> npt.NDArray[np.uint8]:
    """Average the gradients between known pixels over a square window.

    Args:
        colours: uint8 ``(h, w, c)``; red, green and blue are the first three.
        hole: bool ``(h, w)``, ``True`` = missing.
        weight: grey levels of the result for each grey level of mean gradient.

    Returns:
        uint8 ``(h, w)``.

    Source:
        Newson et al., Video Inpainting of Complex Scenes, 2014, section 3.3.
    """
    grey = cv2.cvtColor(np.ascontiguousarray(colours[..., :3]), cv2.COLOR_RGB2GRAY).astype(np.float32)
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
