"""Fake UHD: enlarged pictures, whose spectrum ends at the frequency where the small one's did."""

from df8k.picture import BANDS, Picture

from .base import Check, Finding, Limits

_FIRST = 2  # lower bands fall steeply in every picture
_REACH = 2  # bands


class UpscaledLimits(Limits):
    """Largest fall of the radial spectrum, in decades of power within 1/16 cycle per pixel."""

    highest: float = 1.25


def upscaled(picture: Picture, limits: UpscaledLimits) -> Finding:
    """Find the steepest fall of the radial spectrum, and the factor of enlargement that its place speaks for.

    Lenses and shallow focus make spectra fall smoothly; interpolation cuts them off at a knee.
    Twofold enlargement by a smooth kernel has hardly a knee, and passes.
    """
    spectrum = picture.spectrum
    falls = spectrum[_FIRST:-_REACH] - spectrum[_FIRST + _REACH :]
    steepest = int(falls.argmax())
    fall, factor = float(falls[steepest]), BANDS / (steepest + _FIRST + _REACH - 0.5)
    fault = ""
    if fall > limits.highest:
        fault = f"the spectrum falls by {fall:.2f} decades at once: enlarged about {factor:.1f} times"
    return Finding({"fall": fall}, fault)


CHECK = Check("upscaled", ("fall",), UpscaledLimits, upscaled)
