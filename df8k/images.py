"""Image files: from one of unknown quality to upright 8-bit sRGB pixels, or to a reason why not; and back."""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from _df8k.decoding import MAX_PIXELS, SUFFIXES, Pixels, Rejected, read_raster, to_srgb, upright

__all__ = [
    "MAX_PIXELS",
    "SUFFIXES",
    "Decoded",
    "Pixels",
    "Rejected",
    "decode",
    "encode_jpeg",
    "encode_png",
    "png_buffer",
    "read_image",
]

# See docs/dataset.md: the upward filter is a third faster than one chosen per line, and 2 % larger.
_PNG: Final = (cv2.IMWRITE_PNG_COMPRESSION, 1, cv2.IMWRITE_PNG_FILTER, cv2.IMWRITE_PNG_FILTER_UP)


@dataclass(frozen=True)
class Decoded:
    """Pixels of a decoded file.

    Attributes:
        pixels: uint8 RGB ``(H, W, 3)``.
        native: whether the file stores RGB or grey, so that its colours came out as they are.
        container: file format, such as ``PNG``.
        lossy: whether the file's coding loses something.
    """

    pixels: Pixels
    native: bool
    container: str = ""
    lossy: bool = False


def decode(data: bytes) -> Pixels:
    """Decode an image file to uint8 RGB ``(H, W, 3)``; see `read_image`.

    Raises:
        Rejected: see `read_image`.
    """
    return read_image(data).pixels


def read_image(data: bytes) -> Decoded:
    """Decode an image file; ``docs/dataset.md`` has what is read, and how colours are converted.

    EXIF orientation is applied, colours are converted to sRGB, samples of more than 8 bits are scaled
    (``round(v · 255 / 65535)``), grey becomes three equal channels. At no time are more than two decoded
    images in memory: the decoder's, and the one that is returned.

    Args:
        data: the file's bytes.

    Raises:
        Rejected: ``decode`` for empty, damaged, fake or oversized files and for colours without a conversion,
            ``alpha`` for transparent pixels.
    """
    raster = read_raster(data)
    native, orientation = raster.kind in ("rgb", "grey"), raster.orientation
    container, lossy = raster.container, raster.lossy
    pixels = to_srgb(raster)
    del raster  # frees the samples before the pixels are turned
    return Decoded(upright(pixels, orientation), native=native, container=container, lossy=lossy)


def encode_png(image: Pixels) -> bytes:
    """Encode uint8 RGB ``(H, W, 3)`` as PNG, losslessly."""
    return png_buffer(image).tobytes()


def png_buffer(image: Pixels) -> memoryview:
    """Encode as `encode_png` does, without the copy that bytes are; at 8K they are 100 MB."""
    return _encode(".png", image, _PNG)


def encode_jpeg(image: Pixels, quality: int) -> bytes:
    """Encode uint8 RGB ``(H, W, 3)`` as JPEG of a ``quality`` from 1 to 100."""
    return _encode(".jpg", image, (cv2.IMWRITE_JPEG_QUALITY, quality)).tobytes()


def _encode(suffix: str, image: Pixels, flags: tuple[int, ...]) -> memoryview:
    _, encoded = cv2.imencode(suffix, cv2.cvtColor(image, cv2.COLOR_RGB2BGR), flags)
    return np.asarray(encoded, dtype=np.uint8).data
