"""From the image to the working resolution, and from there to tokens."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from df8k.baselines.base import Image, Mask
from df8k.baselines.patchmatch.reduction import WorkingImage, reduced, reduced_with_finer

from .network.geometry import PATCH

_STRIDE = 64
# A source needs half a patch of known pixels around it: what the coarse stage invents must not reach its low
# band.
MARGIN = PATCH // 2

Pixels = npt.NDArray[np.float32]
Tokens = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Working:
    """Image at the working resolution, as the network takes it.

    Attributes:
        cells: the image in cells, without padding.
        fine: the image in cells of half that side, rounded up, in which sources are sought together.
        image: float32 ``(h, w, 3)`` in [0, 1], padded to multiples of 64; zero where ``unknown``.
        hole: bool ``(h, w)``, working pixels touched by the hole.
        unknown: ``hole`` and the padding.
        content: height and width of the part that lies wholly inside the image.
    """

    cells: WorkingImage
    fine: WorkingImage
    image: Pixels
    hole: Mask
    unknown: Mask
    content: tuple[int, int]

    @property
    def scale(self) -> int:
        """Image pixels per working pixel."""
        return self.cells.scale

    @property
    def tokens(self) -> tuple[int, int]:
        """Rows and columns of the token grid."""
        return self.hole.shape[0] // PATCH, self.hole.shape[1] // PATCH


class Description(NamedTuple):
    """Output of the network for one image.

    Attributes:
        coarse: float32 ``(h, w, 3)`` in [0, 1], padded as the working image.
        low: its low band.
        queries: float32 ``(N, K)``, of unit length: an array, or a tensor where the network ran.
        keys: likewise.
    """

    coarse: Pixels
    low: Pixels
    queries: Any
    keys: Any


def reduce(image: Image, mask: Mask, working_resolution: int, *, finer: bool = True) -> Working:
    """Average whole cells, see `baselines.patchmatch.reduction`, and pad to multiples of 64.

    Args:
        image: uint8 ``(H, W, 3)``.
        mask: bool ``(H, W)``.
        working_resolution: the longer side's upper bound.
        finer: make fine cells too, which only coherent sources need; else they are the cells.
    """
    if finer:
        cells, fine = reduced_with_finer(image, mask, working_resolution)
    else:
        cells = fine = reduced(image, mask, working_resolution)
    rows, columns = cells.hole.shape
    shape = tuple(-(-side // _STRIDE) * _STRIDE for side in (rows, columns))
    padded, hole = np.zeros((*shape, 3), np.float32), np.zeros(shape, np.bool_)
    np.multiply(cells.image, np.float32(1 / 255), out=padded[:rows, :columns])
    hole[:rows, :columns] = cells.hole
    unknown = np.ones(shape, np.bool_)
    unknown[:rows, :columns] = cells.hole
    content = mask.shape[0] // cells.scale, mask.shape[1] // cells.scale
    return Working(cells, fine, padded, hole, unknown, content)


def hole_tokens(working: Working) -> Tokens:
    """List the tokens that the hole touches, in row order; int64 ``(n,)``."""
    rows, columns = working.tokens
    return np.flatnonzero(working.hole.reshape(rows, PATCH, columns, PATCH).any(axis=(1, 3)))


def valid_tokens(working: Working) -> Tokens:
    """List the tokens that detail may be taken from, in row order; int64 ``(m,)``.

    Known and inside the image, with a margin of half a token on every side.
    """
    rows, columns = working.tokens
    taken = np.ones((PATCH * rows, PATCH * columns), np.uint8)
    height, width = working.content
    taken[:height, :width] = working.hole[:height, :width]
    sums = cv2.integral(taken)
    top = PATCH * np.arange(rows)[:, None] - MARGIN
    left = PATCH * np.arange(columns)[None] - MARGIN
    bottom, right = top + PATCH + 2 * MARGIN, left + PATCH + 2 * MARGIN
    inside = (top >= 0) & (left >= 0) & (bottom < sums.shape[0]) & (right < sums.shape[1])
    t, b = np.clip(top, 0, None), np.clip(bottom, None, sums.shape[0] - 1)
    l, r = np.clip(left, 0, None), np.clip(right, None, sums.shape[1] - 1)  # noqa: E741 - left, beside t, b and r
    free = sums[b, r] - sums[t, r] - sums[b, l] + sums[t, l] == 0
    return np.flatnonzero(free & inside)
