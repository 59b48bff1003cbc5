"""Photograph of a user: upright sRGB pixels to fill, and its own 16-bit samples where it has them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from _df8k.files import atomic_path
from df8k.errors import FillError
from df8k.images import Rejected, decode, png_buffer

Pixels = npt.NDArray[np.uint8]
Samples = npt.NDArray[np.uint16]
Hole = npt.NDArray[np.bool_]

LOSSLESS: Final = (".png", ".tif", ".tiff", ".webp")
SUFFIXES: Final = (*LOSSLESS, ".jpg", ".jpeg")
_DEEP: Final = (".png", ".tif", ".tiff")
_STRIP: Final = 128


@dataclass(frozen=True)
class Photo:
    """Photograph as a method gets it.

    Attributes:
        name: what messages call it.
        pixels: uint8 sRGB ``(H, W, 3)``, upright.
        samples: uint16 RGB ``(H, W, 3)`` of a file with 16 bits that needed no conversion of colours or
            orientation, so that its known pixels can be kept; ``None`` otherwise.
    """

    name: str
    pixels: Pixels
    samples: Samples | None = None


def read_photo(source: str | Path | Pixels) -> Photo:
    """Read a photograph; its orientation is applied and its colours are converted to sRGB.

    Args:
        source: a file, or uint8 RGB ``(H, W, 3)``.

    Raises:
        FillError: not a picture that can be filled.
        OSError: the file cannot be read.
    """
    if isinstance(source, np.ndarray):
        if source.dtype != np.uint8 or source.ndim != 3 or source.shape[2] != 3 or source.size == 0:
            raise FillError(f"the photo is {source.dtype} {source.shape}: uint8 RGB (H, W, 3) is expected")
        return Photo("the photo", source)
    path = Path(source)
    data = path.read_bytes()
    try:
        pixels = decode(data)
    except Rejected as rejected:
        raise FillError(f"{path}: {rejected.detail}: an opaque, undamaged photograph is expected") from None
    return Photo(str(path), pixels, _deep_samples(data, pixels))


def _deep_samples(data: bytes, pixels: Pixels) -> Samples | None:
    """Decode 16-bit samples, if the 8-bit pixels are these and nothing but these, scaled."""
    if not data.startswith((b"\x89PNG", b"II*\0", b"MM\0*")):
        return None
    flags = cv2.IMREAD_UNCHANGED | cv2.IMREAD_IGNORE_ORIENTATION
    decoded = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    if decoded is None or decoded.dtype != np.uint16 or decoded.shape != pixels.shape:
        return None
    samples: Samples = np.ascontiguousarray(decoded[..., ::-1])
    for top in range(0, len(samples), _STRIP):
        rows = slice(top, top + _STRIP)
        if not np.array_equal((samples[rows].astype(np.uint32) * 255 + 32767) // 65535, pixels[rows]):
            return None
    return samples


def check_target(path: Path) -> None:
    """Check that a filled picture can be stored under a name.

    Raises:
        FillError: a suffix that is none of `SUFFIXES`.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise FillError(f"{path}: the name must end in one of {', '.join(SUFFIXES)}; .png keeps every pixel")


def write_photo(path: Path, filled: Pixels, photo: Photo, hole: Hole) -> None:
    """Store a filled picture, whole or not at all.

    PNG, TIFF and lossless WebP keep every pixel. PNG and TIFF keep 16 bits where the photograph has them:
    known pixels are the photograph's own samples, filled ones are 8 bits spread over 16. No other metadata is
    carried along: the pixels are upright sRGB.

    Args:
        path: its suffix chooses the container.
        filled: uint8 RGB ``(H, W, 3)``.
        photo: what was filled.
        hole: bool ``(H, W)``, ``True`` = missing.

    Raises:
        FillError: a suffix that is none of `SUFFIXES`.
        OSError: the file cannot be written.
    """
    check_target(path)
    suffix = path.suffix.lower()
    with atomic_path(path) as temporary:
        if photo.samples is not None and suffix in _DEEP:
            deep = photo.samples.copy()
            deep[hole] = filled[hole].astype(np.uint16) * 257
            if not cv2.imwrite(str(temporary), deep[..., ::-1]):
                raise OSError(f"{path} could not be encoded with 16 bits")
        elif suffix == ".png":
            temporary.write_bytes(png_buffer(filled))
        elif suffix == ".webp":
            Image.fromarray(filled).save(temporary, lossless=True)
        elif suffix in LOSSLESS:
            Image.fromarray(filled).save(temporary)
        else:
            Image.fromarray(filled).save(temporary, quality=95, subsampling=0)
