"""COCO's run-length encoding of masks, as pycocotools reads and writes it: by columns, known pixels first."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from .errors import MaskError
from .files import checked_mask

_MAX_PIXELS = 2**31 - 1


def to_coco(mask: npt.NDArray[np.bool_], *, compressed: bool = True) -> dict[str, Any]:
    """Encode a mask.

    Args:
        mask: bool ``(H, W)``, True = missing, which COCO calls the object.
        compressed: whether ``counts`` is the compact text or the plain list of run lengths.

    Returns:
        ``{"size": [H, W], "counts": ...}``.

    Raises:
        MaskError: not a mask.
    """
    flat = checked_mask(mask).ravel(order="F")
    edges = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    counts = np.diff(np.concatenate(([0], edges, [flat.size]))).tolist()
    if flat[0]:
        counts.insert(0, 0)
    return {"size": list(mask.shape), "counts": _text(counts) if compressed else counts}


def from_coco(encoded: Mapping[str, Any]) -> npt.NDArray[np.bool_]:
    """Decode what `to_coco` or pycocotools wrote.

    Args:
        encoded: ``size`` as (H, W) and ``counts`` as a list, an array, text or bytes; numbers may be NumPy's.

    Returns:
        bool ``(H, W)``, True = missing.

    Raises:
        MaskError: keys are absent, or the counts do not add up to the size.
    """
    size, counts = _plain(encoded.get("size")), _plain(encoded.get("counts"))
    if not isinstance(size, list) or len(size) != 2 or not all(_positive(v) for v in size):
        raise MaskError(f"a COCO mask has 'size': [height, width]; found {size!r}")
    if size[0] * size[1] > _MAX_PIXELS:
        raise MaskError(f"a COCO mask of {size[0]} x {size[1]} is larger than {_MAX_PIXELS} pixels")
    if isinstance(counts, (str, bytes)):
        counts = _counts(counts.encode("ascii", "replace") if isinstance(counts, str) else counts)
    if not isinstance(counts, list):
        kind = type(counts).__name__
        raise MaskError(f"a COCO mask has 'counts': run lengths as a list or as COCO's text; found {kind}")
    if wrong := [v for v in counts if type(v) is not int or v < 0]:
        raise MaskError(
            f"the 'counts' of a COCO mask hold {wrong[0]!r}: run lengths are whole numbers, zero or more"
        )
    if sum(counts) != size[0] * size[1]:
        raise MaskError(
            f"the runs of a COCO mask cover {sum(counts)} pixels, its size is {size[0]} x {size[1]}"
        )
    values = np.arange(len(counts)) % 2 == 1
    return np.ascontiguousarray(np.repeat(values, counts).reshape(size[1], size[0]).T)


def _plain(value: object) -> object:
    """Turn arrays and tuples into lists, and numbers of NumPy into Python's, whatever they are nested in."""
    if isinstance(value, (np.ndarray, np.generic)):
        return value.tolist()
    if isinstance(value, (list, tuple)):
        return [item.item() if isinstance(item, np.generic) else item for item in value]
    return value


def _positive(value: object) -> bool:
    return type(value) is int and value > 0


def _text(counts: list[int]) -> str:
    """Write COCO text: five bits a character, from the fourth run on differences to the last but one."""
    letters = []
    for index, count in enumerate(counts):
        value = count - counts[index - 2] if index > 2 else count
        more = True
        while more:
            bits = value & 31
            value >>= 5
            more = value != (-1 if bits & 16 else 0)
            letters.append(chr(bits + 32 * more + 48))
    return "".join(letters)


def _counts(text: bytes) -> list[int]:
    counts: list[int] = []
    value = shift = 0
    for letter in text:
        bits = letter - 48
        if not 0 <= bits < 64:
            raise MaskError(f"COCO counts hold the character {chr(letter)!r}, which their alphabet lacks")
        value |= (bits & 31) << shift
        shift += 5
        if bits & 32:
            continue
        if bits & 16:
            value -= 1 << shift
        counts.append(value + counts[-2] if len(counts) > 2 else value)
        value = shift = 0
    if shift:
        raise MaskError("COCO counts end in the middle of a number: the text was cut off")
    return counts
