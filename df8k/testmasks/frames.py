"""Frames that images are measured in: what is cropped for each, and which have a stored mask of their own."""

from math import gcd
from typing import Final

Aspect = tuple[int, int]

# Squares, and the frames of 4K and 8K video. Images as they are have the mask of the whole image.
STORED: Final[tuple[Aspect, ...]] = ((1, 1), (16, 9))


def aspect_of(width: int, height: int) -> Aspect:
    """Reduce width and height to lowest terms."""
    common = gcd(width, height)
    return width // common, height // common


def frame_name(aspect: Aspect) -> str:
    """Name an aspect as columns do, such as ``16x9``."""
    return f"{aspect[0]}x{aspect[1]}"


def centre_crop(columns: int, rows: int, width: int, height: int) -> tuple[int, int, int, int]:
    """Find the largest centre crop that has the aspect of a frame.

    Args:
        columns: of the image.
        rows: of the image.
        width: of the frame.
        height: of the frame.

    Returns:
        Left, top, width and height.
    """
    wide, high = min(columns, rows * width // height), min(rows, columns * height // width)
    return (columns - wide) // 2, (rows - high) // 2, wide, high
