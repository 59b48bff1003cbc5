"""JPEG block edges that can be seen."""

import numpy as np
import numpy.typing as npt
from scipy import fft

from .base import Check, Finding, Limits
from .picture import Bytes, Picture

_STRIDE = 4  # every fourth line is enough for a mean over thousands
_CLIP = 8  # grey levels; block edges are small steps, edges of things are not
_SMOOTHING = 17  # px; longer than a block
_TOLERANCE = 0.06  # of the block frequency: finds the grid of a picture that was scaled a little later
_FLOOR = 0.05  # grey levels; keeps noiseless gradients from dividing by nothing


class CompressionLimits(Limits):
    """Largest strength of the 8 px grid, relative to the mean step between neighbours."""

    highest: float = 0.4


def compression(picture: Picture, limits: CompressionLimits) -> Finding:
    """Strength of steps that repeat every 8 px, in the direction where it is weaker.

    Fences and façades repeat in one direction, or at another period; blocks do so in both.
    """
    luma = picture.luma
    found = min(_grid(luma[::_STRIDE]), _grid(luma[:, ::_STRIDE].T))
    fault = f"block edges of strength {found:.2f}, at most {limits.highest:g} wanted"
    return Finding({"blocks": found}, fault if found > limits.highest else "")


def _grid(lines: Bytes) -> float:
    steps = np.abs(np.diff(lines.astype(np.int16), axis=1))
    profile = np.minimum(steps, _CLIP).mean(0)
    if profile.size < 8 * _SMOOTHING:
        return 0.0
    padded = np.pad(profile, _SMOOTHING // 2, mode="edge")
    relief = profile - np.convolve(padded, np.full(_SMOOTHING, 1 / _SMOOTHING), "valid")
    bound = 3 * relief.std()
    return _peaks(np.clip(relief, -bound, bound)) / (float(profile.mean()) + _FLOOR)


def _peaks(relief: npt.NDArray[np.float64]) -> float:
    """Mean amplitude at the first three harmonics of 1/8 cycle per pixel."""
    length = 1 << (relief.size - 1).bit_length() + 2
    amplitude = np.abs(fft.rfft(relief * np.hanning(relief.size), length)) * 4 / relief.size
    found = []
    for harmonic in (1, 2, 3):
        centre = harmonic * length / 8
        found.append(amplitude[int(centre * (1 - _TOLERANCE)) : int(centre * (1 + _TOLERANCE)) + 1].max())
    return float(np.mean(found))


CHECK = Check("compression", ("blocks",), CompressionLimits, compression)
