"""Windows that a strategy looks at."""

from collections.abc import Iterator
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from df8k.baselines.base import Mask

from .window import Window, square_around, touched

# Known pixels around a hole, as a fraction of the window's side, on each side of it.
_CONTEXT: Final = 0.25
# A window that knows less than this fraction of its pixels looks at more of the picture.
_KNOWN: Final = 0.25
# Holes are told apart on a grid of at most this many cells along each axis.
_GRID: Final = 1024

Labels = npt.NDArray[np.int32]


class Groups:
    """Holes close enough to be seen in one window, numbered from 1.

    Holes nearer than a cell of the grid, 1/1024 of the picture's longer side, count as one.

    Args:
        mask: bool ``(H, W)``.
        side: side of the method's square.
    """

    def __init__(self, mask: Mask, side: int) -> None:
        self._cell = max(1, -(-max(mask.shape) // _GRID))
        rows, columns = (-(-length // self._cell) for length in mask.shape)
        padded = mask if self._cell == 1 else _padded(mask, rows * self._cell, columns * self._cell)
        cells = touched(padded, rows, columns)
        count, labels, boxes, _ = cv2.connectedComponentsWithStats(cells.view(np.uint8), connectivity=8)
        room = max(1, round(side * (1 - 2 * _CONTEXT)))
        # A pixel's group follows from its component's; 0 is the known background.
        of_component = np.zeros(count, np.int32)
        self.boxes: list[Window] = []
        for number in range(1, count):
            box = self._box(boxes[number], mask.shape)
            of_component[number] = self._join(box, room)
        self._labels: Labels = of_component[labels]

    def members(self, number: int, window: Window) -> Mask:
        """Find the pixels of a window in cells of one group; bool ``(h, w)``."""
        rows = np.arange(window.top, window.bottom) // self._cell
        columns = np.arange(window.left, window.right) // self._cell
        return np.asarray(self._labels[np.ix_(rows, columns)] == number)

    def _box(self, stats: npt.NDArray[np.int32], shape: tuple[int, int]) -> Window:
        left, top, width, height = (int(value) * self._cell for value in stats[:4])
        return Window(top, left, min(top + height, shape[0]), min(left + width, shape[1]))

    def _join(self, box: Window, room: int) -> int:
        """Join the first group that can take a hole in with context around all, or make one; its number."""
        for index, other in enumerate(self.boxes):
            union = other.union(box)
            if max(union.shape) <= room or other.contains(box):
                self.boxes[index] = union
                return index + 1
        self.boxes.append(box)
        return len(self.boxes)


def crop_window(box: Window, side: int, shape: tuple[int, int]) -> Window:
    """Put a square around a hole: the method's own size, or larger where the hole and its context need it."""
    needed = round(max(box.shape) / (1 - 2 * _CONTEXT))
    return square_around(box, max(side, needed), shape)


def tile_starts(length: int, side: int, overlap: int) -> list[int]:
    """Spread the first pixels of the tiles evenly along one axis; neighbours share at least ``overlap``."""
    if length <= side:
        return [0]
    count = -(-(length - overlap) // (side - overlap))
    return [round(index * (length - side) / (count - 1)) for index in range(count)]


def tiles(mask: Mask, side: int, overlap: int) -> Iterator[tuple[int, list[Window]]]:
    """Yield rows of tiles with their first pixel row; tiles without a missing pixel are left out."""
    height, width = mask.shape
    lefts = tile_starts(width, side, overlap)
    for top in tile_starts(height, side, overlap):
        bottom = min(top + side, height)
        row = [Window(top, left, bottom, min(left + side, width)) for left in lefts]
        yield top, [tile for tile in row if mask[tile.slices].any()]


def view_of(tile: Window, mask: Mask) -> Window:
    """Find the window that a tile is filled from: doubled until a quarter of it is known, or it is all."""
    side, window = max(tile.shape), tile
    while window.shape != mask.shape and mask[window.slices].mean() > 1 - _KNOWN:
        side *= 2
        window = square_around(tile, side, mask.shape)
    return window


def _padded(mask: Mask, height: int, width: int) -> Mask:
    """Add known rows and columns to a mask, so that cells are whole."""
    if mask.shape == (height, width):
        return mask
    return np.pad(mask, ((0, height - mask.shape[0]), (0, width - mask.shape[1])))
