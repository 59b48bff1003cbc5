"""Colour chunks of PNG: cICP before iCCP before sRGB before gAMA and cHRM (third edition, section 4.3)."""

import struct
import zlib
from collections.abc import Mapping
from typing import Final, Literal

from .raster import D65, SRGB, SRGB_PRIMARIES, Colour, Primaries, Rejected

# ITU-T H.273, table 2, those with a white of their own: code → red, green, blue, white.
PRIMARIES: Final[Mapping[int, Primaries]] = {
    1: SRGB_PRIMARIES,
    4: Primaries((0.67, 0.33), (0.21, 0.71), (0.14, 0.08), (0.310, 0.316)),
    5: Primaries((0.64, 0.33), (0.29, 0.60), (0.15, 0.06), D65),
    6: Primaries((0.630, 0.340), (0.310, 0.595), (0.155, 0.070), D65),
    7: Primaries((0.630, 0.340), (0.310, 0.595), (0.155, 0.070), D65),
    9: Primaries((0.708, 0.292), (0.170, 0.797), (0.131, 0.046), D65),
    11: Primaries((0.680, 0.320), (0.265, 0.690), (0.150, 0.060), (0.314, 0.351)),
    12: Primaries((0.680, 0.320), (0.265, 0.690), (0.150, 0.060), D65),
}
# Table 3: code → curve that decodes samples.
TRANSFERS: Final[Mapping[int, Literal["srgb", "bt709"] | float]] = {
    1: "bt709",
    4: 2.2,
    5: 2.8,
    6: "bt709",
    8: 1.0,
    13: "srgb",
    14: "bt709",
    15: "bt709",
}
_HDR: Final = {16: "PQ", 18: "HLG"}
_UNSTATED: Final = 2
_LARGEST_PROFILE: Final = 64_000_000
# The specification tells writers of sRGB to state 1/2.2; libpng, too, takes it for the curve of sRGB.
_SRGB_GAMMA: Final = range(45000, 46001)
_TOLERANCE: Final = 0.002  # of a chromaticity: writers round


def png_colour(chunks: Mapping[bytes, bytes]) -> Colour:
    """Read the colour of a file from its chunks; a malformed chunk says nothing, as for libpng.

    Raises:
        Rejected: high dynamic range, or a code that has no conversion here.
    """
    if len(chunks.get(b"cICP", b"")) == 4:
        primaries, transfer, matrix, full = chunks[b"cICP"]
        return coded_colour(primaries, transfer, matrix=matrix, full=bool(full), where="cICP")
    profile = _profile(chunks.get(b"iCCP", b""))
    if profile:
        return Colour(profile=profile)
    if b"sRGB" in chunks:
        return SRGB
    return _measured(chunks.get(b"gAMA", b""), chunks.get(b"cHRM", b""))


def coded_colour(primaries: int, transfer: int, *, matrix: int, full: bool, where: str) -> Colour:
    """Read code points of ITU-T H.273.

    Raises:
        Rejected: high dynamic range, video range, or codes without a conversion here.
    """
    if transfer in _HDR:
        raise Rejected(
            "decode",
            f"high dynamic range: {where} states the {_HDR[transfer]} curve (transfer {transfer}); tone-map "
            "it to sRGB yourself",
        )
    if matrix or not full:
        raise Rejected("decode", f"{where} states video range or YCbCr (matrix {matrix}): save it as sRGB")
    curve = "srgb" if transfer == _UNSTATED else TRANSFERS.get(transfer)
    gamut = SRGB_PRIMARIES if primaries == _UNSTATED else PRIMARIES.get(primaries)
    if curve is None or gamut is None:
        raise Rejected(
            "decode", f"{where} states primaries {primaries} and transfer {transfer}: save it as sRGB"
        )
    return Colour(primaries=gamut, transfer=curve)


def _profile(chunk: bytes) -> bytes:
    name, separator, rest = chunk.partition(b"\0")
    if not separator or len(name) > 79 or rest[:1] != b"\0":
        return b""
    inflater = zlib.decompressobj()
    try:
        profile = inflater.decompress(rest[1:], _LARGEST_PROFILE)
    except zlib.error:
        return b""
    if inflater.unconsumed_tail:
        raise Rejected("decode", f"its profile is larger than {_LARGEST_PROFILE // 10**6} MB")
    return profile


def _measured(gamma: bytes, chromaticities: bytes) -> Colour:
    primaries = SRGB_PRIMARIES
    if len(chromaticities) == 32:
        values = [value / 100_000 for value in struct.unpack(">8I", chromaticities)]
        white, red, green, blue = zip(values[::2], values[1::2], strict=True)
        if _usable(red, green, blue, white):
            primaries = Primaries(red, green, blue, white)
    if alike(primaries, SRGB_PRIMARIES):
        primaries = SRGB_PRIMARIES
    stated = int.from_bytes(gamma, "big") if len(gamma) == 4 else 0
    if not stated or (stated in _SRGB_GAMMA and primaries == SRGB_PRIMARIES):
        return Colour(primaries=primaries)
    return Colour(primaries=primaries, transfer=100_000 / stated)


def alike(one: Primaries, other: Primaries) -> bool:
    """Tell whether primaries are the same up to rounding."""
    pairs = zip(
        (*one.red, *one.green, *one.blue, *one.white),
        (*other.red, *other.green, *other.blue, *other.white),
        strict=True,
    )
    return all(abs(a - b) <= _TOLERANCE for a, b in pairs)


def _usable(*points: tuple[float, float]) -> bool:
    (ax, ay), (bx, by), (cx, cy), white = points
    area = abs((bx - ax) * (cy - ay) - (cx - ax) * (by - ay)) / 2
    return area > 0.001 and white[1] > 0.01 and all(0 <= value <= 1 for point in points for value in point)
