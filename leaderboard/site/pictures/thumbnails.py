"""Write thumbnails: of the original, of its hole, and of every fill, one size for a whole site."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from df8k.leaderboard.protocol.sizes import Size
from df8k.leaderboard.protocol.task import fits

# Sources besides the methods; HOLE is the original with its missing pixels in one colour.
ORIGINAL, HOLE = "original", "hole"
_SIDE: Final = 320
# --hole of tokens.css.
_HOLE_COLOUR: Final = (179, 38, 30)
_FORMAT: Final[dict[str, Any]] = {"quality": 82, "method": 3}


@dataclass(frozen=True)
class Pictures:
    """Pictures that a site shows.

    Attributes:
        views: image ID → its sizes with their views; see `views.write_views`.
        thumbnails: image ID → file-safe names of the methods that have a thumbnail; original and hole of
            these images have one.
    """

    views: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    thumbnails: Mapping[str, Collection[str]] = field(default_factory=dict)


def method_source(name: str) -> str:
    """Name a method as a source of pictures.

    Args:
        name: its file-safe name.
    """
    return f"method-{name}"


def thumbnail_size(metadata: Mapping[str, Any], sizes: Sequence[Size], preferred: Size) -> Size | None:
    """Choose the size that the thumbnails of an image show; ``None`` where it is too small for all.

    Args:
        metadata: of the image.
        sizes: of the board, smallest first.
        preferred: the size that the board shows first.
    """
    fitting = [size for size in sizes if fits(dict(metadata), size)]
    return preferred if preferred in fitting else fitting[-1] if fitting else None


def with_hole(image: npt.NDArray[np.uint8], mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.uint8]:
    """Paint the hole in the site's colour, on a copy; uint8 RGB ``(H, W, 3)``."""
    painted = image.copy()
    painted[mask] = _HOLE_COLOUR
    return painted


def write_thumbnail(folder: Path, source: str, image: npt.NDArray[np.uint8]) -> None:
    """Write the thumbnail ``SOURCE.webp``, at most 320 pixels on its long side.

    Args:
        folder: of the image's thumbnails; made when absent.
        source: `ORIGINAL`, `HOLE` or a `method_source`.
        image: uint8 RGB ``(H, W, 3)``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    height, width = image.shape[:2]
    scale = min(1.0, _SIDE / max(height, width))
    side = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = cv2.resize(image, side, interpolation=cv2.INTER_AREA) if scale < 1 else image
    Image.fromarray(small).save(folder / f"{source}.webp", **_FORMAT)
