"""Image files to pixels: one decoder for photographs, predictions and masks, which is right or refuses.

``docs/dataset.md`` has the matrix of what is read, and what is refused.
"""

import struct
import warnings
import zlib
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar, cast

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from .bmp import read_bmp
from .containers import SUFFIXES, container_of, refusal
from .conversion import to_srgb
from .extras import read_heif, read_jxl, read_raw
from .jpeg import read_jpeg
from .png import read_png
from .raster import MAX_PIXELS, Pixels, Raster, Rejected, Samples, damaged
from .simple import read_simple
from .tiff import CameraRaw, read_tiff
from .webp import read_webp

__all__ = [
    "MAX_PIXELS",
    "OTHER_MASKS",
    "SUFFIXES",
    "Pixels",
    "Raster",
    "Rejected",
    "container_of",
    "read_raster",
    "to_srgb",
    "upright",
]

_READERS: Final[dict[str, Callable[[bytes], Raster]]] = {
    "JPEG": read_jpeg,
    "PNG": read_png,
    "TIFF": read_tiff,
    "WEBP": read_webp,
    "BMP": read_bmp,
    "AVIF": lambda data: read_heif(data, "AVIF"),
    "HEIC": lambda data: read_heif(data, "HEIC"),
    "JXL": read_jxl,
    "RAW": read_raw,
}
_NONE: Final[Mapping[str, Callable[[bytes], Raster]]] = {}
# Decoders meet damaged files with whatever error the damage leads to.
_DAMAGE: Final = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    OverflowError,
    LookupError,
    TypeError,
    AttributeError,
    ArithmeticError,
    RuntimeError,
    MemoryError,
    Image.DecompressionBombError,
    struct.error,
    zlib.error,
    cv2.error,
)
# EXIF orientation → what turns the stored pixels upright.
_UPRIGHT: Final[dict[int, Callable[[Samples], object]]] = {
    2: lambda pixels: cv2.flip(pixels, 1),
    3: lambda pixels: cv2.rotate(pixels, cv2.ROTATE_180),
    4: lambda pixels: cv2.flip(pixels, 0),
    5: cv2.transpose,
    6: lambda pixels: cv2.rotate(pixels, cv2.ROTATE_90_CLOCKWISE),
    7: lambda pixels: cv2.rotate(cv2.transpose(pixels), cv2.ROTATE_180),
    8: lambda pixels: cv2.rotate(pixels, cv2.ROTATE_90_COUNTERCLOCKWISE),
}


PixelArray = TypeVar("PixelArray", bound=npt.NDArray[Any])

# Formats that masks come in beside those of photographs.
OTHER_MASKS: Final[dict[str, Callable[[bytes], Raster]]] = {"GIF": read_simple, "PNM": read_simple}


def read_raster(data: bytes, *, also: Mapping[str, Callable[[bytes], Raster]] = _NONE) -> Raster:
    """Decode an image file to its samples, with what is said of their colours.

    Args:
        data: the file's bytes.
        also: readers of further formats, see `OTHER_MASKS`.

    Raises:
        Rejected: ``decode`` for empty, damaged, fake and oversized files, and for what has no conversion
            to sRGB; ``alpha`` for transparent pixels.
    """
    if not data:
        raise Rejected("decode", "the file is empty")
    container = container_of(data)
    reader = _READERS.get(container) or also.get(container)
    if reader is None:
        raise Rejected("decode", refusal(container, data))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # remarks on metadata; what concerns pixels is an error
        try:
            return reader(data)
        except CameraRaw:
            pass
        except _DAMAGE as error:
            raise damaged(f"{error}" or type(error).__name__) from None
        try:
            return read_raw(data)
        except _DAMAGE as error:
            raise damaged(f"{error}" or type(error).__name__) from None


def upright(pixels: PixelArray, orientation: int) -> PixelArray:
    """Turn stored pixels upright by their EXIF orientation; of any depth and number of channels."""
    turn = _UPRIGHT.get(orientation)
    if turn is None:
        return pixels
    if pixels.dtype == np.uint32:  # which OpenCV turns as what it has a name for
        return cast("PixelArray", np.asarray(turn(pixels.view(np.int32))).view(np.uint32))
    return cast("PixelArray", turn(pixels))
