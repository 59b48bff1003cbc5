"""Blending of overlapping tiles to one picture."""

import cv2
import numpy as np
import numpy.typing as npt

from df8k.baselines.base import Image, Mask

from .window import FilledWindow, Window

Weights = npt.NDArray[np.float32]


class Blend:
    """Weighted mean of tiles in the hole, over a band of rows as high as one tile.

    A tile's weight falls linearly over the overlap towards its border, so no seam is left where tiles meet.

    Args:
        result: uint8 ``(H, W, 3)``; receives the means where ``mask`` is set.
        mask: bool ``(H, W)``.
        side: height and width of a tile, at most.
        overlap: pixels over which a weight falls.
    """

    def __init__(self, result: Image, mask: Mask, side: int, overlap: int) -> None:
        self.result, self._mask, self._overlap = result, mask, overlap
        height, width = mask.shape
        self._top = 0
        self._sums = np.zeros((min(side, height), width, 3), np.float32)
        self._weights = np.zeros((min(side, height), width), np.float32)

    def add(self, filled: FilledWindow, view: Window, tile: Window) -> None:
        """Add a tile, out of the window that it was filled from."""
        rows, columns = (_ramp(length, self._overlap) for length in tile.shape)
        left, right = tile.left - view.left, tile.right - view.left
        first = tile.top - view.top
        for start, strip in filled.strips(first, first + tile.shape[0]):
            weights = np.outer(rows[start - first : start - first + len(strip)], columns)
            top = view.top + start - self._top
            here = (slice(top, top + len(strip)), slice(tile.left, tile.right))
            self._sums[here] += weights[..., None] * strip[:, left:right]
            self._weights[here] += weights

    def finish(self, bottom: int) -> None:
        """Write all rows above ``bottom``; no tile may be added to them any more."""
        count = bottom - self._top
        if count <= 0:
            return
        means, weights = self._sums[:count], self._weights[:count]
        # Where no tile was needed, the hole is not either, and nothing is written.
        np.divide(means, np.maximum(weights, np.finfo(np.float32).tiny)[..., None], out=means)
        rows = slice(self._top, bottom)
        cv2.copyTo(np.rint(means).astype(np.uint8), self._mask[rows].view(np.uint8), self.result[rows])
        for band in (self._sums, self._weights):
            band[:-count] = band[count:].copy()
            band[-count:] = 0
        self._top = bottom


def _ramp(length: int, overlap: int) -> Weights:
    """Weight pixels along one axis of a tile: 1 inside, falling over ``overlap`` pixels to both ends."""
    positions = np.arange(length, dtype=np.float32)
    nearest = np.minimum(positions, length - 1 - positions) + 1
    return np.minimum(nearest / np.float32(overlap + 1), np.float32(1))
