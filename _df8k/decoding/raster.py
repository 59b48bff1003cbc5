"""What a file's reader hands over: samples as they are stored, and what is said of their colours."""

from dataclasses import dataclass, field
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt

# Beyond it a file is taken for a decompression bomb; 8K is 33 megapixels, the largest cameras give 150.
MAX_PIXELS: Final = 256_000_000

Pixels = npt.NDArray[np.uint8]
Samples = npt.NDArray[Any]  # uint8, uint16 or uint32
Kind = Literal["grey", "rgb", "cmyk", "lab"]


class Rejected(Exception):  # noqa: N818 - an expected outcome, not an error
    """File that is not taken.

    Attributes:
        reason: one word of the manifest's vocabulary.
        detail: what was found and what was expected.
    """

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail


def damaged(finding: object) -> Rejected:
    """Make the rejection of a file that is not whole."""
    return Rejected("decode", f"damaged: {finding}")


@dataclass(frozen=True)
class Primaries:
    """Colours that red, green, blue and white stand for, CIE 1931 ``(x, y)`` each."""

    red: tuple[float, float]
    green: tuple[float, float]
    blue: tuple[float, float]
    white: tuple[float, float]


D65: Final = (0.3127, 0.3290)
SRGB_PRIMARIES: Final = Primaries((0.64, 0.33), (0.30, 0.60), (0.15, 0.06), D65)
ADOBE_PRIMARIES: Final = Primaries((0.64, 0.33), (0.21, 0.71), (0.15, 0.06), D65)


@dataclass(frozen=True)
class Colour:
    """Colour information of a file; without any, samples are sRGB.

    Attributes:
        profile: ICC profile; empty for none. It wins over the others.
        primaries: of RGB samples; sRGB's where none are stated.
        transfer: name of a curve in `df8k`'s vocabulary (``srgb``, ``bt709``, ``adobe``), or the exponent
            that decodes samples.
    """

    profile: bytes = field(default=b"", repr=False)
    primaries: Primaries = SRGB_PRIMARIES
    transfer: Literal["srgb", "bt709"] | float = "srgb"

    @property
    def is_srgb(self) -> bool:
        """``True`` where nothing is to be converted."""
        return not self.profile and self.primaries == SRGB_PRIMARIES and self.transfer == "srgb"


SRGB: Final = Colour()
# Exponent of Adobe RGB (1998), section 4.3.4.2: 2 + 51/256.
ADOBE_RGB: Final = Colour(primaries=ADOBE_PRIMARIES, transfer=563 / 256)


@dataclass(frozen=True)
class Raster:
    """Opaque picture as it is stored.

    Attributes:
        samples: unsigned integers of 8, 16 or 32 bits, ``(H, W)`` for grey, else ``(H, W, C)``; full range,
            black is zero (for ``cmyk``, no ink is zero).
        kind: what the channels mean.
        colour: what is said of their colours.
        orientation: EXIF's, 1 to 8.
        container: file format, such as ``PNG``.
        lossy: whether the file's coding loses something.
    """

    samples: Samples
    kind: Kind
    colour: Colour = SRGB
    orientation: int = 1
    container: str = ""
    lossy: bool = False


def check_size(width: int, height: int) -> None:
    """Refuse what is too large, before it is decoded.

    Raises:
        Rejected: more than `MAX_PIXELS`, or no pixels.
    """
    if width < 1 or height < 1:
        raise damaged(f"it says that it has {width}x{height} pixels")
    if width * height > MAX_PIXELS:
        raise Rejected("decode", f"{width}x{height} is more than {MAX_PIXELS} pixels")


def transparent(lowest: float) -> Rejected:
    """Make the rejection of a picture with transparent pixels."""
    return Rejected("alpha", f"transparent pixels, the lowest alpha is {lowest:g}")
