"""PNG: chunks checked here, pixels by Pillow and OpenCV, colour by the precedence of the specification.

PNG third edition, https://www.w3.org/TR/png-3/: section 4.3 has the precedence of the colour chunks, 13.2
what a decoder does about errors.
"""

import io
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import cv2
import numpy as np
from PIL import PngImagePlugin

from .exif import colour_of, orientation_of, read_exif
from .png_colour import png_colour
from .raster import Kind, Raster, Rejected, Samples, check_size, damaged, transparent

SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_GREY, _RGB, _PALETTE, _GREY_ALPHA, _RGB_ALPHA = 0, 2, 3, 4, 6
_CHANNELS: Final = {_GREY: 1, _RGB: 3, _PALETTE: 1, _GREY_ALPHA: 2, _RGB_ALPHA: 4}
_DEPTHS: Final = {
    _GREY: (1, 2, 4, 8, 16),
    _RGB: (8, 16),
    _PALETTE: (1, 2, 4, 8),
    _GREY_ALPHA: (8, 16),
    _RGB_ALPHA: (8, 16),
}
_COLOUR: Final = (b"cICP", b"iCCP", b"sRGB", b"gAMA", b"cHRM")
# Columns and rows of Adam7's passes: first and step.
_PASSES: Final = (
    (0, 8, 0, 8),
    (4, 8, 0, 8),
    (0, 4, 4, 8),
    (2, 4, 0, 4),
    (0, 2, 2, 4),
    (1, 2, 0, 2),
    (0, 1, 1, 2),
)
_DEEP: Final = 16
_ANCILLARY: Final = 32  # bit of the first letter of a chunk's name


@dataclass(frozen=True)
class _Chunks:
    """Parts of a PNG file that decide its pixels.

    Attributes:
        header: of ``IHDR``, without its checksum.
        palette: of ``PLTE``.
        key: of ``tRNS``.
        exif: of ``eXIf``.
        colour: chunk name → content.
        data: the content of every ``IDAT``.
    """

    header: bytes
    palette: bytes
    key: bytes
    exif: bytes
    colour: dict[bytes, bytes]
    data: list[memoryview] = field(repr=False)


def read_png(data: bytes) -> Raster:
    """Decode a PNG file; of an animation, the picture that plain viewers show.

    Raises:
        Rejected: damaged, transparent, or of colours that cannot be converted.
    """
    chunks = _read_chunks(data)
    width, height, depth, form, _, _, interlaced = struct.unpack(">IIBBBBB", chunks.header)
    check_size(width, height)
    if depth not in _DEPTHS.get(form, ()) or interlaced > 1:
        raise damaged(f"its header names colour type {form} with {depth} bits")
    colour = png_colour(chunks.colour)
    exif = read_exif(chunks.exif)
    if not chunks.colour:
        colour = colour_of(exif)
    kind: Kind = "grey" if form in (_GREY, _GREY_ALPHA) else "rgb"
    if depth == _DEEP:  # libpng, inside OpenCV, would print what is wrong
        _check_rows(chunks)
        samples = _deep_samples(chunks, form)
    else:
        try:
            samples = _samples(chunks)
        except Rejected:
            _check_rows(chunks)  # absent rows are transparent, too
            raise
        if interlaced or not samples[-1].any():  # absent rows are black
            _check_rows(chunks)
    return Raster(samples, kind, colour, orientation_of(exif), "PNG")


def _read_chunks(data: bytes) -> _Chunks:
    """Read and check the chunks; of those without influence on the pixels, nothing is asked."""
    header = palette = key = exif = b""
    colour: dict[bytes, bytes] = {}
    pixels: list[memoryview] = []
    for name, content, intact in _walk(data):
        sound = intact or name == b"iCCP"  # a profile has a checksum of its own, inside
        if not sound and (name in (b"tRNS", *_COLOUR) or not name[0] & _ANCILLARY):
            raise damaged(f"the checksum of its chunk {name.decode('latin-1')} is wrong")
        if not sound:
            continue  # a comment, a date, a resolution: the pixels are whole
        if name == b"IDAT":
            pixels.append(content)
        elif name == b"IHDR":
            header = bytes(content)
        elif name == b"PLTE":
            palette = bytes(content)
        elif name == b"tRNS":
            key = bytes(content)
        elif name == b"eXIf":
            exif = exif or bytes(content)
        elif name in _COLOUR:
            colour.setdefault(name, bytes(content))
    if len(header) != 13 or not pixels:
        raise damaged("it has no header or no image data")
    return _Chunks(header, palette, key, exif, colour, pixels)


