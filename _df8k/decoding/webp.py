"""WebP through Pillow."""

import io
from typing import Final

import numpy as np
from PIL import WebPImagePlugin

from .exif import colour_of, orientation_of, read_exif
from .raster import Colour, Raster, check_size, damaged, transparent

_FULL: Final = 255
_ZEROS: Final = bytes(1024)  # neither coding writes so many


def read_webp(data: bytes) -> Raster:
    """Decode a WebP file, the first picture of an animation.

    Raises:
        Rejected: damaged or transparent.
    """
    lossy = _check_chunks(data)
    with WebPImagePlugin.WebPImageFile(io.BytesIO(data)) as file:
        check_size(*file.size)
        file.load()
        if "A" in file.getbands():
            lowest = file.getchannel("A").getextrema()[0]
            if lowest != _FULL:
                raise transparent(float(lowest))  # type: ignore[arg-type]
        samples = np.asarray(file if file.mode == "RGB" else file.convert("RGB"), dtype=np.uint8)
        profile, exif = file.info.get("icc_profile") or b"", read_exif(file.info.get("exif", b""))
    colour = Colour(profile=profile) if profile else colour_of(exif)
    return Raster(samples, "rgb", colour, orientation_of(exif), "WEBP", lossy=lossy)


def _check_chunks(data: bytes) -> bool:
    """Refuse a file with a hole or without its end; tell whether it is lossy."""
    length = 8 + int.from_bytes(data[4:8], "little")
    if length > len(data) + (length & 1):
        raise damaged(f"truncated: {len(data)} of {length} bytes")
    position, lossy = 12, False
    while position + 8 <= min(length, len(data)):
        name, size = (
            data[position : position + 4],
            int.from_bytes(data[position + 4 : position + 8], "little"),
        )
        start, end = position + 8, position + 8 + size
        if name == b"ANMF":  # a frame: its own header, then chunks
            start, end, size = start + 16, start + 16, 16
        if name in (b"VP8 ", b"VP8L") and data.find(_ZEROS, start, end) >= 0:
            raise damaged(f"{len(_ZEROS)} zeros in compressed data, from a hole in the file")
        lossy = lossy or name == b"VP8 "
        position = end + (size & 1)
    return lossy
