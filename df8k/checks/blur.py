"""Nothing in focus at full size, or all of it drawn along one line."""

from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt

from df8k.picture import Picture

from .base import Check, Finding, Limits

Floats = npt.NDArray[np.float32]

_SECTORS: Final = 12  # directions of the spectrum
_BAND: Final = (0.06, 0.25)  # cycles per pixel; where shake takes away, and coding leaves something
_TAPER: Final = 0.3  # cycles per pixel; what lies beyond is noise and coding
_NEAREST, _FARTHEST = 12, 60  # px; lengths of shake that are looked for


class BlurLimits(Limits):
    """Smallest sharpness, log10 of power; shake is found where both of its signs are there.

    Attributes:
        lowest: sharpness.
        shake: contrast of the cepstrum's dip, in standard deviations.
        weakest: log10 of power in the weakest direction; shake leaves less.
    """

    lowest: float = 0.0
    shake: float = 7.2
    weakest: float = 0.7


def sharpness(picture: Picture) -> float:
    """Average log10 power between 0.06 and 0.16 cycles per pixel in the most detailed windows.

    Only these windows count: a subject in focus before a soft background is a sharp picture.
    """
    return float(picture.spectrum[2:5].mean())


def shake(picture: Picture) -> float:
    """Measure how clearly all windows repeat the zeros that motion along a line puts into their spectra.

    The zeros lie at multiples of the inverse length; in the cepstrum they are a dip at that length, which
    textures do not have (R. L. Lagendijk, J. Biemond: Basic methods for image restoration, section 4.2).

    Returns:
        the deepest dip from 12 to 60 px, in standard deviations there; 0 for pictures without full windows.
    """
    logarithm = picture.log_power
    if min(logarithm.shape) < 4 * _FARTHEST:
        return 0.0
    radius, taper, ring = _geometry(*logarithm.shape)
    count = np.maximum(np.bincount(radius.ravel()), 1)
    radial = (np.bincount(radius.ravel(), logarithm.ravel()) / count).astype(np.float32)
    cepstrum = np.fft.ifft2((logarithm - radial[radius]) * taper).real[ring]
    return float(-cepstrum.min() / (cepstrum.std() + 1e-9))


def weakest_direction(picture: Picture) -> float:
    """Measure the log10 power, between 0.06 and 0.25 cycles per pixel, of the direction that has least."""
    power = picture.power
    sector = _sectors(*power.shape)
    total = np.bincount(sector.ravel(), power.ravel(), minlength=_SECTORS + 1)[:_SECTORS]
    count = np.maximum(np.bincount(sector.ravel(), minlength=_SECTORS + 1)[:_SECTORS], 1)
    return float(np.log10(total / count + 1e-6).min())


def blur(picture: Picture, limits: BlurLimits) -> Finding:
    """Measure the sharpness of the sharpest windows at full size, and the signs of shake in them."""
    scores = {
        "sharpness": sharpness(picture),
        "shake": shake(picture),
        "weakest": weakest_direction(picture),
    }
    fault = ""
    if scores["sharpness"] < limits.lowest:
        fault = f"sharpness {scores['sharpness']:.2f}, at least {limits.lowest:g} wanted"
    elif scores["shake"] > limits.shake and scores["weakest"] < limits.weakest:
        fault = (
            f"shake along a line: {scores['shake']:.1f}, at most {limits.shake:g} wanted where a direction "
            f"has less power than {limits.weakest:g}; it has {scores['weakest']:.2f}"
        )
    return Finding(scores, fault)


@cache
def _geometry(height: int, width: int) -> tuple[npt.NDArray[np.intp], Floats, npt.NDArray[np.bool_]]:
    """Compute the radius of each frequency in 128ths, the taper, and the lengths that are looked at."""
    frequency = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.fftfreq(width)[None])
    taper = np.where(frequency < _TAPER, np.cos(np.pi / 2 * frequency / _TAPER) ** 2, 0)
    length = np.hypot(np.fft.fftfreq(height, 1 / height)[:, None], np.fft.fftfreq(width, 1 / width)[None])
    ring = (length >= _NEAREST) & (length <= _FARTHEST)
    return (frequency * 128).astype(np.intp), taper.astype(np.float32), ring


@cache
def _sectors(height: int, width: int) -> npt.NDArray[np.intp]:
    """Tell the direction of each frequency of the band; `_SECTORS` stands for the others."""
    down, across = np.fft.fftfreq(height)[:, None], np.fft.fftfreq(width)[None]
    frequency, angle = np.hypot(down, across), np.mod(np.arctan2(down, across), np.pi)
    sector = (angle / np.pi * _SECTORS).astype(np.intp) % _SECTORS
    return np.where((frequency > _BAND[0]) & (frequency < _BAND[1]), sector, _SECTORS)


CHECK = Check("blur", ("sharpness", "shake", "weakest"), BlurLimits, blur)
