"""HEIC, AVIF, JPEG XL and camera RAW, by packages that are not everybody's."""

import importlib.util
import io
from importlib import import_module
from typing import Any, Final

import numpy as np
from PIL import ImageFile

from .boxes import code_points
from .containers import install
from .exif import colour_of, orientation_of, read_exif
from .png_colour import coded_colour
from .raster import SRGB, Colour, Raster, Rejected, check_size, damaged, transparent

_FULL: Final = 255
_ZEROS: Final = bytes(1024)


def _module(package: str, name: str, container: str) -> Any:
    """Import a module of an optional package.

    Raises:
        Rejected: it is not installed.
    """
    if importlib.util.find_spec(package) is None:
        raise Rejected("decode", install(container))
    return import_module(name)


def read_heif(data: bytes, container: str) -> Raster:
    """Decode the primary picture of a HEIC or AVIF file.

    Raises:
        Rejected: the package is missing, damaged, transparent, or of high dynamic range.
    """
    points = code_points(data)
    stated = SRGB
    if points is not None:  # the samples come as full range RGB, whatever matrix the file uses
        stated = coded_colour(points[0], points[1], matrix=0, full=True, where="its colr box")
    if container == "AVIF":
        from PIL import AvifImagePlugin, features

        if not features.check("avif"):
            raise Rejected("decode", install(container))
        file: ImageFile.ImageFile = AvifImagePlugin.AvifImageFile(io.BytesIO(data))
    else:
        file = _module("pillow_heif", "pillow_heif.as_plugin", container).HeifImageFile(io.BytesIO(data))
    # These libraries turn the picture themselves, by the boxes; EXIF's word is a copy.
    return _of_pillow(file, data, stated, container, turned=True)


def read_jxl(data: bytes) -> Raster:
    """Decode a JPEG XL file.

    Raises:
        Rejected: the package is missing, damaged, or transparent.
    """
    plugin = _module("pillow_jxl", "pillow_jxl.JpegXLImagePlugin", "JXL")
    return _of_pillow(plugin.JXLImageFile(io.BytesIO(data)), data, SRGB, "JXL", turned=True)


def _of_pillow(
    file: ImageFile.ImageFile, data: bytes, stated: Colour, container: str, *, turned: bool
) -> Raster:
    if data.find(_ZEROS, len(data) // 2) >= 0:
        raise damaged(f"{len(_ZEROS)} zeros in compressed data, from a hole in the file")
    with file:
        check_size(*file.size)
        exif = read_exif(file.info.get("exif") or b"")
        profile = file.info.get("icc_profile") or b""
        file.load()
        if "A" in file.getbands():
            lowest = file.getchannel("A").getextrema()[0]
            if lowest != _FULL:
                raise transparent(float(lowest))  # type: ignore[arg-type]
        grey = file.mode in ("L", "LA", "I;16")
        if file.mode == "I;16":
            samples = np.asarray(file, dtype=np.uint16)
        else:
            mode = "L" if grey else "RGB"
            samples = np.asarray(file if file.mode == mode else file.convert(mode), dtype=np.uint8)
    colour = Colour(profile=profile) if profile else stated if stated != SRGB else colour_of(exif)
    orientation = 1 if turned else orientation_of(exif)
    return Raster(samples, "grey" if grey else "rgb", colour, orientation, container, lossy=True)


def read_raw(data: bytes) -> Raster:
    """Develop a camera RAW file as LibRaw does by default, with the camera's white balance, to sRGB.

    Raises:
        Rejected: the package is missing, or damaged.
    """
    rawpy = _module("rawpy", "rawpy", "RAW")
    try:
        with rawpy.imread(io.BytesIO(data)) as file:
            check_size(file.sizes.width, file.sizes.height)
            samples = file.postprocess(use_camera_wb=True, output_color=rawpy.ColorSpace.sRGB, output_bps=8)
    except rawpy.LibRawError as error:
        message = error.args[0] if error.args else error
        text = message.decode() if isinstance(message, bytes) else str(message)
        raise damaged(f"camera RAW: {text}") from None
    return Raster(np.asarray(samples, dtype=np.uint8), "rgb", container="RAW", lossy=True)
