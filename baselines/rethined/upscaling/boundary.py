"""Softening of the boundary: steps between copied and known pixels fade out inwards by a harmonic fill."""

import numba
import numpy as np

from _df8k.kernels import inner_kernel, kernel
from baselines.base import Image, Mask
from baselines.harmonic import hierarchy, solve
from baselines.rethined.tokens import Pixels, Working

from .enlarge import paint_enlarged

# A streak that starts at an edge in the picture must not reach deep: after this many working pixels a third
# of the correction is left.
_DEPTH_PX = 6.0


def soften_boundary(image: Image, mask: Mask, working: Working) -> None:
    """Correct the hole of ``image`` in place so that it meets the known pixels at its boundary.

    The mean step across the boundary is taken per working pixel, spread inside by a harmonic fill, faded with
    the distance from the boundary and enlarged; the work grows with the hole.

    Args:
        image: uint8 ``(H, W, 3)`` with a filled hole; known pixels stay.
        mask: bool ``(H, W)``.
        working: the image at the working resolution; its scale and hole are used.
    """
    import cv2

    steps = np.zeros((*working.hole.shape, 3), np.float32)
    counts = np.zeros(working.hole.shape, np.float32)
    _measure(image, mask, working.scale, working.hole, steps, counts)
    met = counts > 0
    if not met.any():
        return
    steps /= np.maximum(counts, 1)[..., None]
    levels = hierarchy(working.hole & ~met)
    for channel in range(3):
        plane = np.ascontiguousarray(steps[..., channel])
        # What is faded and rounded afterwards needs no second cycle.
        solve(plane, levels, cycles=1)
        steps[..., channel] = plane
    depth = cv2.distanceTransform((working.hole & ~met).view(np.uint8), cv2.DIST_L2, 3)
    steps *= np.exp(-depth / _DEPTH_PX)[..., None]
    # Cells outside the hole hold zero, with which the enlargement would halve the correction at the boundary.
    hole = working.hole.view(np.uint8)
    beside = cv2.subtract(cv2.dilate(hole, np.ones((3, 3), np.uint8)), hole).view(np.bool_)
    fraction = cv2.blur(hole.astype(np.float32), (3, 3))[beside]
    steps[beside] = cv2.blur(steps, (3, 3))[beside] / fraction[:, None]
    paint_enlarged(image, mask, working, steps, 1.0)


@kernel
def _measure(image: Image, mask: Mask, scale: int, hole: Mask, steps: Pixels, counts: Pixels) -> None:
    height, width = mask.shape
    for row in numba.prange(hole.shape[0]):
        first, last = row * scale, min((row + 1) * scale, height)
        # Missing from edge to edge, with a pixel more on either side: most of a large hole.
        whole = np.empty(scale + 2, np.bool_)
        for column in range(hole.shape[1]):
            if not hole[row, column]:
                continue
            left, right = column * scale, min((column + 1) * scale, width)
            for y in range(first - 1, last + 1):
                inside = 0 <= y < height
                whole[y - first + 1] = not inside or mask[y, max(left - 1, 0) : min(right + 1, width)].all()
            for y in range(first, last):
                k = y - first
                if not (whole[k] and whole[k + 1] and whole[k + 2]):
                    _measure_line(
                        image, mask, y, left, right, steps[row, column], counts[row, column : column + 1]
                    )


@inner_kernel
def _measure_line(
    image: Image, mask: Mask, y: int, left: int, right: int, step: Pixels, count: Pixels
) -> None:
    height, width = mask.shape
    for x in range(left, right):
        if not mask[y, x]:
            continue
        for k in range(4):
            j, i = y + (k == 0) - (k == 1), x + (k == 2) - (k == 3)
            if 0 <= j < height and 0 <= i < width and not mask[j, i]:
                count[0] += np.float32(1)
                for channel in range(3):
                    step[channel] += np.float32(image[j, i, channel]) - np.float32(image[y, x, channel])
