"""Draw a removal set of procedural scenes: a ball on each, and the shadow that it throws."""

from collections.abc import Iterator
from typing import Final

import cv2
import numpy as np

from df8k.scenes import KINDS, render

from .records import RemovalPair

_SHADE: Final = 0.45  # of the light, in the middle of a shadow


def example_pairs(count: int = 3, *, side: int = 192) -> Iterator[RemovalPair]:
    """Draw pairs; the same count and side give the same pixels.

    Args:
        count: at most as many as there are kinds of scenes.
        side: height in pixels; the width is a third larger.
    """
    height, width = side, 4 * side // 3
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    for number, kind in enumerate(sorted(KINDS)[:count]):
        clean = render(kind, width, height, "removal")
        radius = side * (0.12 + 0.02 * number)
        row, column = 0.5 * height, (0.35 + 0.1 * number) * width
        mask = (y - row) ** 2 + (x - column) ** 2 <= radius**2
        across, down = (x - column - radius) / (1.6 * radius), (y - row - 0.9 * radius) / (0.45 * radius)
        depth = np.clip(1 - (across**2 + down**2), 0, 1)
        shaded = clean * (1 - _SHADE * cv2.GaussianBlur(depth, (0, 0), side / 100))[..., None]
        light = np.clip(1 - np.hypot(y - row + radius / 3, x - column + radius / 3) / (1.6 * radius), 0.1, 1)
        ball = light[..., None] * np.array([225, 60, 40], np.float32)
        image = np.rint(np.where(mask[..., None], ball, shaded)).clip(0, 255).astype(np.uint8)
        effects = (np.abs(image.astype(int) - clean).max(axis=2) > 2) & ~mask
        yield RemovalPair(image, np.asarray(mask), clean, effects)
