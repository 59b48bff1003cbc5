"""Square of a picture, seen at the size that a method works on."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from df8k.baselines.base import Image, Inpainter, Mask, MethodFailedError

# Rows that are enlarged at a time: the float copy of a strip stays small at any size.
_STRIP: Final = 64


@dataclass(frozen=True)
class Window:
    """Rectangle of a picture in pixels; ``bottom`` and ``right`` are the first outside."""

    top: int
    left: int
    bottom: int
    right: int

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width."""
        return self.bottom - self.top, self.right - self.left

    @property
    def slices(self) -> tuple[slice, slice]:
        """Indices of its rows and columns."""
        return slice(self.top, self.bottom), slice(self.left, self.right)

    def contains(self, other: "Window") -> bool:
        """Tell whether another window lies wholly inside this one."""
        return (
            self.top <= other.top
            and self.left <= other.left
            and other.bottom <= self.bottom
            and other.right <= self.right
        )

    def union(self, other: "Window") -> "Window":
        """Find the smallest window around both."""
        return Window(
            min(self.top, other.top),
            min(self.left, other.left),
            max(self.bottom, other.bottom),
            max(self.right, other.right),
        )


def square_around(inner: Window, side: int, shape: tuple[int, int]) -> Window:
    """Put a square of ``side`` around ``inner``, moved and cut so that it lies inside ``shape``."""
    spans = []
    for low, high, length in ((inner.top, inner.bottom, shape[0]), (inner.left, inner.right, shape[1])):
        size = min(side, length)
        start = min(max(0, (low + high - size) // 2), length - size)
        spans.append((start, start + size))
    (top, bottom), (left, right) = spans
    return Window(top, left, bottom, right)


@dataclass(frozen=True)
class FilledWindow:
    """Window as a method filled it, at the method's size.

    Attributes:
        small: uint8 ``(h, w, 3)``.
        shape: height and width of the window in the picture.
    """

    small: Image
    shape: tuple[int, int]

    def strips(self, first: int, last: int) -> Iterator[tuple[int, Image]]:
        """Yield top and pixels, uint8 ``(n, width, 3)``, of rows ``first`` to ``last`` of the window."""
        height, width = self.shape
        for top in range(first, last, _STRIP):
            bottom = min(top + _STRIP, last)
            if self.small.shape[:2] == self.shape:
                yield top, self.small[top:bottom]
            else:
                yield top, _enlarged(self.small, top, bottom, height, width)


def fill_window(inpaint: Inpainter, image: Image, mask: Mask, window: Window, side: int) -> FilledWindow:
    """Show a window to a method as a ``side`` x ``side`` picture.

    A window larger than that is reduced, its longer side to ``side``; what is then smaller than the square is
    repeated outwards from its last rows and columns, holes included.

    Raises:
        MethodFailedError: the method gives something else than a uint8 picture of the size it was given.
    """
    small, hole = reduce_window(image[window.slices], mask[window.slices], side)
    height, width = hole.shape
    padding = ((0, side - height), (0, side - width))
    # np.pad copies even without padding, so the method gets arrays of its own.
    picture = np.pad(small, (*padding, (0, 0)), mode="edge")
    holes = np.pad(hole, padding, mode="edge")
    picture[holes] = 0
    output = np.asarray(inpaint(picture, holes))
    if output.dtype != np.uint8 or output.shape != picture.shape:
        fault = f"returned {output.dtype} {output.shape}, expected uint8 {picture.shape}"
        raise MethodFailedError("wrong-output", fault)
    return FilledWindow(output[:height, :width], window.shape)


def reduce_window(image: Image, mask: Mask, side: int) -> tuple[Image, Mask]:
    """Reduce by area until the longer side is ``side``; the same arrays where it is not longer.

    A reduced pixel that the hole touches anywhere is missing, so the others are averages of known pixels
    alone and nothing from under the hole gets into them.
    """
    height, width = mask.shape
    longest = max(height, width)
    if longest <= side:
        return image, mask
    rows, columns = (max(1, round(length * side / longest)) for length in mask.shape)
    small = cv2.resize(image, (columns, rows), interpolation=cv2.INTER_AREA)
    return np.asarray(small, dtype=np.uint8), touched(mask, rows, columns)


def touched(mask: Mask, rows: int, columns: int) -> Mask:
    """Find the cells of a ``rows`` x ``columns`` grid over the mask that hold a missing pixel; bool."""
    height, width = mask.shape
    flat = np.empty((rows, width), np.bool_)
    for row in range(rows):
        flat[row] = mask[row * height // rows : -(-(row + 1) * height // rows)].any(axis=0)
    cells = np.empty((rows, columns), np.bool_)
    for column in range(columns):
        first, last = column * width // columns, -(-(column + 1) * width // columns)
        cells[:, column] = flat[:, first:last].any(axis=1)
    return cells


def _enlarged(small: Image, top: int, bottom: int, height: int, width: int) -> Image:
    """Compute rows ``top`` to ``bottom`` of the bilinear enlargement to ``height`` x ``width``."""
    rows = small.shape[0]
    centres = np.clip((np.arange(top, bottom) + 0.5) * rows / height - 0.5, 0, rows - 1)
    above = centres.astype(np.intp)
    below = np.minimum(above + 1, rows - 1)
    first = above[0]
    source = small[first : below[-1] + 1].astype(np.float32)
    # Only columns change here, so each row is enlarged on its own.
    wide = cv2.resize(source, (width, source.shape[0]), interpolation=cv2.INTER_LINEAR)
    weight = (centres - above).astype(np.float32)[:, None, None]
    strip: npt.NDArray[np.float32] = wide[above - first] * (1 - weight) + wide[below - first] * weight
    return np.rint(strip).astype(np.uint8)
