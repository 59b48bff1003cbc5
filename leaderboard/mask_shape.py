"""Measures of an image's mask for the per-image table: results are split by them."""

from functools import lru_cache
from typing import Any, Final

import masks
from df8k.dataset import Sample

from .protocol import Size, Task, centre_crop, extent

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
    image = (int(sample.metadata["width"]), int(sample.metadata["height"]))
    frame = extent(size)
    found = _shape(text, image, centre_crop(*image, *(frame or image)))
    return columns | {
        "mask_depth": found.depth_max,
        "mask_components": found.components,
        "mask_sides": found.sides_touched,
    }


@lru_cache(maxsize=4096)
def _shape(text: str, image: tuple[int, int], crop: tuple[int, int, int, int]) -> masks.MaskStatistics:
    _, _, width, height = crop
    scale = _SHORT_SIDE / min(width, height)
    vector = masks.VectorMask.from_json(text).crop(image, crop)
    return masks.describe(vector.rasterize(round(width * scale), round(height * scale)))
