"""Measures of an image's mask for the per-image table: results are split by them."""

from functools import lru_cache
from typing import Any, Final

import numpy as np

import masks
from df8k.dataset import Sample
from leaderboard.errors import LeaderboardError

from .sizes import Size, extent
from .task import Task, centre_crop, fits

# Shapes do not depend on the size: they are measured once, at the size that the measures are made for.
_SHORT_SIDE: Final = 512


def mask_columns(sample: Sample, size: Size, task: Task) -> dict[str, Any]:
    """What the per-image table says of a mask.

    Args:
        sample: an image with a mask.
        size: side length in pixels, a frame, or ``native``.
        task: the image at that size.

    Returns:
        ``hole_pixels``, the missing pixels, and ``mask_coverage``, their share; of the part of the image that
        the size shows ``mask_depth``, the largest distance from a missing pixel to the nearest known one in
        short sides, ``mask_components``, the connected holes, and ``mask_sides``, the sides they reach.
    """
    return _columns(sample, size, int(np.count_nonzero(task.mask)), task.mask.size)


def expected_columns(sample: Sample, size: Size) -> dict[str, Any]:
    """The same from the stored mask, without looking at the image; all ``None`` where it is left out."""
    if not fits(sample.metadata, size):
        return dict.fromkeys(("hole_pixels", "mask_coverage", "mask_depth", "mask_components", "mask_sides"))
    width, height = extent(size) or _extent_of(sample)
    vector = sample.vector
    if vector is None:
        raise LeaderboardError(f"image {sample.id} has no mask: only the test split has masks")
    image = _extent_of(sample)
    missing = vector.crop(image, centre_crop(*image, width, height)).area(width, height)
    return _columns(sample, size, missing, width * height)


def _columns(sample: Sample, size: Size, missing: int, pixels: int) -> dict[str, Any]:
    image = _extent_of(sample)
    found = _shape(sample.metadata["mask_json"], image, centre_crop(*image, *(extent(size) or image)))
    return {
        "hole_pixels": missing,
        "mask_coverage": missing / pixels,
        "mask_depth": found.depth_max,
        "mask_components": found.components,
        "mask_sides": found.sides_touched,
    }


def _extent_of(sample: Sample) -> tuple[int, int]:
    return int(sample.metadata["width"]), int(sample.metadata["height"])


@lru_cache(maxsize=4096)
def _shape(text: str, image: tuple[int, int], crop: tuple[int, int, int, int]) -> masks.MaskStatistics:
    _, _, width, height = crop
    scale = _SHORT_SIDE / min(width, height)
    vector = masks.VectorMask.from_json(text).crop(image, crop)
    return masks.describe(vector.rasterize(round(width * scale), round(height * scale)))
