"""Before and after, side by side."""

from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from df8k.images import encode_png

Pixels = npt.NDArray[np.uint8]
Hole = npt.NDArray[np.bool_]

_TINT: Final = np.array([225, 40, 60], np.float32)
_GAP: Final = 8


def before_after(photo: Pixels, hole: Hole, filled: Pixels, *, side: int = 960) -> bytes:
    """Draw the photograph with its hole tinted beside the filled one; gives a PNG.

    Args:
        photo: uint8 RGB ``(H, W, 3)``.
        hole: bool ``(H, W)``, ``True`` = missing.
        filled: uint8 RGB ``(H, W, 3)``.
        side: longer side of either picture on the sheet, in pixels; smaller ones keep their size.
    """
    scale = min(1.0, side / max(hole.shape))
    size = (max(1, round(hole.shape[1] * scale)), max(1, round(hole.shape[0] * scale)))
    before, after = (cv2.resize(picture, size, interpolation=cv2.INTER_AREA) for picture in (photo, filled))
    share = cv2.resize(hole.astype(np.float32), size, interpolation=cv2.INTER_AREA)[..., None] * 0.75
    tinted = np.rint(before * (1 - share) + _TINT * share).astype(np.uint8)
    gap = np.full((size[1], _GAP, 3), 255, np.uint8)
    return encode_png(np.concatenate([tinted, gap, np.asarray(after, np.uint8)], axis=1))
