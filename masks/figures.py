"""Figures of masks: contact sheets and mean-mask heat maps, as PNG."""

from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from _df8k.extras import naming_extras

from .errors import MaskError
from .files import checked_mask
from .vector import VectorMask

if TYPE_CHECKING:
    from PIL import Image

_GAP = 4
_HOLE, _TINT = (225, 40, 60), 0.75
_CAPTION = 14
_KNOWN, _MISSING, _PAPER, _INK = (226, 229, 232), (38, 70, 115), (255, 255, 255), (30, 30, 30)


def contact_sheet(
    masks: Sequence[npt.NDArray[np.bool_]], *, columns: int = 8, captions: Sequence[str] | None = None
) -> bytes:
    """Draw a sheet of small masks, missing pixels dark.

    Args:
        masks: bool ``(H, W)`` each, drawn at their size on the sheet.
        columns: masks in a row.
        captions: one short text for each mask, set above it.

    Returns:
        The sheet as a PNG file's content.

    Raises:
        MaskError: no masks, not masks, or another number of captions.
    """
    from PIL import Image, ImageDraw

    if not masks or columns < 1 or (captions is not None and len(captions) != len(masks)):
        raise MaskError(f"a contact sheet needs masks and as many captions: {len(masks)} masks were given")
    tall = max(checked_mask(mask).shape[0] for mask in masks) + (_CAPTION if captions else 0)
    wide = max(mask.shape[1] for mask in masks)
    rows = -(-len(masks) // columns)
    columns = min(columns, len(masks))
    size = (columns * (wide + _GAP) + _GAP, rows * (tall + _GAP) + _GAP)
    sheet = Image.new("RGB", size, _PAPER)
    pen = ImageDraw.Draw(sheet)
    for index, mask in enumerate(masks):
        x = _GAP + index % columns * (wide + _GAP)
        y = _GAP + index // columns * (tall + _GAP)
        if captions:
            pen.text((x, y), captions[index], fill=_INK)
            y += _CAPTION
        tile = np.where(mask[..., None], _MISSING, _KNOWN).astype(np.uint8)
        sheet.paste(Image.fromarray(tile), (x, y))
    return _png(sheet.quantize(16))


def overlay(
    image: npt.NDArray[np.uint8], mask: npt.NDArray[np.bool_], *, side: int | None = None
) -> npt.NDArray[np.uint8]:
    """Draw a picture with its missing pixels tinted.

    Args:
        image: uint8 RGB ``(H, W, 3)``.
        mask: bool ``(H, W)``, True = missing.
        side: longer side of the drawing in pixels; a smaller picture, or none given, keeps its size.

    Returns:
        uint8 RGB, reduced by area.

    Raises:
        MaskError: not a mask, or not of the picture's size.

    Example:
        >>> overlay(np.zeros((4, 4, 3), np.uint8), np.eye(4, dtype=bool))[0, 0].tolist()
        [169, 30, 45]
    """
    import cv2

    mask = checked_mask(mask)
    if image.shape != (*mask.shape, 3) or image.dtype != np.uint8:
        raise MaskError(f"the picture is {image.dtype} {image.shape}, its mask {mask.shape}")
    scale = min(1.0, (side or max(mask.shape)) / max(mask.shape))
    size = (max(1, round(mask.shape[1] * scale)), max(1, round(mask.shape[0] * scale)))
    picture = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    share = cv2.resize(mask.astype(np.float32), size, interpolation=cv2.INTER_AREA)[..., None] * _TINT
    drawn = np.rint(picture * (1 - share) + np.array(_HOLE, np.float32) * share)
    return np.asarray(drawn, dtype=np.uint8)


def show(
    mask: npt.NDArray[np.bool_] | VectorMask, image: npt.NDArray[np.uint8] | None = None, *, side: int = 512
) -> "Image.Image":
    """Draw a mask, over a picture where there is one; notebooks show what it returns.

    Args:
        mask: bool ``(H, W)``, True = missing; or a mask without a size.
        image: uint8 RGB ``(H, W, 3)``; white by default.
        side: longer side of the drawing in pixels; a smaller picture keeps its size.

    Raises:
        MaskError: not a mask, or not of the picture's size.
    """
    from PIL import Image

    if isinstance(mask, VectorMask):
        wide, tall = mask.aspect
        scale = side / max(wide, tall)
        size = (max(1, round(wide * scale)), max(1, round(tall * scale)))
        mask = mask.rasterize(*(size if image is None else image.shape[1::-1]))
    mask = checked_mask(mask)
    picture = np.full((*mask.shape, 3), 255, np.uint8) if image is None else image
    return Image.fromarray(overlay(picture, mask, side=side))


def heat_map(mean_mask: Sequence[Sequence[float]], *, cell: int = 4) -> bytes:
    """Draw the mean of many masks: white = never missing, dark = missing at twice the mean or more.

    Args:
        mean_mask: rows of means between 0 and 1, as `masks.summarize` gives them.
        cell: side of a cell in pixels.

    Returns:
        A PNG file's content.
    """
    from PIL import Image

    values = np.asarray(mean_mask, float)
    strength = np.clip(values / max(2 * values.mean(), 1e-9), 0, 1)[..., None]
    colours = (1 - strength) * np.array(_PAPER) + strength * np.array(_MISSING)
    image = Image.fromarray(np.rint(colours).astype(np.uint8))
    return _png(image.resize((image.width * cell, image.height * cell), Image.Resampling.NEAREST))


def statistics_figure(statistics: Mapping[str, Any], path: str | Path) -> None:
    """Draw the mean mask and the distribution of coverages.

    Args:
        statistics: result of `masks.summarize` or `masks.preset_statistics`.
        path: file to write, ``.svg`` or ``.png``.

    Raises:
        MaskError: another kind of file, or no altair.
    """
    with naming_extras("a figure", MaskError):
        import altair as alt
        import vl_convert  # noqa: F401 - altair saves through it

    path = Path(path)
    if path.suffix not in (".svg", ".png"):
        raise MaskError(f"a figure is written as .svg or .png, not {path.suffix!r}")
    heat = [
        {"x": x, "y": y, "missing": value}
        for y, row in enumerate(statistics["mean_mask"])
        for x, value in enumerate(row)
    ]
    fractions = statistics["coverage_histogram"]
    bins = [
        {
            "from": 100 * index / len(fractions),
            "to": 100 * (index + 1) / len(fractions),
            "share": 100 * fraction,
        }
        for index, fraction in enumerate(fractions)
    ]
    axis = alt.Axis(labels=False, ticks=False, title=None, domain=False)
    mean = (
        alt.Chart(alt.Data(values=heat), title="how often each part of the frame is missing")
        .mark_rect()
        .encode(
            x=alt.X("x:O", axis=axis),
            y=alt.Y("y:O", axis=axis),
            color=alt.Color("missing:Q", title="share", scale=alt.Scale(scheme="blues", zero=True)),
        )
        .properties(width=256, height=256)
    )
    spread = (
        alt.Chart(alt.Data(values=bins), title=f"coverage of {statistics['n']} masks")
        .mark_bar(color="#264673")
        .encode(
            x=alt.X("from:Q", bin="binned", title="missing pixels, %"),
            x2="to:Q",
            y=alt.Y("share:Q", title="masks, %"),
        )
        .properties(width=320, height=256)
    )
    name = str(statistics.get("preset", "masks"))
    alt.hconcat(mean, spread, title=name).save(str(path))


def _png(image: Any) -> bytes:
    content = BytesIO()
    image.save(content, "PNG", optimize=True)
    return content.getvalue()
