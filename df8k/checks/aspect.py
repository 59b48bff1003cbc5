"""Strips and banners."""

from df8k.picture import Picture

from .base import Check, Finding, Limits


class AspectLimits(Limits):
    """Largest ratio of the long side to the short side."""

    highest: float = 3.0


def aspect(picture: Picture, limits: AspectLimits) -> Finding:
    """Compare the ratio of the long side to the short side with the limit."""
    ratio = max(picture.width, picture.height) / min(picture.width, picture.height)
    fault = f"aspect {ratio:.2f}, at most {limits.highest:g} wanted" if ratio > limits.highest else ""
    return Finding({"ratio": ratio}, fault)


CHECK = Check("aspect", ("ratio",), AspectLimits, aspect)
