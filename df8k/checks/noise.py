"""Noise, where there is nothing else."""

import cv2
import numpy as np

from .base import Check, Finding, Limits
from .picture import Bytes, Picture, luma

_SIDE = 64  # px
_GRID = 12  # windows a side
_DARK, _BRIGHT = 16, 239  # clipped areas hide their noise
_QUIET = 10  # percentile: texture is no noise
# Laplacian difference, blind to planes and edges along the axes: J. Immerkær, "Fast noise variance
# estimation", CVIU 64 (1996).
_KERNEL = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)


class NoiseLimits(Limits):
    """Largest standard deviation of the noise, grey levels."""

    highest: float = 10.0


def noise(picture: Picture, limits: NoiseLimits) -> Finding:
    """Standard deviation that the quietest tenth of 144 evenly spread windows has."""
    found = []
    for top in _starts(picture.height):
        for left in _starts(picture.width):
            window = luma(picture.pixels[top : top + _SIDE, left : left + _SIDE])
            if _DARK < cv2.mean(window)[0] < _BRIGHT:
                found.append(_sigma(window))
    sigma = float(np.percentile(found, _QUIET)) if found else 0.0
    fault = f"noise of {sigma:.1f} grey levels, at most {limits.highest:g} wanted"
    return Finding({"sigma": sigma}, fault if sigma > limits.highest else "")


def _starts(length: int) -> list[int]:
    return sorted({int(start) for start in np.linspace(0, max(0, length - _SIDE), _GRID)})


def _sigma(window: Bytes) -> float:
    residual = cv2.filter2D(window, cv2.CV_32F, _KERNEL)
    return float(cv2.norm(residual, cv2.NORM_L1) / residual.size * np.sqrt(np.pi / 2) / 6)


CHECK = Check("noise", ("sigma",), NoiseLimits, noise)
