"""Measure an image's mask for the per-image table: results are grouped by these measures."""

from functools import lru_cache
from typing import Final, TypedDict

import numpy as np

from df8k import masks
from df8k.dataset import Sample
from df8k.leaderboard.errors import LeaderboardError

from .sizes import Size, extent
from .task import Task, fits

# Shapes do not depend on the size: they are measured once, at the size that the measures are made for.
_SHORT_SIDE: Final = 512


class MaskColumns(TypedDict):
    """Measures of the part of a mask that a size shows; ``None`` where the image is left out.

    ``mask_coverage`` is the missing fraction of the pixels, ``mask_depth`` the largest distance from a
    missing pixel to the nearest known one in short sides, ``mask_components`` counts connected holes,
    ``mask_sides`` the sides of the frame that they reach.
    """

    hole_pixels: int | None
    mask_coverage: float | None
    mask_depth: float | None
    mask_components: int | None
    mask_sides: int | None


_LEFT_OUT: Final = MaskColumns(
    hole_pixels=None, mask_coverage=None, mask_depth=None, mask_components=None, mask_sides=None
)


def mask_columns(sample: Sample, size: Size, task: Task) -> MaskColumns:
    """Measure the mask of an image at one size.

    Args:
        sample: an image with a mask.
        size: side length in pixels, a frame, or ``native``.
        task: the image at that size.
    """
    return _columns(sample, size, int(np.count_nonzero(task.mask)), task.mask.size)


def expected_columns(sample: Sample, size: Size) -> MaskColumns:
    """Measure the stored mask without looking at the image.

    Raises:
        LeaderboardError: the sample has no mask.
    """
    if not fits(sample.metadata, size):
        return _LEFT_OUT
    width, height = extent(size) or _extent_of(sample)
    return _columns(sample, size, _vector(sample, size).area(width, height), width * height)


def _columns(sample: Sample, size: Size, missing: int, pixels: int) -> MaskColumns:
    shape = _shape(_vector(sample, size).json)
    return {
        "hole_pixels": missing,
        "mask_coverage": missing / pixels,
        "mask_depth": shape.depth_max,
        "mask_components": shape.components,
        "mask_sides": shape.sides_touched,
    }


def _vector(sample: Sample, size: Size) -> masks.VectorMask:
    frame = extent(size)
    vector = sample.vector if frame is None else sample.vector_in(*frame)
    if vector is None:
        raise LeaderboardError(f"image {sample.id} has no mask: only the test split has masks")
    return vector


def _extent_of(sample: Sample) -> tuple[int, int]:
    return int(sample.metadata["width"]), int(sample.metadata["height"])


@lru_cache(maxsize=4096)
def _shape(text: str) -> masks.MaskStatistics:
    vector = masks.VectorMask.from_json(text)
    _, _, width, height = vector.frame.shown
    scale = _SHORT_SIDE / min(width, height)
    return masks.describe(vector.rasterize(round(width * scale), round(height * scale)))
