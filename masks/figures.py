"""Pictures of masks: contact sheets and mean-mask heat maps, as PNG."""

from collections.abc import Sequence
from io import BytesIO
from typing import Any

import numpy as np
import numpy.typing as npt

from .errors import MaskError
from .files import checked_mask

_GAP = 4
_CAPTION = 14
_KNOWN, _MISSING, _PAPER, _INK = (226, 229, 232), (38, 70, 115), (255, 255, 255), (30, 30, 30)


def contact_sheet(
    masks: Sequence[npt.NDArray[np.bool_]], *, columns: int = 8, captions: Sequence[str] | None = None
) -> bytes:
    """A sheet of small masks, missing pixels dark.

    Args:
        masks: bool ``(H, W)`` each, already drawn at the size they are to have on the sheet.
        columns: how many in a row.
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


def heat_map(mean_mask: Sequence[Sequence[float]], *, cell: int = 4) -> bytes:
    """The mean of many masks as a picture: white = never missing, dark = missing at twice the mean or more.

    Args:
        mean_mask: rows of means between 0 and 1, as :func:`masks.summarize` gives them.
        cell: side of a cell in pixels.

    Returns:
        A PNG file's content.
    """
    from PIL import Image

    values = np.asarray(mean_mask, float)
    strength = np.clip(values / max(2 * values.mean(), 1e-9), 0, 1)[..., None]
    colours = (1 - strength) * np.array(_PAPER) + strength * np.array(_MISSING)
    picture = Image.fromarray(np.rint(colours).astype(np.uint8))
    return _png(picture.resize((picture.width * cell, picture.height * cell), Image.Resampling.NEAREST))


def _png(picture: Any) -> bytes:
    content = BytesIO()
    picture.save(content, "PNG", optimize=True)
    return content.getvalue()
