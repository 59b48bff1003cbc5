"""Pictures without colour."""

import cv2
import numpy as np

from df8k.picture import Picture

from .base import Check, Finding, Limits


class GrayscaleLimits(Limits):
    """Smallest chroma, in grey levels, that the most colourful hundredth of the picture reaches."""

    lowest: float = 4.0


def grayscale(picture: Picture, limits: GrayscaleLimits) -> Finding:
    """Measure the chroma (largest minus smallest channel) that 1 % of the reduced picture exceeds.

    Tinted monochrome pictures have chroma and pass.
    """
    red, green, blue = cv2.split(picture.thumbnail)
    span = cv2.subtract(cv2.max(cv2.max(red, green), blue), cv2.min(cv2.min(red, green), blue))
    chroma = float(np.percentile(span, 99))
    fault = f"chroma {chroma:.0f} grey levels, at least {limits.lowest:g} wanted"
    return Finding({"chroma": chroma}, fault if chroma < limits.lowest else "")


CHECK = Check("grayscale", ("chroma",), GrayscaleLimits, grayscale)
