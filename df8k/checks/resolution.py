"""Too few pixels."""

from df8k.picture import Picture

from .base import Check, Finding, Limits


class ResolutionLimits(Limits):
    """Smallest short side in pixels (0: the configuration's ``min_side``), smallest area in megapixels."""

    min_side: int = 0
    min_megapixels: float = 0.0


def resolution(picture: Picture, limits: ResolutionLimits) -> Finding:
    """Measure the short side and the area, in pixels of the upright picture."""
    side, area = min(picture.width, picture.height), picture.width * picture.height / 1e6
    fault = too_small(picture.width, picture.height, limits)
    return Finding({"side": side, "megapixels": area}, fault)


def too_small(width: int, height: int, limits: ResolutionLimits) -> str:
    """Find the fault of a size, which a source may state before the photograph is fetched."""
    side, area = min(width, height), width * height / 1e6
    if side < limits.min_side:
        return f"short side {side} px, at least {limits.min_side} wanted"
    if area < limits.min_megapixels:
        return f"{area:.2f} megapixels, at least {limits.min_megapixels:g} wanted"
    return ""


CHECK = Check("resolution", ("side", "megapixels"), ResolutionLimits, resolution)
