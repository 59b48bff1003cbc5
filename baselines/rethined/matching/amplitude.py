"""Strength of the detail: measured in known patches, expected in missing ones.

Two patches may look alike below the frequency cut and differ above it: a blurred background and a sharp
plumage, for example. Sharpness and grain change slowly over a picture, so the surroundings of a hole tell
what its detail should amount to; `nearest.best_source` weighs its candidates with that.
"""

import numba
import numpy as np

from _df8k.kernels import kernel
from baselines.base import Image
from baselines.harmonic import hierarchy, solve
from baselines.rethined.network.attention import PATCH
from baselines.rethined.tokens import Pixels, Tokens

# Added to every amplitude, in grey levels: below the rounding of 8 bits one silence is like another.
_FLOOR = 0.25


def measured_amplitude(image: Image, tokens: Tokens, columns: int, scale: int) -> Pixels:
    """Measure the logarithm of the mean step between neighbouring pixels in known tokens.

    One row of pixels in each row of working pixels is read.

    Args:
        image: uint8 ``(H, W, 3)``.
        tokens: int64 ``(m,)``, valid ones; their margin is read too.
        columns: of the token grid.
        scale: image pixels per working pixel.

    Returns:
        float32 ``(m,)``.
    """
    logarithms: Pixels = np.log(_steps(image, tokens, columns, scale) + np.float32(_FLOOR))
    return logarithms


def expected_amplitude(amplitude: Pixels, hole: Tokens, valid: Tokens, grid: tuple[int, int]) -> Pixels:
    """Expect what the surroundings promise: a harmonic fill over the amplitudes of the known tokens.

    Args:
        amplitude: float32 ``(m,)``, logarithms, of the valid tokens.
        hole: int64 ``(n,)``.
        valid: int64 ``(m,)``, at least one.
        grid: rows and columns of the tokens.

    Returns:
        float32 ``(n,)``, logarithms.
    """
    plane, unknown = np.zeros(grid, np.float32), np.ones(grid, np.bool_)
    plane.reshape(-1)[valid], unknown.reshape(-1)[valid] = np.exp(amplitude), False
    solve(plane, hierarchy(unknown))
    return np.log(np.maximum(plane.reshape(-1)[hole], np.float32(_FLOOR)))


@kernel
def _steps(image: Image, tokens: Tokens, columns: int, scale: int) -> Pixels:
    side = PATCH * scale
    means = np.empty(tokens.size, np.float32)
    for n in numba.prange(tokens.size):
        top, left = tokens[n] // columns * side, tokens[n] % columns * side
        total = np.int64(0)
        for row in range(PATCH):
            y = top + row * scale + scale // 2
            line = image[y, left : left + side + 1].reshape(-1)
            below = image[y + 1, left : left + side].reshape(-1)
            steps = np.int32(0)
            for x in range(below.size):
                here = np.int32(line[x])
                steps += abs(np.int32(line[x + 3]) - here) + abs(np.int32(below[x]) - here)
            total += steps
        means[n] = total / (3 * PATCH * side)
    return means
