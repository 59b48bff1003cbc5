"""Before and after, side by side."""

from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from df8k import masks
from df8k.images import encode_png

Pixels = npt.NDArray[np.uint8]
Hole = npt.NDArray[np.bool_]

_GAP: Final = 8


def before_after(photo: Pixels, hole: Hole, filled: Pixels, *, side: int = 960) -> bytes:
    """Draw the photograph with its hole tinted beside the filled one; gives a PNG.

    Args:
        photo: uint8 RGB ``(H, W, 3)``.
        hole: bool ``(H, W)``, ``True`` = missing.
        filled: uint8 RGB ``(H, W, 3)``.
        side: longer side of either picture on the sheet, in pixels; smaller ones keep their size.
    """
    before = masks.overlay(photo, hole, side=side)
    height, width = before.shape[:2]
    after = np.asarray(cv2.resize(filled, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
    return encode_png(np.concatenate([before, np.full((height, _GAP, 3), 255, np.uint8), after], axis=1))
