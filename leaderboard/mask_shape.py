"""Measures of an image's mask for the per-image table: results are split by them."""

from functools import lru_cache
from typing import Any, Final

import masks
from df8k.dataset import Sample

from .protocol import Size, Task

# Shapes do not depend on the size: they are measured once, at the size that the measures are made for.
_SHORT_SIDE: Final = 512


def mask_columns(sample: Sample, size: Size, task: Task) -> dict[str, Any]:
    """Coverage at the size, and the shape of the mask in the part of the image that the size shows.

    Args:
        sample: an image with a mask.
        size: side length in pixels, or ``native``.
        task: the image at that size.

    Returns:
        ``mask_coverage``, the missing share; ``mask_depth``, the largest distance from a missing pixel to the
        nearest known one in short sides; ``mask_components``, the number of connected holes; ``mask_sides``,
        how many sides of the frame they reach.
    """
    columns: dict[str, Any] = {"mask_coverage": float(task.mask.mean())}
    text = sample.metadata["mask_json"]
    if text is None:
        return columns
    width, height = int(sample.metadata["width"]), int(sample.metadata["height"])
    found = _shape(text, width, height, size != "native")
    return columns | {
        "mask_depth": found.depth_max,
        "mask_components": found.components,
        "mask_sides": found.sides_touched,
    }


@lru_cache(maxsize=4096)
def _shape(text: str, width: int, height: int, square: bool) -> masks.MaskStatistics:
    vector = masks.VectorMask.from_json(text)
    if square:
        return masks.describe(vector.centre_square(width, height).rasterize(_SHORT_SIDE, _SHORT_SIDE))
    scale = _SHORT_SIDE / min(width, height)
    return masks.describe(vector.rasterize(round(width * scale), round(height * scale)))
