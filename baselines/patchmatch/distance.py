"""Difference of two patches, the loop that everything else waits for."""

import numpy as np

from _df8k.kernels import inner_kernel

from .pyramid import PATCH
from .vectors import Line, two_rows

FAR = np.int32(2**30)


@inner_kernel
def distance(lines: Line, trust: Line, stride: int, a: np.int64, b: np.int64, limit: np.int32) -> np.int32:
    """Sum the squared differences of two patches, weighted by the square of the trust in the first.

    Args:
        lines: uint8, all colours in one line.
        trust: uint8, of the same length, at most 8.
        stride: bytes per row of the picture.
        a: where the target begins.
        b: where the source begins.
        limit: sums from here on need not be exact.
    """
    total = np.int32(0)
    for _ in range(PATCH // 2):
        total = np.int32(total + two_rows(lines, trust, stride, a, b))
        if total >= limit:
            return total
        a += 2 * stride
        b += 2 * stride
    return total
