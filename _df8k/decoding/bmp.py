"""BMP through Pillow, and what its later headers say of colour and opacity."""

import io
import struct
from typing import Final

import numpy as np
from PIL import BmpImagePlugin

from .png_colour import alike
from .raster import SRGB, SRGB_PRIMARIES, Colour, Primaries, Raster, Rejected, check_size, transparent

_V4, _V5 = 108, 124  # lengths of the headers that state a colour space
_START: Final = 14  # of the header that follows the file's own
_CALIBRATED, _LINKED, _EMBEDDED = b"\0\0\0\0", b"KNIL", b"DEBM"
_FULL: Final = 255


def read_bmp(data: bytes) -> Raster:
    """Decode a BMP file.

    Alpha that is zero everywhere is no alpha: writers leave the byte at zero, and viewers show the picture.

    Raises:
        Rejected: damaged, transparent, or its profile lies in another file.
    """
    with BmpImagePlugin.BmpImageFile(io.BytesIO(data)) as file:
        check_size(*file.size)
        file.load()
        if "A" in file.getbands():
            lowest, highest = file.getchannel("A").getextrema()
            if lowest != _FULL and highest != 0:
                raise transparent(float(lowest))  # type: ignore[arg-type]
        grey = file.mode in ("1", "L")
        samples = np.asarray(file.convert("L" if grey else "RGB"), dtype=np.uint8)
    return Raster(samples, "grey" if grey else "rgb", _colour(data), 1, "BMP")


def _colour(data: bytes) -> Colour:
    (length,) = struct.unpack_from("<I", data, _START)
    if length < _V4:
        return SRGB
    space = data[_START + 56 : _START + 60]
    if space == _LINKED:
        raise Rejected(
            "decode", "its profile lies in another file, which it names: embed it, or save as sRGB"
        )
    if space == _EMBEDDED and length >= _V5:
        offset, size = struct.unpack_from("<II", data, _START + 112)
        return Colour(profile=data[_START + offset : _START + offset + size])
    return _calibrated(data) if space == _CALIBRATED else SRGB


def _calibrated(data: bytes) -> Colour:
    """Read the primaries, as XYZ that add up to white, and the exponent; zeros state nothing."""
    corners = np.array(struct.unpack_from("<9i", data, _START + 60), float).reshape(3, 3) / (1 << 30)
    gamma = struct.unpack_from("<I", data, _START + 96)[0] / 65536
    if not corners.sum(axis=1).all() or not gamma:
        return SRGB
    white = corners.sum(axis=0)
    points = [(float(row[0] / row.sum()), float(row[1] / row.sum())) for row in (*corners, white)]
    primaries = Primaries(*points)
    same = alike(primaries, SRGB_PRIMARIES)
    if same and abs(gamma - 2.2) < 0.05:
        return SRGB
    return Colour(primaries=SRGB_PRIMARIES if same else primaries, transfer=gamma)
