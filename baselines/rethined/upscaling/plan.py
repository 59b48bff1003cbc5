"""Plan of Attention Upscaling: which detail goes where, and the windows that it is blended with."""

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from baselines.rethined.network.attention import PATCH
from baselines.rethined.tokens import Pixels, Tokens

OVERLAP = 0.25

Grid = npt.NDArray[np.int64]
Taps = npt.NDArray[np.int64]


class TransferPlan(NamedTuple):
    """Everything the transfer needs beside the image; a tuple, because compiled loops take it as it is.

    Attributes:
        scale: image pixels per working pixel.
        coarse: float32 ``(h, w, 3)`` in grey levels, the result where no detail is copied.
        low: float32 ``(h, w, 3)`` in grey levels, its low band.
        hole: int64 ``(n,)``, tokens to write.
        sources: int64 ``(rows, columns)``, source token of each hole token, -1 elsewhere.
        overlap: fraction of a token that windows of neighbours have in common, 0 to 0.25.
        detail: float32 ``(rows, columns)``, fraction of the detail that a hole token copies.
    """

    scale: int
    coarse: Pixels
    low: Pixels
    hole: Tokens
    sources: Grid
    overlap: float
    detail: Pixels

    @property
    def reach_px(self) -> int:
        """Image pixels by which a window exceeds its token on each side."""
        return round(self.overlap / 2 * PATCH * self.scale)


def plan_transfer(
    scale: int,
    low: Pixels,
    hole: Tokens,
    best: Tokens,
    grid: tuple[int, int],
    overlap: float = OVERLAP,
    *,
    detail: float | Pixels = 1.0,
    coarse: Pixels | None = None,
) -> TransferPlan:
    """Arrange hole tokens and their sources on the token grid.

    Args:
        scale: image pixels per working pixel.
        low: float32 ``(h, w, 3)`` in [0, 1], the low band.
        hole: int64 ``(n,)``, tokens to write.
        best: int64 ``(n,)``, the source of each.
        grid: rows and columns of the tokens.
        overlap: fraction of a token that windows of neighbours have in common, 0 to 0.25.
        detail: fraction of the detail that is copied, of all tokens or float32 ``(n,)``; needs ``coarse``
            where it is not 1.
        coarse: float32 ``(h, w, 3)`` in [0, 1], the rest of the result.
    """
    sources, fractions = np.full(grid, -1, np.int64), np.zeros(grid, np.float32)
    sources.reshape(-1)[hole], fractions.reshape(-1)[hole] = best, detail
    band = np.ascontiguousarray(np.float32(255) * low, np.float32)
    rest = band if coarse is None else np.ascontiguousarray(np.float32(255) * coarse, np.float32)
    return TransferPlan(scale, rest, band, hole, sources, float(overlap), fractions)


class Windows(NamedTuple):
    """Enlargement and blending of a token, along one axis; a tuple, because compiled loops take it as it is.

    Attributes:
        first: int64 ``(8 * scale,)``, for each pixel the first of two rows of the enlarged window.
        second: float32 ``(8 * scale,)``, weight of the second row.
        weights: float32 ``(3, 8 * scale)``; see `ramps`.
        reach_px: image pixels by which a window exceeds its token.
    """

    first: Taps
    second: Pixels
    weights: Pixels
    reach_px: int


def windows_of(plan: TransferPlan) -> Windows:
    """Compute the windows of a plan."""
    return Windows(*taps(plan.scale), ramps(plan.scale, plan.reach_px), plan.reach_px)


def taps(scale: int) -> tuple[Taps, Pixels]:
    """Place the pixels of a token in its bilinear enlargement.

    Returns:
        For each of its pixels the first of two rows of the window, and the weight of the second.
    """
    centre = (np.arange(PATCH * scale) + 0.5) / scale + 0.5
    first = np.floor(centre).astype(np.int64)
    return first, (centre - first).astype(np.float32)


def ramps(scale: int, reach: int) -> Pixels:
    """Compute weights along one axis of a token: of the window before it, its own, and the one after it.

    Returns:
        float32 ``(3, 8 * scale)``; columns sum to one.
    """
    side = PATCH * scale
    weights = np.zeros((3, side), np.float32)
    inner = np.ones(side)
    if reach:
        position = (np.arange(reach) + 0.5 + reach) / (2 * reach)
        inner[:reach] = np.sin(math.pi / 2 * position) ** 2
        inner[side - reach :] = inner[:reach][::-1]
        weights[0, :reach] = 1 - inner[:reach]
        weights[2, side - reach :] = 1 - inner[side - reach :]
    weights[1] = inner
    return weights
