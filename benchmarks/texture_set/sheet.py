"""Contact sheets: a row for each picture, a column for each method, names over the columns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from baselines.base import Image, Mask

_GAP, _HEADING, _MARGIN = 4, 34, 20
_HOLE = (255, 0, 255)


@dataclass(frozen=True)
class Row:
    """Picture with what methods made of its hole; ``None`` where a method gave no answer."""

    name: str
    target: Image
    mask: Mask
    fills: Mapping[str, Image | None]


def write(path: Path, rows: Sequence[Row], methods: Sequence[str], *, cell: int, detail: bool) -> None:
    """Write a contact sheet.

    Args:
        path: PNG file.
        rows: pictures.
        methods: columns after the original and the hole.
        cell: side of a cell, in pixels.
        detail: show the square of ``cell`` pixels that holds the most of the hole's boundary, pixel by pixel,
            instead of the whole picture.
    """
    columns = ("original", "hole", *methods)
    size = (_MARGIN + len(columns) * (cell + _GAP), _HEADING + len(rows) * (cell + _GAP))
    sheet = Pillow.new("RGB", size, "white")
    draw = ImageDraw.Draw(sheet)
    for index, column in enumerate(columns):
        draw.text(
            (_MARGIN + index * (cell + _GAP) + 2, 4), column, fill="black", font=ImageFont.load_default(20)
        )
    for number, row in enumerate(rows):
        top = _HEADING + number * (cell + _GAP)
        sheet.paste(_upright(row.name, cell), (0, top))
        for index, image in enumerate(_images(row, methods)):
            left = _MARGIN + index * (cell + _GAP)
            if image is None:
                draw.text(
                    (left + 8, top + cell // 2), "no answer", fill="black", font=ImageFont.load_default(18)
                )
                continue
            shown = _detail(image, row.mask, cell) if detail else _reduced(image, cell)
            sheet.paste(Pillow.fromarray(shown), (left, top))
    sheet.save(path)


def _images(row: Row, methods: Sequence[str]) -> list[Image | None]:
    holed = row.target.copy()
    holed[row.mask] = _HOLE
    return [row.target, holed, *(row.fills.get(method) for method in methods)]


def _upright(text: str, length: int) -> Pillow.Image:
    strip = Pillow.new("RGB", (length, _MARGIN), "white")
    ImageDraw.Draw(strip).text((4, 0), text, fill="black", font=ImageFont.load_default(15))
    return strip.rotate(90, expand=True)


def _reduced(image: Image, cell: int) -> Image:
    return np.asarray(cv2.resize(image, (cell, cell), interpolation=cv2.INTER_AREA), np.uint8)


def _detail(image: Image, mask: Mask, cell: int) -> Image:
    height, width = mask.shape
    side = min(cell, height, width)
    boundary = cv2.morphologyEx(mask.view(np.uint8), cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    sums = cv2.integral(boundary)
    held = sums[side:, side:] - sums[:-side, side:] - sums[side:, :-side] + sums[:-side, :-side]
    top, left = np.unravel_index(int(held.argmax()), held.shape)
    return np.ascontiguousarray(image[top : top + side, left : left + side])
