"""One candidate at a time: decode, check, and store the pixels under their ID."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from .decode import Rejected, decode
from .files import sha256_of, write_bytes, write_text
from .identity import ID_LENGTH, pixel_sha256

# Level 1 writes an 8K photo three times faster than level 6 and some percent larger.
_PNG: Final = (cv2.IMWRITE_PNG_COMPRESSION, 1)


@dataclass(frozen=True, kw_only=True)
class Record:
    """What the bytes of one file turned out to be.

    Attributes:
        source_sha256: hash of the file as found.
        reason: why it is rejected on its own account; empty when it is fit.
        detail: finding behind the reason.
        width: pixels, upright; 0 when it does not decode.
        height: likewise.
        pixel_sha256: see `identity.pixel_sha256`; empty unless fit.
        file_sha256: hash of the stored PNG; empty unless fit.
    """

    source_sha256: str
    reason: str = ""
    detail: str = ""
    width: int = 0
    height: int = 0
    pixel_sha256: str = ""
    file_sha256: str = ""

    @property
    def id(self) -> str:
        """Image ID; empty unless fit."""
        return self.pixel_sha256[:ID_LENGTH]


@dataclass(frozen=True, kw_only=True)
class Examination:
    """A task for `examine`: which file, by which rules, and where its results go."""

    path: Path
    source_sha256: str
    min_side: int
    records: Path
    images: Path


def examine(task: Examination) -> Record:
    """Decode and check one file; results of an earlier, interrupted build are taken as they are.

    The record is written last: where it exists, so does the image.

    Raises:
        OSError: the file vanished, or the output cannot be written.
    """
    path = task.records / f"{task.source_sha256}.json"
    if path.exists():
        return Record(**json.loads(path.read_text(encoding="utf-8")))
    record = _examine(task)
    write_text(path, json.dumps(asdict(record)))
    return record


def _examine(task: Examination) -> Record:
    try:
        pixels = decode(task.path.read_bytes())
    except Rejected as rejection:
        return Record(source_sha256=task.source_sha256, reason=rejection.reason, detail=rejection.detail)
    height, width, _ = pixels.shape
    if min(height, width) < task.min_side:
        return Record(
            source_sha256=task.source_sha256,
            reason="resolution",
            detail=f"short side {min(height, width)} px, at least {task.min_side} wanted",
            width=width,
            height=height,
        )
    digest = pixel_sha256(pixels)
    stored = task.images / f"{digest[:ID_LENGTH]}.png"
    write_bytes(stored, encode_png(pixels))
    return Record(
        source_sha256=task.source_sha256,
        width=width,
        height=height,
        pixel_sha256=digest,
        file_sha256=sha256_of(stored),
    )


def encode_png(pixels: npt.NDArray[np.uint8]) -> bytes:
    """Encode uint8 RGB ``(H, W, 3)`` as PNG, losslessly."""
    _, encoded = cv2.imencode(".png", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR), _PNG)
    return encoded.tobytes()
