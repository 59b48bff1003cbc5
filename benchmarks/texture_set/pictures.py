"""Pictures of the set: drawn ones at any size, public-domain photographs up to their own, a folder's."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import cv2
import numpy as np
from PIL import Image as Pillow
from skimage import data

import masks
from baselines.base import Image, Mask

from . import scenes, surfaces
from .noise import Plane

HOLES = {"object": "object", "large": "df8k"}
"""Kinds of holes, by mask preset: one outline of 2 to 30 %; strokes or boxes of 30 to 50 %."""


@dataclass(frozen=True)
class Picture:
    """Picture with what a publication must say of it.

    Attributes:
        name: unique in a run; the key of its holes.
        origin: who made it, or where it lies.
        licence: terms of use.
        side: largest centre square it has, in pixels; ``None`` where it is drawn at any size.
        at: makes the centre square of a side, uint8 RGB; photographs are reduced by area.
    """

    name: str
    origin: str
    licence: str
    side: int | None
    at: Callable[[int], Image]

    def hole(self, kind: str, side: int) -> Mask:
        """Draw the picture's fixed hole: the same shape at every size."""
        vector = masks.synthesize(aspect=(1, 1), preset=HOLES[kind], key=f"texture-set|{self.name}")
        return vector.rasterize(side, side)


_DRAWINGS = (
    surfaces.tiles,
    surfaces.wall,
    surfaces.fabric,
    surfaces.planks,
    surfaces.facade,
    scenes.pebbles,
    scenes.meadow,
    scenes.foliage,
    scenes.water,
    scenes.ridges,
    scenes.stars,
)
_PHOTOGRAPHS = (
    ("brick", "CC0Textures, Bricks25", "CC0-1.0"),
    ("grass", "DeviantArt, linolafett, Grass-01", "CC0-1.0"),
    ("gravel", "CC0Textures, Gravel04", "CC0-1.0"),
    ("hubble_deep_field", "NASA", "public domain"),
    ("retina", "Wikimedia Commons, fundus photograph of a normal left eye", "CC0-1.0"),
)


def texture_set() -> Iterator[Picture]:
    """List the set: photographs that come with scikit-image, then drawings."""
    for name, origin, licence in _PHOTOGRAPHS:
        image = np.asarray(getattr(data, name)(), np.uint8)
        image = np.repeat(image[..., None], 3, axis=2) if image.ndim == 2 else image
        yield Picture(
            name.split("_")[0],
            f"{origin}, from scikit-image",
            licence,
            min(image.shape[:2]),
            partial(square, image),
        )
    for drawing in _DRAWINGS:
        yield Picture(drawing.__name__, "drawn by this set", "Apache-2.0", None, partial(_drawn, drawing))


def folder(path: Path) -> Iterator[Picture]:
    """List a folder's photographs, by name; only their headers are read.

    Raises:
        ValueError: a file is no picture.
    """
    for file in sorted(path.iterdir()):
        try:
            with Pillow.open(file) as header:
                side = min(header.size)
        except OSError as error:
            raise ValueError(f"{file} is no picture: {error}") from error
        yield Picture(file.stem, file.name, "not stated", side, partial(_photograph, file))


def square(image: Image, side: int) -> Image:
    """Take the centre square, reduced by area."""
    own = min(image.shape[:2])
    top, left = (image.shape[0] - own) // 2, (image.shape[1] - own) // 2
    cut = np.ascontiguousarray(image[top : top + own, left : left + own])
    if own == side:
        return cut
    return np.asarray(cv2.resize(cut, (side, side), interpolation=cv2.INTER_AREA), np.uint8)


def _photograph(file: Path, side: int) -> Image:
    return square(np.asarray(cv2.imread(str(file))[..., ::-1], np.uint8), side)


def _drawn(drawing: Callable[[int], Plane], side: int) -> Image:
    return np.asarray(np.clip(np.rint(drawing(side)), 0, 255), np.uint8)
