"""Small pictures and holes that show what methods get wrong."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from df8k.baselines.base import Image, Mask


@dataclass(frozen=True)
class Case:
    """Picture with a hole.

    Attributes:
        name: what is special about it.
        image: uint8 ``(H, W, 3)``, its hole zeroed.
        mask: bool ``(H, W)``.
    """

    name: str
    image: Image
    mask: Mask


Grid = npt.NDArray[np.intp]
Where = Callable[[Grid, Grid, int, int], Mask]

# Holes by name, from row and column numbers, height and width.
HOLES: Final[dict[str, Where]] = {
    "a hole of one pixel": lambda y, x, h, w: (y == h // 3) & (x == w // 2),
    "holes over all borders": lambda y, x, h, w: (y < 4) | (y >= h - 4) | (x < 4) | (x >= w - 4),
    "nothing missing": lambda y, _x, _h, _w: y < 0,
    "everything missing": lambda y, _x, _h, _w: y >= 0,
}


def scene(height: int, width: int, phase: float = 0.0) -> Image:
    """Draw reddish slopes and stripes: no channel can be taken for another, nothing is black."""
    y, x = np.mgrid[0:height, 0:width]
    wave = 12 * np.sin(x / 5 + y / 9 + phase)
    channels = (190 + 40 * x / width + wave, 90 + 40 * y / height + wave, 30 + 20 * y / height + wave)
    return np.asarray(np.rint(np.stack(channels, axis=2)), dtype=np.uint8)


def blob(height: int, width: int) -> Mask:
    """Draw a disc of a tenth of the picture, off its middle."""
    y, x = np.mgrid[0:height, 0:width]
    radius = 0.18 * min(height, width)
    return np.asarray((y - 0.45 * height) ** 2 + (x - 0.55 * width) ** 2 < radius**2)


def case(name: str, height: int, width: int, mask: Mask | None = None, phase: float = 0.0) -> Case:
    """Draw a scene with a hole; `blob` where no other is named."""
    hole = blob(height, width) if mask is None else mask
    image = scene(height, width, phase)
    image[hole] = 0
    return Case(name, image, hole)


def hole_case(name: str, height: int, width: int) -> Case:
    """Draw a scene with one of `HOLES`."""
    y, x = np.mgrid[0:height, 0:width]
    return case(name, height, width, np.asarray(HOLES[name](y, x, height, width)))
