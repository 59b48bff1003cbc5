"""Images that come with the installation: photographs from scikit-image, and procedural scenes."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.resources import files
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from _df8k.files import write_bytes, write_text

from .images import Pixels, encode_png
from .scenes import render

_GAP: Final = 4
_HEADING: Final = 30
_TEXT: Final = 18

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


def write_images(
    folder: Path,
    progress: Callable[[str, int, int | None], None] | None = None,
    *,
    small: bool = False,
    workers: int = 1,
) -> None:
    """Write the bundled images and their ``CREDITS.csv`` to a folder; files that exist are kept.

    Args:
        folder: created when absent.
        progress: called after each image.
        small: few scenes, of a short side that 512 px fit into.
        workers: threads that draw.
    """
    rows = ["file,author,licence,source"]
    scenes = [(f"{kind}-{index}", kind, width, height) for index, (kind, width, height) in enumerate(_SCENES)]
    if small:
        scenes = [
            (f"{name}-small", kind, width // 4, height // 4) for name, kind, width, height in scenes[:4]
        ]
    total = len(_PHOTOGRAPHS) + len(scenes)
    data = files("skimage") / "data"
    for name, title, author, licence in _PHOTOGRAPHS:
        if not (folder / name).exists():
            write_bytes(folder / name, (data / name).read_bytes())
        rows.append(f"{name},{author},{licence},scikit-image: {title}")

    def draw(scene: tuple[str, str, int, int]) -> str:
        stem, kind, width, height = scene
        name = f"{stem}.png"
        if not (folder / name).exists():
            write_bytes(folder / name, encode_png(render(kind, width, height, stem.split("-")[1])))
        return name

    with ThreadPoolExecutor(workers) as pool:
        for name in pool.map(draw, scenes):
            rows.append(f"{name},df8k,CC0-1.0,procedural scene")
            if progress is not None:
                progress("drawing pictures", len(rows) - 1, total)
    write_text(folder / "CREDITS.csv", "\n".join(rows) + "\n")


def contact_sheet(
    rows: Sequence[Sequence[Pixels | None]], columns: Sequence[str], *, side: int = 256
) -> bytes:
    """Draw images in a grid with a name over each column, each scaled into a square, as PNG.

    Args:
        rows: uint8 RGB images, row by row; ``None`` where there is none.
        columns: names of the columns.
        side: side length of a cell in pixels.
    """
    pitch = side + _GAP
    sheet = Image.new("RGB", (pitch * len(columns), _HEADING + pitch * len(rows)), "white")
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(_TEXT)
    for column, name in enumerate(columns):
        draw.text((column * pitch + 2, 4), name, fill="black", font=font)
    for row, images in enumerate(rows):
        for column, image in enumerate(images):
            place = column * pitch, _HEADING + row * pitch
            if image is None:
                draw.text((place[0] + 8, place[1] + side // 2), "no answer", fill="black", font=font)
                continue
            scale = side / max(image.shape[:2])
            size = (max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale)))
            sheet.paste(Image.fromarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA)), place)
    return encode_png(np.asarray(sheet))
