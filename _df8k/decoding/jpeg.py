"""JPEG through libjpeg-turbo, whose warnings count: they are how it tells a damaged file."""

import io
import re
from typing import Final

import numpy as np
import simplejpeg
from PIL import JpegImagePlugin

from .exif import colour_of, orientation_of, read_exif
from .raster import Colour, Pixels, Raster, Rejected, Samples, check_size, damaged

_CODES: Final = {"L": "GRAY", "RGB": "RGB", "CMYK": "CMYK"}
# Warnings about headers: some cameras and editors write them so, and no pixel depends on it.
_HARMLESS: Final = ("Invalid SOS parameters", "unknown JFIF revision", "Unknown Adobe color transform")
_UNUSUAL: Final = "subsampling level"
_MARKER: Final = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")  # behind a scan: neither stuffing nor a restart
_PROGRESSIVE: Final = (0xC2, 0xCA)
_SCAN, _END = 0xDA, 0xD9
_STANDALONE: Final = (0x01, *range(0xD0, 0xD9))
_COEFFICIENTS: Final = 64
_NEVER: Final = 99  # bits below the point that has come so far


def read_jpeg(data: bytes) -> Raster:
    """Decode a JPEG file, the first picture where it holds several.

    Raises:
        Rejected: damaged, or of a coding that libjpeg-turbo does not know.
    """
    with JpegImagePlugin.JpegImageFile(io.BytesIO(data)) as file:
        check_size(*file.size)
        mode, profile = file.mode, file.info.get("icc_profile") or b""
        exif, progressive = read_exif(file.info.get("exif", b"")), "progressive" in file.info
        if mode not in _CODES:
            raise Rejected("decode", f"JPEG of mode {mode} is not known: save it as RGB")
        samples: Samples = _strict(data, _CODES[mode])
        if mode == "CMYK":  # Pillow knows which files store their inks inverted
            del samples
            samples = np.asarray(file, dtype=np.uint8)
    if progressive:
        _check_scans(data)
    if mode == "L":
        samples = samples[..., 0] if samples.ndim == 3 else samples
    colour = Colour(profile=profile) if profile else colour_of(exif)
    kind = {"L": "grey", "RGB": "rgb", "CMYK": "cmyk"}[mode]
    return Raster(samples, kind, colour, orientation_of(exif), "JPEG", lossy=True)  # type: ignore[arg-type]


def _strict(data: bytes, code: str) -> Pixels:
    """Decode; what libjpeg warns of is damage."""
    try:
        pixels: Pixels = simplejpeg.decode_jpeg(data, code)
    except ValueError as error:
        if _UNUSUAL in str(error):
            raise Rejected("decode", "JPEG of unusual chroma subsampling is not read: save it anew") from None
        if not any(remark in str(error) for remark in _HARMLESS):
            raise damaged(str(error)) from None
    else:
        return pixels
    try:  # libjpeg tells its first warning alone: without the harmless one, is there another?
        return np.asarray(simplejpeg.decode_jpeg(_usual_headers(data), code), dtype=np.uint8)
    except ValueError as error:
        raise damaged(str(error)) from None


def _usual_headers(data: bytes) -> bytes:
    """Write the header fields that libjpeg warns of and passes over as every other writer does."""
    usual = bytearray(data)
    baseline = False
    for marker, start, end in _segments(data):
        if marker == 0xE0 and data[start : start + 5] == b"JFIF\0":
            usual[start + 5 : start + 7] = b"\x01\x02"
        elif marker == 0xEE and data[start : start + 5] == b"Adobe" and data[start + 11] not in (0, 1, 2):
            usual[start + 11] = 1
        elif marker in (0xC0, 0xC1):
            baseline = True
        elif marker == _SCAN and baseline:
            usual[end - 3 : end] = b"\x00\x3f\x00"
    return bytes(usual)


def _segments(data: bytes) -> list[tuple[int, int, int]]:
    """List marker, start and end of content of each segment up to the end of the first picture."""
    segments, position = [], 2
    while position + 4 <= len(data):
        if data[position] != 0xFF:
            match = _MARKER.search(data, position)
            if match is None:
                break
            position = match.start()
        marker = data[position + 1]
        if marker == _END:
            segments.append((marker, position + 2, position + 2))
            break
        if marker == 0xFF:
            position += 1
            continue
        if marker in _STANDALONE:
            position += 2
            continue
        end = position + 2 + int.from_bytes(data[position + 2 : position + 4], "big")
        segments.append((marker, position + 4, end))
        position = end
        if marker == _SCAN:
            match = _MARKER.search(data, end)
            position = len(data) if match is None else match.start()
    return segments


def _check_scans(data: bytes) -> None:
    """Refuse a progressive file whose later scans are lost, of which libjpeg says nothing."""
    precision: dict[int, list[int]] = {}
    for marker, start, end in _segments(data):
        if marker in _PROGRESSIVE:
            precision = {data[start + 6 + 3 * n]: [_NEVER] * _COEFFICIENTS for n in range(data[start + 5])}
        elif marker == _SCAN:
            first, last, low = data[end - 3], data[end - 2], data[end - 1] & 15
            for n in range(data[start]):
                levels = precision.get(data[start + 1 + 2 * n], [])
                levels[first : last + 1] = [low] * len(levels[first : last + 1])
    missing = sum(level != 0 for levels in precision.values() for level in levels)
    if missing:
        raise damaged(f"the last scans are missing: {missing} of its coefficients never come in full")
