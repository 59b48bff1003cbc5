"""TIFF: which page, what its samples mean, and by which library they come out right.

tifffile reads the tags. Pillow (libtiff) reads pixels of 8 bits, tifffile the others; where it lacks a codec,
OpenCV (libtiff) those of 16 bits in one plane. OpenCV gets separate planes wrong.
"""

import io
import logging
from contextlib import closing
from typing import Any, Final

import cv2
import numpy as np
import tifffile
from PIL import Image, TiffImagePlugin

from .exif import colour_of
from .raster import (
    SRGB_PRIMARIES,
    Colour,
    Kind,
    Primaries,
    Raster,
    Rejected,
    Samples,
    check_size,
    damaged,
    transparent,
)

# Without a handler the library's remarks on damaged files go to standard error.
logging.getLogger("tifffile").addHandler(logging.NullHandler())

_WHITE_IS_ZERO, _BLACK_IS_ZERO, _RGB, _PALETTE, _INK, _YCBCR = 0, 1, 2, 3, 5, 6
_LAB, _ICC_LAB = 8, 9
_KINDS: Final[dict[int, tuple[Kind, int]]] = {
    _WHITE_IS_ZERO: ("grey", 1),
    _BLACK_IS_ZERO: ("grey", 1),
    _RGB: ("rgb", 3),
    _PALETTE: ("rgb", 1),
    _INK: ("cmyk", 4),
    _YCBCR: ("rgb", 3),
    _LAB: ("lab", 3),
    _ICC_LAB: ("lab", 3),
}
_SENSOR: Final = (32803, 34892)  # what a sensor saw, for a converter of camera RAW
_REDUCED, _MASK = 1, 4  # bits of NewSubfileType
_LOSSY: Final = (6, 7, 34892, 33003, 33004, 33005, 34712, 50001, 34927)  # JPEG, JPEG 2000, WebP
_UNPACKED: Final = (1, 5, 8, 32773, 32946)  # none, LZW, Deflate, PackBits: what Pillow and OpenCV both read
_CODED: Final = (5, 8, 32946, 7)  # long runs of zeros do not occur in what these write
_ZEROS: Final = bytes(4096)
_PROFILE, _DNG_VERSION, _ORIENTATION = 34675, 50706, 274
_WHITE_POINT, _PRIMARIES, _TRANSFER = 318, 319, 301
_DEPTHS: Final = (8, 16, 32)


class CameraRaw(Exception):  # noqa: N818 - a way to another reader
    """TIFF file that holds what a sensor saw."""


def read_tiff(data: bytes) -> Raster:
    """Decode the picture of a TIFF file: the largest page that is no reduced copy and no mask.

    Raises:
        Rejected: damaged, transparent, several pictures, or samples without a conversion.
        CameraRaw: it holds what a sensor saw.
    """
    with closing(tifffile.TiffFile(io.BytesIO(data))) as file:
        pages = _pages(file)
        page, first = _picture(pages), pages[0]
        width, height = int(page.imagewidth), int(page.imagelength)
        form = int(page.photometric)
        if form in _SENSOR or _DNG_VERSION in first.tags:
            raise CameraRaw
        check_size(width, height)
        _check_segments(page, data)
        if form not in _KINDS:
            name = getattr(page.photometric, "name", form)
            raise Rejected("decode", f"TIFF of photometric interpretation {name} is not read: save it as RGB")
        colour = _colour(page if _PROFILE in page.tags else first, page, data)
        samples = _samples(page, _first_page(data, page), form)
        turned = page if _ORIENTATION in page.tags else first
        orientation = turned.tags[_ORIENTATION].value if _ORIENTATION in turned.tags else 1
        return Raster(
            samples,
            _KINDS[form][0],
            colour,
            int(orientation) if orientation in range(1, 9) else 1,
            "TIFF",
            lossy=int(page.compression) in _LOSSY,
        )


def _pages(file: tifffile.TiffFile) -> list[Any]:
    """List every page, with those that pages name as theirs."""
    pages: list[Any] = []
    for page in file.pages:
        pages.append(page)
        try:
            pages.extend(page.pages or ())
        except (tifffile.TiffFileError, IndexError, ValueError) as error:
            raise damaged(f"a page inside a page cannot be read: {error}") from None
    if not pages:
        raise damaged("the file holds no page")
    return pages


def _picture(pages: list[Any]) -> Any:
    """Choose the picture."""
    whole = [page for page in pages if not int(page.subfiletype) & (_REDUCED | _MASK)] or pages
    picture = max(whole, key=lambda page: page.imagewidth * page.imagelength)
    area = picture.imagewidth * picture.imagelength
    # A reduced copy whose writer did not say so has a quarter of the pixels, or fewer.
    others = [page for page in whole if page is not picture and 2 * page.imagewidth * page.imagelength > area]
    if others:
        raise Rejected("decode", f"the file holds {len(others) + 1} pictures: save each as a file of its own")
    return picture


def _check_segments(page: Any, data: bytes) -> None:
    """Refuse a page whose strips or tiles are missing, lie outside of the file or are holes in it."""
    offsets, counts = page.dataoffsets, page.databytecounts
    expected = int(np.prod(page.chunked)) if page.chunked else len(offsets)
    if len(offsets) < expected or len(counts) < expected:
        raise damaged(f"{len(offsets)} of {expected} strips or tiles are listed")
    for offset, count in zip(offsets, counts, strict=True):
        if offset <= 0 or count <= 0 or offset + count > len(data):
            raise damaged(f"truncated: a strip of {count} bytes at {offset}, the file has {len(data)}")
        if int(page.compression) in _CODED and data.find(_ZEROS, offset, offset + count) >= 0:
            raise damaged(f"{len(_ZEROS)} zeros in compressed data, from a hole in the file")


