"""From the image to the working resolution, and from there to tokens."""

import math
from dataclasses import dataclass

import numba
import numpy as np
import numpy.typing as npt

from _df8k.kernels import kernel
from baselines.base import Image, Mask

from .network.attention import PATCH

_STRIDE = 64
# A source needs half a patch of known pixels around it: its window overlaps its neighbours', and what the
# coarse stage invents must not reach its low band.
MARGIN = PATCH // 2

Pixels = npt.NDArray[np.float32]
Tokens = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Working:
    """Image at the working resolution.

    Attributes:
        scale: image pixels per working pixel, an integer of at least 1.
        image: float32 ``(h, w, 3)`` in [0, 1]; zero where ``unknown``.
        hole: bool ``(h, w)``, working pixels touched by the hole.
        unknown: ``hole`` and the padding to multiples of 64.
        content: height and width of the part that lies wholly inside the image.
    """

    scale: int
    image: Pixels
    hole: Mask
    unknown: Mask
    content: tuple[int, int]

    @property
    def tokens(self) -> tuple[int, int]:
        """Rows and columns of the token grid."""
        return self.hole.shape[0] // PATCH, self.hole.shape[1] // PATCH


def reduce(image: Image, mask: Mask, working_resolution: int) -> Working:
    """Average whole cells of ``scale`` x ``scale`` pixels.

    A cell that the hole touches is missing altogether, so nothing under the hole and no blend with it gets
    in.

    Args:
        image: uint8 ``(H, W, 3)``.
        mask: bool ``(H, W)``.
        working_resolution: the longer side's upper bound.
    """
    scale = max(1, math.ceil(max(mask.shape) / working_resolution))
    rows, columns = (_STRIDE * math.ceil(side / (scale * _STRIDE)) for side in mask.shape)
    small = np.zeros((rows, columns, 3), np.float32)
    hole = np.zeros((rows, columns), np.bool_)
    _average(np.ascontiguousarray(image), np.ascontiguousarray(mask), scale, small, hole)
    unknown = hole.copy()
    unknown[-(-mask.shape[0] // scale) :] = True
    unknown[:, -(-mask.shape[1] // scale) :] = True
    return Working(scale, small, hole, unknown, (mask.shape[0] // scale, mask.shape[1] // scale))


def hole_tokens(working: Working) -> Tokens:
    """List the tokens that the hole touches, in row order; int64 ``(n,)``."""
    rows, columns = working.tokens
    return np.flatnonzero(working.hole.reshape(rows, PATCH, columns, PATCH).any(axis=(1, 3)))


def valid_tokens(working: Working) -> Tokens:
    """List the tokens that detail may be taken from, in row order; int64 ``(m,)``.

    Known and inside the image, with a margin of half a token on every side.
    """
    rows, columns = working.tokens
    taken = np.ones((PATCH * rows + 1, PATCH * columns + 1), np.int32)
    taken[0] = taken[:, 0] = 0
    height, width = working.content
    taken[1 : height + 1, 1 : width + 1] = working.hole[:height, :width]
    sums = taken.cumsum(0).cumsum(1)
    top = PATCH * np.arange(rows)[:, None] - MARGIN
    left = PATCH * np.arange(columns)[None] - MARGIN
    bottom, right = top + PATCH + 2 * MARGIN, left + PATCH + 2 * MARGIN
    inside = (top >= 0) & (left >= 0) & (bottom < sums.shape[0]) & (right < sums.shape[1])
    t, b = np.clip(top, 0, None), np.clip(bottom, None, sums.shape[0] - 1)
    l, r = np.clip(left, 0, None), np.clip(right, None, sums.shape[1] - 1)  # noqa: E741 - left, beside t, b and r
    free = sums[b, r] - sums[t, r] - sums[b, l] + sums[t, l] == 0
    return np.flatnonzero(free & inside)


@kernel
def _average(image: Image, mask: Mask, scale: int, small: Pixels, hole: Mask) -> None:
    height, width = mask.shape
    for row in numba.prange(-(-height // scale)):
        last = min((row + 1) * scale, height)
        # Column sums first: contiguous, and thus in vectors.
        sums, missing = np.zeros(3 * width, np.uint32), np.zeros(width, np.uint8)
        for y in range(row * scale, last):
            line, lost = image[y].reshape(-1), mask[y]
            for x in range(3 * width):
                sums[x] += line[x]
            for x in range(width):
                missing[x] |= np.uint8(lost[x])
        for column in range(-(-width // scale)):
            end = min((column + 1) * scale, width)
            if missing[column * scale : end].any():
                hole[row, column] = True
                continue
            factor = np.float32(1 / (255 * (last - row * scale) * (end - column * scale)))
            for channel in range(3):
                total = np.uint32(0)
                for x in range(column * scale, end):
                    total += sums[3 * x + channel]
                small[row, column, channel] = np.float32(total) * factor
