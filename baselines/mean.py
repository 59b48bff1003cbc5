"""The floor of the table: one colour."""

import cv2
import numpy as np

from .base import Image, Mask, MethodCard, check_inputs

_NEUTRAL = np.uint8(128)
# Rows that are painted at a time, from the same few: a whole picture of one colour would be fresh memory.
_ROWS = 64


class MeanFill:
    """Fill the hole with the mean colour of the known region; with mid-grey when nothing is known."""

    card = MethodCard(
        name="mean",
        version="1",
        summary="mean colour of the known region",
        source="the constant of least squared error",
        licence="Apache-2.0",
        learning="none",
    )

    def __call__(self, image: Image, mask: Mask) -> Image:
        """Fill the hole; see `baselines.Inpainter`."""
        check_inputs(image, mask)
        mask = np.ascontiguousarray(mask)
        known = ~mask
        if not known.any():
            return np.full_like(image, _NEUTRAL)
        # OpenCV sums 8-bit samples in integers, so the mean is exact.
        colour = np.rint(cv2.mean(image, known.view(np.uint8))[:3]).astype(np.uint8)
        filled, missing = image.copy(), mask.view(np.uint8)
        colours = np.full((_ROWS, *image.shape[1:]), colour)
        for top in range(0, len(filled), _ROWS):
            rows = filled[top : top + _ROWS]
            cv2.copyTo(colours[: len(rows)], missing[top : top + _ROWS], rows)
        return filled


def mean(*, device: str = "cpu") -> MeanFill:  # noqa: ARG001 - factories share one signature
    """Load `MeanFill`."""
    return MeanFill()
