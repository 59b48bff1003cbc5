"""Gradients and smooth renderings: nothing to inpaint but colour."""

import numpy as np

from df8k.picture import Picture, band_contrast, shrink

from .base import Check, Finding, Limits
from .blur import sharpness

_TEXTURE = 0.5  # grey levels; JPEG at high quality leaves less than half of it in a smooth area
_OUT_OF_FOCUS = 0.0


class FlatLimits(Limits):
    """Smallest fraction of textured area, smallest relief (grey levels) of the picture at 128 px."""

    texture: float = 0.15
    relief: float = 2.5


def flat(picture: Picture, limits: FlatLimits) -> Finding:
    """Measure the fraction of the area with any texture, and the contrast of the picture at 128 px.

    A blurred photograph has no texture either, but it has relief, and is left to the check for blur.
    """
    texture = float((picture.detail > _TEXTURE).mean())
    small = shrink(picture.grey_thumbnail, 128 / max(picture.grey_thumbnail.shape))
    relief = float(np.percentile(band_contrast(small, 16), 95))
    fault = ""
    if texture < limits.texture and relief < limits.relief:
        fault = f"relief {relief:.1f} grey levels, at least {limits.relief:g} wanted"
    elif texture < limits.texture and sharpness(picture) > _OUT_OF_FOCUS:
        fault = f"texture on {100 * texture:.0f} % of the area, at least {100 * limits.texture:.0f} % wanted"
    return Finding({"texture": texture, "relief": relief}, fault)


CHECK = Check("flat", ("texture", "relief"), FlatLimits, flat)
