"""Too few pixels."""

from .base import Check, Finding, Limits
from .picture import Picture


class ResolutionLimits(Limits):
    """Smallest short side in pixels (0: the configuration's ``min_side``), smallest area in megapixels."""

    min_side: int = 0
    min_megapixels: float = 0.0


def resolution(picture: Picture, limits: ResolutionLimits) -> Finding:
    """The short side and the area, in pixels of the upright picture."""
    side, area = min(picture.width, picture.height), picture.width * picture.height / 1e6
    fault = ""
    if side < limits.min_side:
        fault = f"short side {side} px, at least {limits.min_side} wanted"
    elif area < limits.min_megapixels:
        fault = f"{area:.2f} megapixels, at least {limits.min_megapixels:g} wanted"
    return Finding({"side": side, "megapixels": area}, fault)


CHECK = Check("resolution", ("side", "megapixels"), ResolutionLimits, resolution)
