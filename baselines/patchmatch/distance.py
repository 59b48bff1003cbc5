"""Difference of two patches, the loop that everything else waits for."""

import numpy as np
import numpy.typing as npt

from _df8k.kernels import inner_kernel

from .pyramid import PATCH

# Bytes of a patch's row. Handed over at run time: a constant would be unrolled before it is vectorised.
ROW = 4 * PATCH
FAR = np.int32(2**30)

Line = npt.NDArray[np.uint8]


@inner_kernel
def distance(
    lines: Line, trust: Line, stride: int, a: np.int64, b: np.int64, limit: np.int32, row: int
) -> np.int32:
    """Sum the squared differences of two patches, weighted by the square of the trust in the first.

    Args:
        lines: uint8, all colours in one line.
        trust: uint8, of the same length, at most 8.
        stride: bytes per row of the picture.
        a: where the target begins.
        b: where the source begins.
        limit: sums from here on need not be exact.
        row: `ROW`.
    """
    total = np.int32(0)
    for _ in range(PATCH):
        p, q, weight = lines[a : a + row], lines[b : b + row], trust[a : a + row]
        line = np.int32(0)
        for k in range(row):
            difference = (np.int32(p[k]) - np.int32(q[k])) * np.int32(weight[k])
            line = np.int32(line + difference * difference)
        total = np.int32(total + line)
        if total >= limit:
            return total
        a += stride
        b += stride
    return total
