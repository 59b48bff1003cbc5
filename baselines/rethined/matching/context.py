"""Context of a patch: what is known around it must go on in its source.

Below the frequency cut a source looks like what is missing; above it, nothing is known of a missing patch
itself, yet much of what surrounds it. In a window of two patches' width the detail of the known pixels is
correlated with that of each source: where a line runs into the hole, the sources in which it runs on win.
`coherence` carries the choice deeper.

Source:
    Criminisi et al., Region Filling and Object Removal by Exemplar-Based Image Inpainting, 2004, section 3
    (patches are compared in their known pixels).
"""

import math
from typing import NamedTuple

import numpy as np
from torch import Tensor

from _df8k.kernels import inner_kernel, sum_kernel
from baselines.rethined.network.attention import PATCH
from baselines.rethined.tokens import MARGIN, Pixels, Working

# What a source that has nothing in common with the known pixels counts, in distances between unit vectors,
# if the whole window were known.
BREAK = 0.05
# Rounding to 8 bits: fainter detail says little, and where there is none nothing does.
_FAINT = 1 / 255**2
_NEVER_ZERO = 1e-12

_Sums = tuple[np.float32, np.float32, np.float32, np.float32]


class Context(NamedTuple):
    """Window of every token: the patch with half a patch on each side, in grey.

    Attributes:
        detail: float32 ``(N, 256)``, what is above the frequency cut, zero where nothing is known.
        known: float32 ``(N, 256)``, 1 = known.
    """

    detail: Pixels
    known: Pixels


def context(working: Working, low: Pixels) -> Context:
    """Cut the windows of all tokens, in row order.

    Args:
        working: the image at the working resolution.
        low: float32 ``(h, w, 3)`` in [0, 1], the low band.
    """
    known = (~working.unknown).astype(np.float32)
    # A product is faster than a mean over an axis of three.
    detail = (working.image - low) @ np.full(3, 1 / 3, np.float32) * known
    return Context(_windows(detail), _windows(known))


def _windows(plane: Pixels) -> Pixels:
    side = PATCH + 2 * MARGIN
    views = np.lib.stride_tricks.sliding_window_view(np.pad(plane, MARGIN), (side, side))
    return np.ascontiguousarray(views[::PATCH, ::PATCH]).reshape(-1, side * side)


def breaks(detail: Tensor, known: Tensor, source: Tensor, squares: Tensor) -> Tensor:
    """Count against each source that it does not continue the known pixels: from 0 to twice `BREAK`.

    Args:
        detail: ``(n, 256)``, windows of tokens of the hole.
        known: ``(n, 256)``.
        source: ``(m, 256)``, windows of valid tokens.
        squares: of ``source``, ``(m, 256)``.

    Returns:
        ``(n, m)``; 0 where nothing is known around a token, or only what has no detail.
    """
    faint = _FAINT * known.sum(1, keepdim=True) + _NEVER_ZERO
    energy = (detail * detail).sum(1, keepdim=True)
    weight = BREAK * known.mean(1, keepdim=True) * energy / (energy + faint)
    # Rows are scaled before the product, and the rest is done in place: these matrices are large.
    scaled = detail * (weight * (energy + faint).rsqrt())
    inverse = (known @ squares.T).add_(faint).rsqrt_()
    return inverse.mul_(scaled @ source.T).neg_().add_(weight)


@inner_kernel
def breaks_at(detail: Pixels, known: Pixels, source: Pixels) -> np.float32:
    """Compute `breaks` of one token of the hole and one source, compiled."""
    count, energy, common, other = _sums(detail, known, source)
    faint = _FAINT * count + _NEVER_ZERO
    weight = BREAK * count / known.size * energy / (energy + faint)
    return np.float32(weight * (1 - common / math.sqrt((energy + faint) * (other + faint))))


@sum_kernel
def _sums(detail: Pixels, known: Pixels, source: Pixels) -> _Sums:
    count = energy = common = other = np.float32(0)
    for k in range(detail.size):
        count += known[k]
        energy += detail[k] * detail[k]
        common += detail[k] * source[k]
        other += known[k] * source[k] * source[k]
    return count, energy, common, other
