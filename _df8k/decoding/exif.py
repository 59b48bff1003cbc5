"""What EXIF says of a picture: which way up it is, and its colour space where no profile says it."""

from typing import Final

from PIL import Image

from .raster import ADOBE_RGB, SRGB, Colour, Rejected

_ORIENTATION: Final = 0x0112
_EXIF_FOLDER, _INTEROPERABILITY_FOLDER = 0x8769, 0xA005
_COLOUR_SPACE, _INDEX = 0xA001, 0x0001
_SRGB, _WIDE_GAMUT = 1, 0xFFFD  # the latter is not in the standard: some cameras write it
# DCF 2.0, 5.1: the optional colour space is Adobe RGB, which the interoperability index R03 names.
_OPTIONAL_SPACE: Final = "R03"


def read_exif(data: bytes) -> Image.Exif:
    """Read EXIF; what cannot be read says nothing."""
    exif = Image.Exif()
    try:
        exif.load(data)
    except (SyntaxError, ValueError, OSError, KeyError, TypeError):
        return Image.Exif()
    return exif


def orientation_of(exif: Image.Exif) -> int:
    """Read the orientation, 1 to 8; 1 where none or another is stated."""
    value = exif.get(_ORIENTATION, 1)
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def colour_of(exif: Image.Exif) -> Colour:
    """Read the colour space; sRGB where EXIF names no other.

    Raises:
        Rejected: Wide Gamut RGB, which has no definition that writers agree on.
    """
    try:
        space = exif.get_ifd(_EXIF_FOLDER).get(_COLOUR_SPACE)
        index = exif.get_ifd(_INTEROPERABILITY_FOLDER).get(_INDEX, "")
    except (SyntaxError, ValueError, OSError, KeyError, TypeError, AttributeError):
        return SRGB
    if space == _WIDE_GAMUT:
        raise Rejected("decode", "EXIF names Wide Gamut RGB and no profile is embedded: save it as sRGB")
    stated = index.decode("latin-1") if isinstance(index, bytes) else str(index)
    return ADOBE_RGB if space != _SRGB and stated.startswith(_OPTIONAL_SPACE) else SRGB
