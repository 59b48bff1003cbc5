"""Images that come with the installation: photographs from scikit-image, and procedural scenes."""

from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from _df8k.files import write_bytes, write_text

from .images import encode_png
from .scenes import render

# File, title, author, licence as scikit-image's documentation states it. Images of persons are left out.
_PHOTOGRAPHS: Final = (
    ("brick.png", "brick wall", "CC0Textures", "CC0-1.0"),
    ("grass.png", "grass", "linolafett", "CC0-1.0"),
    ("gravel.png", "gravel", "CC0Textures", "CC0-1.0"),
    ("hubble_deep_field.jpg", "Hubble eXtreme Deep Field", "NASA", "public domain"),
    ("retina.jpg", "retina", "Mikael Häggström", "CC0-1.0"),
)
# Kind, width, height: both orientations, and one image at 4096.
_SCENES: Final = (
    ("facade", 4096, 2731),
    ("fence", 2048, 3072),
    ("foliage", 2560, 2048),
    ("hills", 3072, 2048),
    ("signage", 2048, 2048),
    ("tiles", 2731, 2048),
    ("facade", 2048, 2560),
    ("tiles", 2048, 2048),
    ("signage", 3072, 2048),
)


def write_images(folder: Path, progress: Callable[[str, int, int | None], None] | None = None) -> None:
    """Write the bundled images and their ``CREDITS.csv`` to a folder; files that exist are kept.

    Args:
        folder: created when absent.
        progress: called after each image.
    """
    rows = ["file,author,licence,source"]
    total = len(_PHOTOGRAPHS) + len(_SCENES)
    data = files("skimage") / "data"
    for name, title, author, licence in _PHOTOGRAPHS:
        if not (folder / name).exists():
            write_bytes(folder / name, (data / name).read_bytes())
        rows.append(f"{name},{author},{licence},scikit-image: {title}")
    for index, (kind, width, height) in enumerate(_SCENES):
        name = f"{kind}-{index}.png"
        if not (folder / name).exists():
            write_bytes(folder / name, encode_png(render(kind, width, height, str(index))))
        rows.append(f"{name},df8k,CC0-1.0,procedural scene")
        if progress is not None:
            progress("drawing pictures", len(rows) - 1, total)
    write_text(folder / "CREDITS.csv", "\n".join(rows) + "\n")


def contact_sheet(rows: list[list[Path]], *, side: int = 256) -> bytes:
    """Draw images in a grid, each scaled into a square, as PNG.

    Args:
        rows: files, row by row.
        side: side length of a cell in pixels.
    """
    sheet = np.full((side * len(rows), side * max(map(len, rows)), 3), 255, np.uint8)
    for top, row in enumerate(rows):
        for left, path in enumerate(row):
            image = np.asarray(cv2.imread(str(path)))
            scale = side / max(image.shape[:2])
            size = (max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale)))
            cell = cv2.cvtColor(cv2.resize(image, size, interpolation=cv2.INTER_AREA), cv2.COLOR_BGR2RGB)
            sheet[top * side : top * side + size[1], left * side : left * side + size[0]] = cell
    return encode_png(sheet)
