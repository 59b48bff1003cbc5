"""JPEG block edges that can be seen."""

import cv2
import numpy as np
import numpy.typing as npt

from df8k.picture import Bytes, Picture, luma

from .base import Check, Finding, Limits

Profile = npt.NDArray[np.float64]

_SLABS = 3  # a tenth of the lines is enough for a mean over thousands, and wide slabs are read fast
_LEAST = 64  # px; of a slab of a small picture
_CLIP = 8  # grey levels; block edges are small steps, edges of things are not
_SMOOTHING = 17  # px; longer than a block
_TOLERANCE = 0.06  # of the block frequency: finds the grid of a picture that was scaled a little later
_FLOOR = 0.05  # grey levels; keeps noiseless gradients from dividing by nothing


class CompressionLimits(Limits):
    """Largest strength of the 8 px grid, relative to the mean step between neighbours."""

    highest: float = 0.4


def compression(picture: Picture, limits: CompressionLimits) -> Finding:
    """Measure the steps that repeat every 8 px, in the direction where they are weaker.

    Fences and façades repeat in one direction, or at another period; blocks do so in both.
    """
    strength = 0.0
    if min(picture.width, picture.height) > 8 * _SMOOTHING:
        strength = min(_grid(_steps_down(picture.pixels)), _grid(_steps_across(picture.pixels)))
    fault = f"block edges of strength {strength:.2f}, at most {limits.highest:g} wanted"
    return Finding({"blocks": strength}, fault if strength > limits.highest else "")


def _steps_down(pixels: Bytes) -> Profile:
    """Average the step from each line to the next, over slabs of columns."""
    total, count = np.zeros(pixels.shape[0] - 1), 0
    for slab in _slabs(pixels.shape[1]):
        lines = luma(pixels[:, slab])
        steps = cv2.min(cv2.absdiff(lines[1:], lines[:-1]), _CLIP)
        total += cv2.reduce(steps, 1, cv2.REDUCE_SUM, dtype=cv2.CV_32F).ravel()
        count += lines.shape[1]
    return total / count


def _steps_across(pixels: Bytes) -> Profile:
    """Average the step from each column to the next, over slabs of lines."""
    total, count = np.zeros(pixels.shape[1] - 1), 0
    for slab in _slabs(pixels.shape[0]):
        lines = luma(pixels[slab])
        steps = cv2.min(cv2.absdiff(lines[:, 1:], lines[:, :-1]), _CLIP)
        total += cv2.reduce(steps, 0, cv2.REDUCE_SUM, dtype=cv2.CV_32F).ravel()
        count += lines.shape[0]
    return total / count


def _slabs(length: int) -> list[slice]:
    side = min(length, max(_LEAST, length // 32))
    starts = ((2 * index + 1) * (length - side) // (2 * _SLABS) for index in range(_SLABS))
    return [slice(start, start + side) for start in starts]


def _grid(profile: Profile) -> float:
    padded = np.pad(profile, _SMOOTHING // 2, mode="edge")
    relief = profile - np.convolve(padded, np.full(_SMOOTHING, 1 / _SMOOTHING), "valid")
    bound = 3 * relief.std()
    return _peaks(np.clip(relief, -bound, bound)) / (float(profile.mean()) + _FLOOR)


def _peaks(relief: Profile) -> float:
    """Average the amplitude at the first three harmonics of 1/8 cycle per pixel."""
    length = 1 << (relief.size - 1).bit_length() + 2
    amplitude = np.abs(np.fft.rfft(relief * np.hanning(relief.size), length)) * 4 / relief.size
    peaks = []
    for harmonic in (1, 2, 3):
        centre = harmonic * length / 8
        peaks.append(amplitude[int(centre * (1 - _TOLERANCE)) : int(centre * (1 + _TOLERANCE)) + 1].max())
    return float(np.mean(peaks))


CHECK = Check("compression", ("blocks",), CompressionLimits, compression)
