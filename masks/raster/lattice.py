"""The integer lattice that masks are written in, and how pixels of any size sample it.

A frame's short side is ``UNITS`` lattice units long, whatever the size it is drawn at. Pixel centres
fall on exact rational points of the lattice, so that "inside" never depends on rounding.
"""

from dataclasses import dataclass
from math import gcd
from typing import Final

from df8k.masks.errors import MaskError

UNITS: Final = 65536
_MAX_PIXELS: Final = 2**31 - 1
_MAX_ASPECT: Final = 2**18


@dataclass(frozen=True)
class Axis:
    """Sampling along one axis: the centre of pixel ``i`` lies at ``(step * i + first) / unit``.

    All three are integers, ``step`` and ``unit`` positive.
    """

    size: int
    step: int
    first: int
    unit: int


@dataclass(frozen=True)
class Frame:
    """Rectangle that a mask belongs to.

    Attributes:
        aspect: width and height of the whole frame as integers; only their ratio counts.
        window: visible section as ``(left, top, width, height)`` in units of ``aspect``, or None for
            all of it.
    """

    aspect: tuple[int, int]
    window: tuple[int, int, int, int] | None = None

    def __post_init__(self) -> None:
        if len(self.aspect) != 2 or not all(_is_integer(v) and 0 < v <= _MAX_ASPECT for v in self.aspect):
            raise MaskError(
                f"aspect is {self.aspect!r}: give (width, height) as integers in 1..{_MAX_ASPECT}"
            )
        if self.window is not None:
            self._check_window(self.window)

    def _check_window(self, window: tuple[int, int, int, int]) -> None:
        if len(window) != 4 or not all(_is_integer(v) for v in window):
            raise MaskError(f"window is {window!r}: give (left, top, width, height) as integers")
        left, top, width, height = window
        inside = left >= 0 and top >= 0 and left + width <= self.aspect[0] and top + height <= self.aspect[1]
        if not inside or width <= 0 or height <= 0:
            raise MaskError(f"window {window} does not lie inside a frame of {self.aspect}")

    @property
    def shown(self) -> tuple[int, int, int, int]:
        """Give the window, or the whole frame, in units of ``aspect``."""
        return self.window or (0, 0, *self.aspect)

    @property
    def extent(self) -> tuple[int, int]:
        """Compute width and height of the whole frame in lattice units, rounded up."""
        short = min(self.aspect)
        return -(-self.aspect[0] * UNITS // short), -(-self.aspect[1] * UNITS // short)

    def size_at(self, short_side: int) -> tuple[int, int]:
        """Compute width and height in pixels of the window when its short side has ``short_side`` pixels."""
        _, _, width, height = self.shown
        short = min(width, height)
        return (
            max(1, (2 * width * short_side + short) // (2 * short)),
            max(1, (2 * height * short_side + short) // (2 * short)),
        )

    def axes(self, width: int, height: int) -> tuple[Axis, Axis]:
        """Sample the window by ``width`` x ``height`` pixels.

        Raises:
            MaskError: the size is not positive, is too large, or has another aspect than the window.
        """
        if not (_is_integer(width) and _is_integer(height) and width > 0 and height > 0):
            raise MaskError(f"size is {width!r} x {height!r}: give positive integers")
        if width * height > _MAX_PIXELS:
            raise MaskError(f"{width} x {height} has more than {_MAX_PIXELS} pixels: draw it in windows")
        left, top, shown_width, shown_height = self.shown
        difference = abs(width * shown_height - height * shown_width)
        if difference > max(shown_width, shown_height):  # more than one pixel away from the exact aspect
            raise MaskError(
                f"a mask of aspect {shown_width}:{shown_height} cannot be drawn at {width} x {height}: "
                f"for example {self.size_at(min(width, height))} fits; synthesize one for this aspect"
            )
        short = min(self.aspect)
        return _axis(width, shown_width, left, short), _axis(height, shown_height, top, short)


def _axis(size: int, length: int, offset: int, short: int) -> Axis:
    step, first, unit = 2 * length * UNITS, (length + 2 * offset * size) * UNITS, 2 * size * short
    common = gcd(gcd(step, first), unit)
    return Axis(size, step // common, first // common, unit // common)


def reduced(aspect: tuple[int, int]) -> tuple[int, int]:
    """Reduce an aspect to lowest terms.

    Raises:
        MaskError: not two positive integers.
    """
    pair = isinstance(aspect, (tuple, list)) and len(aspect) == 2
    if not pair or not all(_is_integer(v) and v > 0 for v in aspect):
        raise MaskError(f"aspect is {aspect!r}: give (width, height) as positive integers")
    common = gcd(*aspect)
    return int(aspect[0]) // common, int(aspect[1]) // common


def _is_integer(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