def _walk(data: bytes) -> Iterator[tuple[bytes, memoryview, bool]]:
    """List name, content and whether its checksum is right of each chunk, up to ``IEND``."""
    view, position = memoryview(data), len(SIGNATURE)
    while position + 12 <= len(data):
        length = int.from_bytes(view[position : position + 4], "big")
        end = position + 8 + length
        name = bytes(view[position + 4 : position + 8])
        if end + 4 > len(data):
            raise damaged(f"truncated inside its chunk {name.decode('latin-1')}")
        stated = int.from_bytes(view[end : end + 4], "big")
        yield name, view[position + 8 : end], zlib.crc32(view[position + 4 : end]) == stated
        if name == b"IEND":
            return
        position = end + 4
    raise damaged("truncated: it has no IEND chunk")


def _stream(chunks: _Chunks, *, keyed: bool) -> bytes:
    """Write a PNG file of nothing but what decides the pixels."""
    parts = [SIGNATURE, *_chunk(b"IHDR", chunks.header)]
    if chunks.palette:
        parts += _chunk(b"PLTE", chunks.palette)
    if chunks.key and keyed:
        parts += _chunk(b"tRNS", chunks.key)
    for content in chunks.data:
        parts += _chunk(b"IDAT", content)
    return b"".join([*parts, *_chunk(b"IEND", b"")])


def _chunk(name: bytes, content: bytes | memoryview) -> list[bytes | memoryview]:
    checksum = zlib.crc32(content, zlib.crc32(name))
    return [len(content).to_bytes(4, "big") + name, content, checksum.to_bytes(4, "big")]


def _samples(chunks: _Chunks) -> Samples:
    """Decode up to 8 bits: grey ``(H, W)`` or RGB ``(H, W, 3)``."""
    with PngImagePlugin.PngImageFile(io.BytesIO(_stream(chunks, keyed=True))) as file:
        file.load()
        form = chunks.header[9]
        if chunks.key or form in (_GREY_ALPHA, _RGB_ALPHA):
            alpha = (file if "A" in file.getbands() else file.convert("RGBA")).getchannel("A")
            lowest = alpha.getextrema()[0]
            if lowest != 255:
                raise transparent(float(lowest))  # type: ignore[arg-type]
        mode = "L" if form in (_GREY, _GREY_ALPHA) else "RGB"
        return np.asarray(file if file.mode == mode else file.convert(mode), dtype=np.uint8)


def _deep_samples(chunks: _Chunks, form: int) -> Samples:
    """Decode 16 bits: uint16, grey ``(H, W)`` or RGB ``(H, W, 3)``."""
    flags = cv2.IMREAD_UNCHANGED | cv2.IMREAD_IGNORE_ORIENTATION
    stored = cv2.imdecode(np.frombuffer(_stream(chunks, keyed=False), np.uint8), flags)
    if stored is None or stored.dtype != np.uint16:
        raise damaged("its 16-bit image data cannot be read to the end")
    if form in (_GREY_ALPHA, _RGB_ALPHA):
        lowest = int(stored[..., -1].min())
        if lowest != 65535:
            raise transparent(lowest / 257)
    samples: Samples = stored if stored.ndim == 2 else stored[..., 2::-1]
    if form in (_GREY, _GREY_ALPHA):
        samples = samples if samples.ndim == 2 else samples[..., 0]
    if chunks.key:
        named = np.frombuffer(chunks.key, ">u2")[: _CHANNELS[form]]
        if np.any(samples == named[0] if samples.ndim == 2 else (samples == named).all(axis=-1)):
            raise transparent(0)
    return samples


def _check_rows(chunks: _Chunks) -> None:
    """Refuse compressed data that end before the last row: decoders leave the others as they are."""
    width, height, depth, form, _, _, interlaced = struct.unpack(">IIBBBBB", chunks.header)
    bits = depth * _CHANNELS[form]
    passes = _PASSES if interlaced else ((0, 1, 0, 1),)
    expected = 0
    for left, across, top, down in passes:
        columns, rows = -(-(width - left) // across), -(-(height - top) // down)
        if columns > 0 and rows > 0:
            expected += rows * (1 + -(-columns * bits // 8))
    inflater, total = zlib.decompressobj(), 0
    try:
        for content in chunks.data:
            block = inflater.decompress(content, 1 << 20)
            while block:
                total += len(block)
                block = inflater.decompress(inflater.unconsumed_tail, 1 << 20)
    except zlib.error as error:
        raise damaged(error) from None
    if total < expected:
        raise damaged("its image data end before the last row")
