"""Fraction of a source's detail that each patch of the hole copies.

Copied texture seldom falls on the missing one, so it costs error. Beside the boundary, where the coarse
result is nearly right, it costs much; deep inside a hole, where that is far off anyway, it costs little. And
detail that is stronger than the surroundings promise stands out more than detail that is weaker.
"""

import cv2
import numpy as np

from baselines.rethined.tokens import Pixels, Tokens, Working

# Working pixels from the boundary to where the fraction is whole: three patches.
_DEPTH_PX = 24


def attenuation(source_amplitude: Pixels, expected_amplitude: Pixels) -> Pixels:
    """Attenuate a source's detail by an eighth of what it exceeds the expected by; leave weaker detail.

    No further, because what the surroundings promise is more uncertain than what the source brings.

    Args:
        source_amplitude: float32 ``(n,)``, log amplitude of each token's source.
        expected_amplitude: float32 ``(n,)``, log amplitude that each token should have.

    Returns:
        float32 ``(n,)``, above 0 and at most 1.
    """
    excess = np.minimum(expected_amplitude - source_amplitude, 0)
    fraction: Pixels = np.exp(excess / 8).astype(np.float32, copy=False)
    return fraction


def detail_fractions(working: Working, hole: Tokens, at_boundary: float, inside: float) -> Pixels:
    """Choose the fraction of the detail by the mean depth of each token.

    Args:
        working: the image at the working resolution; its hole is used.
        hole: int64 ``(n,)``, tokens that the hole touches.
        at_boundary: fraction at the boundary of the hole, 0 to 1.
        inside: fraction from 24 working pixels on.

    Returns:
        float32 ``(n,)``.
    """
    # Nothing is known outside the picture, so its border is no boundary of the hole.
    depth = cv2.distanceTransform(working.hole.view(np.uint8), cv2.DIST_L2, 5)
    rows, columns = working.tokens
    means = cv2.resize(depth, (columns, rows), interpolation=cv2.INTER_AREA).reshape(-1)[hole]
    rise = np.float32(inside - at_boundary) * np.minimum(means / _DEPTH_PX, 1)
    fraction: Pixels = (np.float32(at_boundary) + rise).astype(np.float32, copy=False)
    return fraction
