"""Where a photograph is to be filled: from a mask file, a vector mask, a preset, or an array."""

import warnings
from pathlib import Path
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from df8k import masks
from df8k.errors import FillError

Hole = npt.NDArray[np.bool_]
Polarity = Literal["white", "black", "auto"]
MaskSource = str | Path | Hole | masks.VectorMask

PRESET: Final = "preset:"


def read_hole(
    source: MaskSource, size: tuple[int, int], *, polarity: Polarity = "auto", key: str = ""
) -> tuple[Hole, str | None]:
    """Read the hole of a photograph.

    Args:
        source: a lossless black and white picture of the photograph's size; a ``.json`` file with a vector
            mask; ``preset:NAME``; a bool array ``(H, W)``, ``True`` = missing; or a vector mask.
        size: width and height of the upright photograph.
        polarity: colour of the missing pixels of a picture. ``auto`` takes white, unless only the opposite
            leaves most of the frame and of its border known.
        key: what a preset's mask is drawn from.

    Returns:
        bool ``(H, W)``, ``True`` = missing, and what was assumed about it, for the user to read.

    Raises:
        FillError: nothing is missing, or everything, or the hole does not fit the photograph.
        masks.MaskError: not a mask that can be read.
        OSError: the file cannot be read.
    """
    hole, remark = _read(source, size, polarity, key)
    if hole.dtype != np.bool_ or hole.shape != (size[1], size[0]):
        raise FillError(
            f"the mask is {hole.dtype} {hole.shape}: bool {(size[1], size[0])} is expected, True = missing"
        )
    if not hole.any():
        raise FillError(f"{_name(source)}: no pixel is missing, there is nothing to fill")
    if hole.all():
        raise FillError(f"{_name(source)}: every pixel is missing, there is nothing to fill from")
    return hole, remark


def _read(source: MaskSource, size: tuple[int, int], polarity: Polarity, key: str) -> tuple[Hole, str | None]:
    if isinstance(source, np.ndarray):
        return source, None
    if isinstance(source, masks.VectorMask):
        return source.rasterize(*size), None
    if str(source).startswith(PRESET):
        preset = str(source).removeprefix(PRESET)
        return masks.synthesize(aspect=size, preset=preset, key=key).rasterize(*size), None
    path = Path(source)
    if path.suffix.lower() == ".json":
        return masks.VectorMask.from_json(path.read_text(encoding="utf-8").strip()).rasterize(*size), None
    if not path.exists():
        raise FillError(f"{path} does not exist; masks can also be drawn: {PRESET}df8k-small")
    return _from_picture(path, size, polarity)


def _from_picture(path: Path, size: tuple[int, int], polarity: Polarity) -> tuple[Hole, str | None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", masks.PolarityWarning)  # said in the user's own terms below
        hole = masks.import_mask(path, hole="black" if polarity == "black" else "white", size=size)
    doubt = masks.looks_inverted(hole)
    if doubt is None:
        return hole, None
    if polarity != "auto":
        return hole, f"{path} looks inverted with {polarity} as the hole: {doubt}"
    if masks.looks_inverted(~hole) is None and not hole.all():
        share = 1 - float(hole.mean())
        return ~hole, f"{path}: took its black pixels for the hole ({share:.0%}); --hole white says otherwise"
    raise FillError(f"{path}: cannot tell which colour is the hole: say --hole white or --hole black")


def _name(source: MaskSource) -> str:
    return str(source) if isinstance(source, (str, Path)) else "the mask"
