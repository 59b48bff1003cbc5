"""Coarse JPEG: block edges that can be seen, and coefficients that lie on the steps of a coarse quantiser."""

from functools import cache

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


_WINDOW_SIDE, _LOW = 8, 4  # px; frequencies a side that are looked at
_LOWEST = [(row, column) for row in range(_LOW) for column in range(_LOW) if 0 < row + column < _LOW]
_STEPS = range(35, 121)  # of quantisers; 35 is quality 15 to 20, what finer ones leave is a usual photograph
_NEAR = 2  # largest distance from a multiple: a second, fine coding moves coefficients this far
_ENOUGH = 64  # coefficients beyond half a step, for a frequency to have a say
_LARGEST = 1024
_ENOUGH_WINDOWS = 8


class CompressionLimits(Limits):
    """Largest signs of coarse coding.

    Attributes:
        highest: strength of the 8 px grid, relative to the mean step between neighbours.
        steps: fraction of coefficients on a quantiser's steps, beyond chance.
    """

    highest: float = 0.4
    steps: float = 0.42


def compression(picture: Picture, limits: CompressionLimits) -> Finding:
    """Measure the steps that repeat every 8 px, in the direction where they are weaker.

    Fences and façades repeat in one direction, or at another period; blocks do so in both.
    """
    strength = 0.0
    if min(picture.width, picture.height) > 8 * _SMOOTHING:
        strength = min(_grid(_steps_down(picture.pixels)), _grid(_steps_across(picture.pixels)))
    steps = quantiser_steps(picture)
    fault = ""
    if strength > limits.highest:
        fault = f"block edges of strength {strength:.2f}, at most {limits.highest:g} wanted"
    elif steps > limits.steps:
        fault = f"{steps:.2f} of coefficients on the steps of a coarse JPEG, at most {limits.steps:g} wanted"
    return Finding({"blocks": strength, "steps": steps}, fault)


def quantiser_steps(picture: Picture) -> float:
    """Measure how many DCT coefficients lie on multiples of a coarse step, beyond chance.

    A JPEG of quality 10 that was saved again at 95 has hardly an edge at its blocks, but its coefficients
    still lie there (J. Fridrich, J. Lukas: Estimation of primary quantization matrix in double compressed
    JPEG images, DFRWS 2003). Blocks are taken where the grid starts in the corner, as in a picture that was
    not cropped.

    Returns:
        the median over the lowest frequencies, from about 0 to 1.
    """
    windows = picture.windows
    if min(windows[0].shape) < _WINDOW_SIDE:
        return 0.0
    coefficients = np.concatenate([_coefficients(window) for window in windows[:_ENOUGH_WINDOWS]])
    lowest = [coefficients[:, row, column] for row, column in _LOWEST]
    counts = np.stack([np.bincount(values, minlength=_LARGEST) for values in lowest], axis=1)
    near, beyond, chance = _combs()
    # Whole numbers below 2^24: sums in single precision are exact.
    of_step, total = ((comb @ counts.astype(np.float32)).astype(float) for comb in (near, beyond))
    share = of_step / np.maximum(total, 1) - chance[:, None]
    return float(np.median(np.where(total >= _ENOUGH, share, 0).max(axis=0, initial=0.0)))


def _coefficients(window: Bytes) -> npt.NDArray[np.intp]:
    """Transform the blocks of a window: magnitudes of the lowest frequencies, ``(N, 4, 4)``."""
    height, width = (side // _WINDOW_SIDE for side in window.shape)
    blocks = window[: height * _WINDOW_SIDE, : width * _WINDOW_SIDE].astype(np.float32) - 128
    blocks = blocks.reshape(height, _WINDOW_SIDE, width, _WINDOW_SIDE).swapaxes(1, 2)
    basis = _basis()
    transformed = basis @ blocks.reshape(-1, _WINDOW_SIDE, _WINDOW_SIDE) @ basis.T
    return np.minimum(np.rint(np.abs(transformed)), _LARGEST - 1).astype(np.intp)


@cache
def _basis() -> npt.NDArray[np.float32]:
    """Compute the lowest functions of JPEG's DCT, ``(4, 8)``."""
    order, place = np.arange(_LOW)[:, None], np.arange(_WINDOW_SIDE)[None]
    basis = np.cos((2 * place + 1) * order * np.pi / (2 * _WINDOW_SIDE)) / 2
    basis[0] /= np.sqrt(2)
    return basis.astype(np.float32)


@cache
def _combs() -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Compute for each step which magnitudes are near a multiple, which are beyond half of it, and chance."""
    magnitude, step = np.arange(_LARGEST)[None], np.array(_STEPS)[:, None]
    beyond = magnitude > step / 2
    near = beyond & (np.abs(magnitude - np.rint(magnitude / step) * step) <= _NEAR)
    chance = (2 * _NEAR + 1) / step[:, 0]
    return near.astype(np.float32), beyond.astype(np.float32), chance.astype(np.float32)


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


CHECK = Check("compression", ("blocks", "steps"), CompressionLimits, compression)
