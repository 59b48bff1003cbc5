"""Grid of 32 x 32 cells on a picture of any size, and its reduction to 512 x 512."""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from df8k.baselines.base import Image, Mask
from df8k.baselines.hifill.network.geometry import GRID, SIZE

Floats = npt.NDArray[np.float32]
PIXELS: Final = SIZE // GRID  # network pixels per side of a cell


@dataclass(frozen=True)
class Grid:
    """32 x 32 equal cells over an image, each axis scaled by its own factor.

    A cell is ``ceil(H / 32) x ceil(W / 32)`` pixels. Where 32 cells are longer than the image, the image is
    continued by mirroring at its far edge, mask included; at most 31 rows and columns are added. The scale of
    contextual residual aggregation is therefore ``s = cell / 16`` per axis: 16 for 8192 pixels, 1 for 512,
    fractions between.

    Attributes:
        height: rows of the image.
        width: columns of the image.
    """

    height: int
    width: int

    @property
    def cell(self) -> tuple[int, int]:
        """Height and width of a cell in image pixels."""
        return -(-self.height // GRID), -(-self.width // GRID)

    @cached_property
    def rows(self) -> npt.NDArray[np.intp]:
        """For each row of the grid, the image row that it shows: int ``(32, cell height)``."""
        return _mirrored(self.height, self.cell[0])

    @cached_property
    def columns(self) -> npt.NDArray[np.intp]:
        """For each column of the grid, the image column that it shows: int ``(32, cell width)``."""
        return _mirrored(self.width, self.cell[1])


def _mirrored(size: int, cell: int) -> npt.NDArray[np.intp]:
    return np.pad(np.arange(size), (0, cell * GRID - size), mode="symmetric").reshape(GRID, cell)


@dataclass(frozen=True)
class Reduced:
    """Picture at the network's size.

    Attributes:
        image: float32 ``(512, 512, 3)`` in [0, 255]; zero where ``mask`` is set.
        mask: bool ``(512, 512)``: every pixel to which at least one missing pixel would contribute.
        hole_cells: bool ``(32, 32)``: cells with at least one missing pixel of the image.
    """

    image: Floats
    mask: Mask
    hole_cells: Mask


def reduce_picture(image: Image, mask: Mask, grid: Grid) -> Reduced:
    """Average a picture down to 512 x 512 without looking under its mask.

    The mask goes through the same filter as the picture, so whatever weight a missing pixel has, the result
    is marked as missing. Works in bands of one cell row: no float copy of the picture is made.

    Args:
        image: uint8 ``(H, W, 3)``.
        mask: bool ``(H, W)``, True = missing.
        grid: the picture's grid.
    """
    # Enlarging reads across the bands' borders, so pictures below 512 rows are taken in one piece.
    whole = grid.cell[0] < PIXELS
    bands = [grid.rows.ravel()] if whole else list(grid.rows)
    small = np.empty((SIZE, SIZE, 3), np.float32)
    small_mask = np.zeros((SIZE, SIZE), np.bool_)
    hole_cells = np.zeros((GRID, GRID), np.bool_)
    height = SIZE // len(bands)
    for i, rows in enumerate(bands):
        out = slice(i * height, (i + 1) * height)
        small[out] = _resize(_take(image, rows, grid).astype(np.float32), height)
        missing = _take(mask, rows, grid)
        if missing.any():
            small_mask[out] = _resize(missing.astype(np.float32), height) > 0
            cells = slice(i * GRID // len(bands), (i + 1) * GRID // len(bands))
            hole_cells[cells] = missing.reshape(-1, grid.cell[0], GRID, grid.cell[1]).any(axis=(1, 3))
    small[small_mask] = 0
    return Reduced(small, small_mask, hole_cells)


def touched_cells(mask: Mask, grid: Grid) -> Mask:
    """Find the cells with a missing pixel.

    Args:
        mask: bool ``(H, W)``, True = missing.
        grid: the picture's grid.

    Returns:
        bool ``(32, 32)``; what the grid has beyond the picture does not count.
    """
    cells = np.zeros((GRID, GRID), np.bool_)
    height, width = grid.cell
    for row in range(-(-grid.height // height)):
        columns = mask[row * height : (row + 1) * height].any(axis=0)
        cells[row] = np.pad(columns, (0, width * GRID - grid.width)).reshape(GRID, width).any(axis=1)
    return cells


def _take(array: npt.NDArray[np.generic], rows: npt.NDArray[np.intp], grid: Grid) -> npt.NDArray[np.generic]:
    """Rows of the picture, continued to the grid's width."""
    ascending = rows[-1] - rows[0] + 1 == len(rows)
    band = array[rows[0] : rows[-1] + 1] if ascending else array[rows]
    beyond = grid.columns.ravel()[grid.width :]
    return np.concatenate((band, band[:, beyond]), axis=1) if len(beyond) else band


def _resize(array: Floats, height: int) -> Floats:
    """Resize to ``height x 512``: by area along an axis that shrinks, linearly along one that grows."""
    rows, columns = array.shape[:2]
    if rows >= height and columns >= SIZE:
        return np.asarray(cv2.resize(array, (SIZE, height), interpolation=cv2.INTER_AREA), np.float32)
    vertical = cv2.INTER_AREA if rows >= height else cv2.INTER_LINEAR
    horizontal = cv2.INTER_AREA if columns >= SIZE else cv2.INTER_LINEAR
    tall = cv2.resize(array, (columns, height), interpolation=vertical)
    return np.asarray(cv2.resize(tall, (SIZE, height), interpolation=horizontal), np.float32)
