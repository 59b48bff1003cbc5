"""How much of a source's detail each patch of the hole copies.

Copied texture seldom falls on the missing one, so it costs error. Beside the rim, where the coarse result is
nearly right, it costs much; deep inside a hole, where that is far off anyway, it costs little. And detail
that is stronger than the surroundings promise stands out more than detail that is weaker.
"""

import cv2
import numpy as np

from baselines.rethined.tokens import Pixels, Tokens, Working

# Working pixels from the rim to where the share is whole: three patches.
_DEPTH_PX = 24


def calmed(found: Pixels, expected: Pixels) -> Pixels:
    """Share of a source's detail that goes an eighth of the way to what is expected; 1 where it is weaker.

    No further, because what the surroundings promise is more uncertain than what the source brings.

    Args:
        found: float32 ``(n,)``, log amplitude of each token's source.
        expected: float32 ``(n,)``, log amplitude that each token should have.

    Returns:
        float32 ``(n,)``, above 0 and at most 1.
    """
    share: Pixels = np.exp(np.minimum(expected - found, 0) / 8).astype(np.float32, copy=False)
    return share


def shares(working: Working, hole: Tokens, at_rim: float, inside: float) -> Pixels:
    """Share of the detail by the mean depth of each token.

    Args:
        working: the image at the working resolution; its hole is used.
        hole: int64 ``(n,)``, tokens that the hole touches.
        at_rim: share at the rim, 0 to 1.
        inside: share from 24 working pixels on.

    Returns:
        float32 ``(n,)``.
    """
    # Nothing is known outside the picture, so its border is no rim.
    depth = cv2.distanceTransform(working.hole.view(np.uint8), cv2.DIST_L2, 5)
    rows, columns = working.tokens
    means = cv2.resize(depth, (columns, rows), interpolation=cv2.INTER_AREA).reshape(-1)[hole]
    found: Pixels = np.float32(at_rim) + np.float32(inside - at_rim) * np.minimum(means / _DEPTH_PX, 1)
    return found.astype(np.float32, copy=False)
