"""Pages of text, line drawings, screenshots of either."""

import cv2
import numpy as np

from df8k.picture import Picture

from .base import Check, Finding, Limits

_PAPER = 16  # grey levels that count as one shade
_STRIDE = 4  # a quarter of the lines is enough for a fraction of thousands
_LIGHT = 160  # darkest shade that is taken for paper


class DocumentLimits(Limits):
    """Smallest fraction of one light shade, and smallest contrast of its strokes, that make a page."""

    paper: float = 0.5
    ink: float = 33.0


def document(picture: Picture, limits: DocumentLimits) -> Finding:
    """Measure the fraction of the commonest light shade, and the contrast of the most detailed windows.

    A bright sky has the one without the other.
    """
    histogram = cv2.calcHist([picture.half[::_STRIDE]], [0], None, [256], [0, 256]).ravel()
    shades = np.convolve(histogram / histogram.sum(), np.ones(_PAPER), "valid")
    paper = float(shades[_LIGHT:].max())
    ink = float(np.median([cv2.meanStdDev(window)[1] for window in picture.windows])) / 2
    fault = ""
    if paper >= limits.paper and ink >= limits.ink:
        fault = f"{100 * paper:.0f} % are one light shade, with strokes of {ink:.0f} grey levels on it"
    return Finding({"paper": paper, "ink": ink}, fault)


CHECK = Check("document", ("paper", "ink"), DocumentLimits, document)
