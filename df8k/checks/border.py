"""Frames: bars of one colour along opposite sides."""

import numpy as np

from df8k.picture import Bytes, Picture

from .base import Check, Finding, Limits

_EVEN = 6  # grey levels within a bar
_STEP = 12.0  # mean grey levels between a bar and what it frames


class BorderLimits(Limits):
    """Largest fraction of a side that a pair of bars may take, each."""

    highest: float = 0.01


def border(picture: Picture, limits: BorderLimits) -> Finding:
    """Measure the narrower bar of a pair, as a fraction of the side; 0 without a pair."""
    width = max(_pair(picture.thumbnail), _pair(picture.thumbnail.transpose(1, 0, 2)))
    fault = f"bars of {100 * width:.1f} % along opposite sides" if width > limits.highest else ""
    return Finding({"width": width}, fault)


def _pair(image: Bytes) -> float:
    return float(min(_bar(image), _bar(image[::-1])) / image.shape[0])


def _bar(image: Bytes) -> int:
    """Count rows of one even colour at the top that end in a step; a smooth sky fades instead."""
    colour = image[0].mean(0)
    limit = image.shape[0] // 3
    for row in range(limit):
        if (np.ptp(image[row], axis=0) > _EVEN).any():
            break
        if np.abs(image[row].mean(0) - colour).max() > _EVEN:
            break
    else:
        return 0
    # Reduction blends the row at the edge of the bar, so the step is looked for one row further on.
    beyond = image[min(row + 1, image.shape[0] - 1)]
    return row if np.abs(beyond - colour).mean() > _STEP else 0


CHECK = Check("border", ("width",), BorderLimits, border)