def _first_page(data: bytes, page: Any) -> bytes:
    """Let the file begin with this page, for readers that take the first."""
    big = b"+" in data[2:4]
    start, length = (8, 8) if big else (4, 4)
    offset = int(page.offset).to_bytes(length, "little" if data[:2] == b"II" else "big")
    if data[start : start + length] == offset:
        return data
    return data[:start] + offset + data[start + length :]


def _samples(page: Any, data: bytes, form: int) -> Samples:
    """Read the colour channels, opaque, black at zero."""
    kind, count = _KINDS[form]
    bits = page.bitspersample
    if int(page.sampleformat) != 1 or not isinstance(bits, int) or (bits > 8 and bits not in _DEPTHS):
        name = getattr(page.sampleformat, "name", page.sampleformat)
        raise Rejected(
            "decode", f"TIFF of {bits} bits ({name}): whole numbers without sign of 8, 16 or 32 bits are read"
        )
    total = int(page.samplesperpixel)
    if total < count:
        raise damaged(f"{total} channels, of which {count} are colours")
    opacity = [n for n, extra in enumerate(page.extrasamples[: total - count], count) if int(extra) in (1, 2)]
    plain = bits <= 8 and (bits == 8 or count == total == 1) and form not in (_LAB, _ICC_LAB)
    if plain and not opacity and total == count:
        return _by_pillow(data, kind)
    if form in (_PALETTE, _YCBCR) and (bits > 8 or total > count):
        raise Rejected("decode", "TIFF of a palette or YCbCr beyond 8 bits a channel: save it as RGB")
    stored = _by_channel(page, data, total, bits)
    highest = int(np.iinfo(stored.dtype).max)
    for channel in opacity:
        lowest = int(stored[..., channel].min())
        if lowest < highest:
            raise transparent(lowest * 255 / highest)
    samples = stored[..., 0] if count == 1 else stored[..., :count]
    if form == _WHITE_IS_ZERO:
        samples = highest - samples
    if form == _LAB:  # a* and b* have a sign here, and 128 for 0 elsewhere
        half = np.array([0, (highest + 1) // 2, (highest + 1) // 2], samples.dtype)
        samples = samples ^ half
    return np.ascontiguousarray(samples)


def _by_pillow(data: bytes, kind: Kind) -> Samples:
    with TiffImagePlugin.TiffImageFile(io.BytesIO(data)) as file:
        file.load()
        mode = {"grey": "L", "rgb": "RGB", "cmyk": "CMYK"}[kind]
        return np.asarray(file if file.mode == mode else file.convert(mode), dtype=np.uint8)


def _by_channel(page: Any, data: bytes, total: int, bits: int) -> Samples:
    """Read every channel of a page: ``(H, W, C)``."""
    height, width = int(page.imagelength), int(page.imagewidth)
    lacking = ""
    try:
        stored = np.asarray(page.asarray())
    except ValueError as error:
        if "imagecodecs" not in str(error):
            raise
        lacking = str(error)
    if lacking:
        stored = _by_opencv(page, data, total, bits)
    elif int(page.planarconfig) == 2 and total > 1:
        stored = np.moveaxis(stored.reshape(total, height, width), 0, -1)
    stored = stored.reshape(height, width, total)
    if stored.dtype not in (np.uint8, np.uint16, np.uint32):
        raise Rejected("decode", f"TIFF of {stored.dtype} samples is not read: save it with 8 or 16 bits")
    return stored


def _by_opencv(page: Any, data: bytes, total: int, bits: int) -> Samples:
    usual = int(page.planarconfig) == 1 and int(page.photometric) in (_BLACK_IS_ZERO, _RGB)
    if usual and bits == 16 and total in (1, 3) and int(page.compression) in _UNPACKED:
        flags = cv2.IMREAD_UNCHANGED | cv2.IMREAD_IGNORE_ORIENTATION
        stored = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
        if stored is None or stored.dtype != np.uint16:
            raise damaged("its strips cannot be decompressed")
        return np.asarray(stored if total == 1 else stored[..., ::-1])
    raise Rejected(
        "decode",
        f"TIFF with compression {getattr(page.compression, 'name', page.compression)} in this layout needs a "
        "package that is not installed: pip install 'df8k[tiff]'",
    )


def _colour(profiled: Any, page: Any, data: bytes) -> Colour:
    if _PROFILE in profiled.tags:
        value = profiled.tags[_PROFILE].value
        return Colour(profile=bytes(value))
    if _PRIMARIES in page.tags or _TRANSFER in page.tags:
        _check_colorimetry(page)
    exif = Image.Exif()
    exif.load_from_fp(io.BytesIO(data), page.offset)
    return colour_of(exif)


def _check_colorimetry(page: Any) -> None:
    """Refuse primaries and curves of TIFF 6.0, section 20, that are not sRGB's."""
    from .png_colour import alike

    values = _fractions(page.tags[_PRIMARIES].value) if _PRIMARIES in page.tags else ()
    white = _fractions(page.tags[_WHITE_POINT].value) if _WHITE_POINT in page.tags else SRGB_PRIMARIES.white
    if len(values) == 6 and len(white) == 2:
        stated = Primaries(values[:2], values[2:4], values[4:], white)
        if not alike(stated, SRGB_PRIMARIES):
            raise Rejected("decode", "TIFF states primaries other than sRGB's: embed a profile")
    if _TRANSFER in page.tags:
        raise Rejected("decode", "TIFF states a transfer function: embed a profile in its place")


def _fractions(value: tuple[int, ...]) -> tuple[float, ...]:
    """Read rationals, which come as numerator and denominator in turn."""
    return tuple(a / b if b else 0.0 for a, b in zip(value[::2], value[1::2], strict=False))
