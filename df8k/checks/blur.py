"""Nothing in focus at full size."""

from df8k.picture import Picture

from .base import Check, Finding, Limits


class BlurLimits(Limits):
    """Smallest sharpness, log10 of power."""

    lowest: float = 0.0


def sharpness(picture: Picture) -> float:
    """Average log10 power between 0.06 and 0.16 cycles per pixel in the most detailed windows.

    Only these windows count: a subject in focus before a soft background is a sharp picture.
    """
    return float(picture.spectrum[2:5].mean())


def blur(picture: Picture, limits: BlurLimits) -> Finding:
    """Measure the sharpness of the sharpest windows at full size."""
    score = sharpness(picture)
    fault = f"sharpness {score:.2f}, at least {limits.lowest:g} wanted" if score < limits.lowest else ""
    return Finding({"sharpness": score}, fault)


CHECK = Check("blur", ("sharpness",), BlurLimits, blur)
