"""Small patches of a Laplacian pyramid around the hole, which the sliced Wasserstein distance compares."""

from collections.abc import Iterator

import cv2
import numpy as np
import numpy.typing as npt

from .estimate import Rows
from .halving import halve_mask
from .hole_points import hole_points
from .pair import Image, Pair

LEVELS = 4
PATCHES = 32
SIDE = 7
_MARGIN = 8  # samples that a patch keeps from the edge, so that no filter sees past it
_STRIP_ROWS = 256
Floats = npt.NDArray[np.float32]


def _half(image: npt.NDArray[np.generic]) -> Floats:
    """Smooth with the binomial 1 4 6 4 1 and keep every other sample; strip by strip.

    Args:
        image: uint8 or float32 ``(H, W, 3)``.
    """
    height, width = image.shape[0] // 2 * 2, image.shape[1] // 2 * 2
    out = np.empty((height // 2, width // 2, 3), np.float32)
    for first in range(0, height, _STRIP_ROWS):
        last = min(first + _STRIP_ROWS, height)
        top, bottom = max(first - 4, 0), min(last + 4, height)
        strip = cv2.pyrDown(image[top:bottom, :width].astype(np.float32))
        out[first // 2 : last // 2] = strip[(first - top) // 2 :][: (last - first) // 2]
    return out


def _pyramid(image: Image) -> Iterator[tuple[npt.NDArray[np.generic], Floats]]:
    """Every level with the next coarser one, down to `LEVELS` or to what still holds a patch."""
    fine: npt.NDArray[np.generic] = image
    for _ in range(LEVELS):
        if min(fine.shape[:2]) < 2 * (_MARGIN + SIDE):
            return
        coarse = _half(fine)
        yield fine, coarse
        fine = coarse


def _band(fine: npt.NDArray[np.generic], coarse: Floats, row: int, column: int) -> Floats:
    """Laplacian level ``fine - enlarged(coarse)`` at one patch, float32 ``(7, 7, 3)``."""
    top, left = row // 2 - 2, column // 2 - 2
    block = coarse[top : top + SIDE + 2, left : left + SIDE + 2]
    smooth = cv2.pyrUp(block)
    y, x = row - 2 * top, column - 2 * left
    patch = fine[row : row + SIDE, column : column + SIDE].astype(np.float32)
    difference: Floats = patch - smooth[y : y + SIDE, x : x + SIDE]
    return difference


def laplacian_patches(pair: Pair, key: str) -> dict[str, Rows]:
    """Cut `PATCHES` patches of 7 x 7 from every level of both Laplacian pyramids, around missing pixels.

    Returns:
        ``level0`` (the image's own size) to ``level3``: float32 ``(2, rows, 147)``; no rows where the
        image has no hole or the level is too small.
    """
    patches = {f"level{level}": np.empty((2, 0, 3 * SIDE * SIDE), np.float32) for level in range(LEVELS)}
    mask = pair.mask
    levels = zip(_pyramid(pair.prediction), _pyramid(pair.target), strict=True)
    for level, pyramids in enumerate(levels):
        points = hole_points(mask, PATCHES, key=f"laplacian-v1|{level}|{key}")
        if len(points) == 0:
            break
        low, high = _MARGIN, np.array(pyramids[0][0].shape[:2]) - _MARGIN - SIDE
        corners = np.clip(points - SIDE // 2, low, high)
        patches[f"level{level}"] = np.stack(
            [
                np.stack([_band(fine, coarse, int(row), int(column)).reshape(-1) for row, column in corners])
                for fine, coarse in pyramids
            ]
        )
        mask = halve_mask(mask)
    return patches
