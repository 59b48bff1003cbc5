"""Pictures of half the size, of what is known of them."""

import numba
import numpy as np
import numpy.typing as npt

from _df8k.kernels import inlined_kernel, kernel
from df8k.baselines.base import Mask

# Weights of the pixels that a halved one is the mean of. Beyond its own two they bring what is known around a
# hole into it, level by level: the coarse ones know its colours before patches are sought.
_BINOMIAL = (1, 5, 10, 10, 5, 1)

_ALL = np.int32(sum(_BINOMIAL) ** 2)

_Colours = npt.NDArray[np.uint8]
_Sums = npt.NDArray[np.int32]


def halve(colours: _Colours, hole: Mask, usable: Mask, *, spread: bool) -> tuple[_Colours, Mask, Mask]:
    """Average what is known: of 6 x 6 pixels with binomial weights, else of 2 x 2.

    A pixel is missing where nothing of the 6 x 6, or less than half of the 2 x 2, is known; it may be copied
    where half of the 2 x 2 is known and may be.

    Args:
        colours: uint8 ``(h, w, 4)``, values under the hole are not read.
        hole: bool ``(h, w)``, ``True`` = missing.
        usable: bool ``(h, w)``, known pixels that may be copied.
        spread: average 6 x 6 pixels, not 2 x 2.

    Returns:
        all three, of half the size, rounded up.
    """
    known = _blanked(colours.view(np.uint32)[..., 0], hole).view(np.uint8)
    return _halve(known, hole, usable, spread)


@kernel
def _blanked(pixels: npt.NDArray[np.uint32], hole: Mask) -> npt.NDArray[np.uint32]:
    """Copy pixels, four channels in one number, but for missing ones: those are 0."""
    result = np.empty(hole.shape, np.uint32)
    for y in numba.prange(hole.shape[0]):
        for x in range(hole.shape[1]):
            result[y, x] = np.uint32(0) if hole[y, x] else pixels[y, x]
    return result


@kernel
def _halve(
    known: npt.NDArray[np.uint8], hole: Mask, usable: Mask, spread: bool
) -> tuple[_Colours, Mask, Mask]:
    height, width = hole.shape
    h, w = (height + 1) // 2, (width + 1) // 2
    small = np.empty((h, w, 4), np.uint8)
    holes, usables = np.zeros((h, w), np.bool_), np.zeros((h, w), np.bool_)
    first, last = (-2, 4) if spread else (0, 2)
    whole, bits = (np.int32(_ALL), np.int32(10)) if spread else (np.int32(4), np.int32(2))
    half = np.int32(whole // 2)
    for y in numba.prange(h):
        # Columns first: contiguous, and thus in vectors. Two pixels on either side, where nothing is known.
        sums, weights = np.zeros(8 * w + 16, np.int32), np.zeros(2 * w + 4, np.int32)
        lost, barred = np.zeros(2 * w, np.int32), np.zeros(2 * w, np.int32)
        for j in range(max(2 * y + first, 0), min(2 * y + last, height)):
            share = np.int32(_BINOMIAL[j - 2 * y + 2]) if spread else np.int32(1)
            for m in range(4 * width):
                sums[8 + m] += share * np.int32(known[j, m])
            for i in range(width):
                weights[2 + i] += share * np.int32(not hole[j, i])
        for j in range(2 * y, min(2 * y + 2, height)):
            for i in range(width):
                lost[i] += np.int32(hole[j, i])
                barred[i] |= np.int32(not hole[j, i] and not usable[j, i])
        totals, line = _across(sums, spread), small[y].reshape(-1)
        for m in range(4 * w):
            line[m] = np.uint8(np.int32(totals[m] + half) >> bits)
        for x in range(w):
            weight = _weight(weights, x, spread)
            missing = lost[2 * x] + lost[2 * x + 1]
            few = 2 * missing > min(2, height - 2 * y) * min(2, width - 2 * x)
            usables[y, x] = not few and not barred[2 * x] and not barred[2 * x + 1]
            holes[y, x] = weight == 0 or (few and not spread)
            # Where all is known the weight is a power of two, and what is written is right.
            if holes[y, x]:
                line[4 * x : 4 * x + 4] = 0
            elif weight != whole:
                for m in range(4 * x, 4 * x + 4):
                    line[m] = np.uint32(totals[m] + weight // 2) // np.uint32(weight)
    return small, holes, usables


@inlined_kernel
def _across(sums: _Sums, spread: bool) -> _Sums:
    """Weigh columns of four channels along a row: three times two that stand side by side, or one time."""
    pairs = sums.size // 8
    # Even and odd columns apart: contiguous too.
    even, odd, both = np.empty(4 * pairs, np.int32), np.empty(4 * pairs, np.int32), sums.view(np.uint64)
    evens, odds = even.view(np.uint64), odd.view(np.uint64)
    for n in range(pairs):
        evens[2 * n], evens[2 * n + 1] = both[4 * n], both[4 * n + 1]
        odds[2 * n], odds[2 * n + 1] = both[4 * n + 2], both[4 * n + 3]
    totals = np.empty(4 * pairs - 8, np.int32)
    if spread:
        for m in range(totals.size):
            outer, inner = np.int32(even[m] + odd[m + 8]), np.int32(odd[m] + even[m + 8])
            totals[m] = np.int32(outer + 5 * inner + 10 * np.int32(even[m + 4] + odd[m + 4]))
    else:
        for m in range(totals.size):
            totals[m] = even[m + 4] + odd[m + 4]
    return totals


@inlined_kernel
def _weight(weights: _Sums, x: int, spread: bool) -> np.int32:
    """Weigh single values along a row, as `_across`."""
    at = 2 * x
    weight = weights[at + 2] + weights[at + 3]
    if spread:
        outer, inner = weights[at] + weights[at + 5], weights[at + 1] + weights[at + 4]
        weight = outer + 5 * inner + 10 * weight
    return np.int32(weight)
