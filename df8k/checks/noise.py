"""Noise, where there is nothing else."""

import cv2
import numpy as np
import numpy.typing as npt

from df8k.picture import Bytes, Picture, luma

from .base import Check, Finding, Limits

_SIDE = 64  # px
_GRID = 8  # windows a side
_DARK, _BRIGHT = 16, 239  # clipped areas hide their noise
_QUIET = 10  # percentile: texture is no noise
# Laplacian difference, blind to planes and edges along the axes: J. Immerkær, "Fast noise variance
# estimation", CVIU 64 (1996).
_KERNEL = np.array([1, -2, 1], np.float32)  # along either axis


class NoiseLimits(Limits):
    """Largest standard deviation of the noise, grey levels."""

    highest: float = 10.0


def noise(picture: Picture, limits: NoiseLimits) -> Finding:
    """Measure the standard deviation that the quietest tenth of 64 evenly spread windows has."""
    side = min(_SIDE, picture.height, picture.width)
    places = [(top, left) for top in _starts(picture.height) for left in _starts(picture.width)]
    stack = [picture.pixels[top : top + side, left : left + side] for top, left in places]
    windows = luma(np.concatenate(stack)).reshape(-1, side, side)
    brightness = windows.mean((1, 2))
    clear = windows[(brightness > _DARK) & (brightness < _BRIGHT)]
    sigma = float(np.percentile(_sigmas(clear), _QUIET)) if len(clear) and side > 2 else 0.0
    fault = f"noise of {sigma:.1f} grey levels, at most {limits.highest:g} wanted"
    return Finding({"sigma": sigma}, fault if sigma > limits.highest else "")


def _starts(length: int) -> list[int]:
    return sorted({int(start) for start in np.linspace(0, max(0, length - _SIDE), _GRID)})


def _sigmas(windows: Bytes) -> npt.NDArray[np.float32]:
    """Estimate the standard deviation of the noise in each of equal square windows."""
    side = windows.shape[1]
    # All at once: one below the other, without the lines where one window meets the next.
    residual = cv2.sepFilter2D(windows.reshape(-1, side), cv2.CV_16S, _KERNEL, _KERNEL).reshape(windows.shape)
    means = np.abs(residual[:, 1:-1, 1:-1]).mean((1, 2)).astype(np.float32)
    return np.asarray(means * np.float32(np.sqrt(np.pi / 2) / 6), dtype=np.float32)


CHECK = Check("noise", ("sigma",), NoiseLimits, noise)
