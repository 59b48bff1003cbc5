"""Put the known pixels back: scores, pictures and timings see the input outside the hole."""

import cv2
import numpy as np
import numpy.typing as npt

_Image = npt.NDArray[np.uint8]
_Mask = npt.NDArray[np.bool_]


class Compositor:
    """Composites outputs for one input; made outside the clock, called inside it.

    Args:
        image: uint8 RGB ``(H, W, 3)`` with the known pixels.
        mask: bool ``(H, W)``, ``True`` = missing.
        in_place: write the known pixels into the output, which takes no memory where it may be written; else
            the output stays as it is, and the hole is written into one array that every call returns.
    """

    def __init__(self, image: _Image, mask: _Mask, *, in_place: bool = False) -> None:
        self._image = image
        self._known = np.bitwise_not(mask).view(np.uint8) if in_place else None
        if self._known is None:
            self._canvas = image.copy()
            self._hole = hole_extent(mask)
            self._missing = mask[self._hole].view(np.uint8)

    def __call__(self, output: _Image) -> _Image:
        """Composite one output, uint8 ``(H, W, 3)``."""
        if self._known is None:
            cv2.copyTo(output[self._hole], self._missing, self._canvas[self._hole])
            return self._canvas
        if not (output.flags.writeable and output.flags.c_contiguous):
            output = output.copy()
        cv2.copyTo(self._image, self._known, output)
        return output


def hole_extent(mask: _Mask) -> tuple[slice, slice]:
    """Find the rows and columns that the hole spans; empty slices without a hole."""
    spans = []
    for axis in (1, 0):
        missing = np.flatnonzero(mask.any(axis=axis))
        spans.append(slice(int(missing[0]), int(missing[-1]) + 1) if missing.size else slice(0))
    return spans[0], spans[1]
