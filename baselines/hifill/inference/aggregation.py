"""Contextual residual aggregation, computed for the hole alone (paper, section 3.1 and figure 2).

The paper takes the residual ``R = X - up(S)`` of the large picture X against its enlarged small version S,
replaces the residual of every cell by the attention-weighted mean of the others, and adds it to the enlarged
result T of the network: ``up(T) + A R``. Enlarging is linear and the same in every cell, so

    up(T) + A (X - up(S)) = A X + up(T - A S)

where the last term costs one small patch per hole cell. What is left is a product of (hole cells x valid
keys) with (valid keys x pixels). It is done tile by tile: the same few rows and columns of every cell, for
the cells that have a missing pixel there, straight from the 8-bit picture.
"""

from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from df8k.baselines.base import Image, Mask
from df8k.baselines.hifill.network.geometry import GRID

from .grid import PIXELS, Floats, Grid
from .product import MixingWeights

TILE: Final = (32, 128)
_RING: Final = PIXELS + 2  # a cell and the pixel around it that bilinear enlarging reads

Cells = npt.NDArray[np.intp]


def aggregate(
    output: Image, mask: Mask, small: Floats, filled: Floats, attention: Tensor, queries: Cells, keys: Cells
) -> None:
    """Fill the missing pixels of a picture in place.

    Args:
        output: uint8 ``(H, W, 3)``, the picture; read in the cells ``keys``, written under the mask in the
            cells ``queries``.
        mask: bool ``(H, W)``, True = missing; no key cell has a missing pixel.
        small: float32 ``(512, 512, 3)`` in [0, 255], the picture averaged down; only ``keys`` and the pixel
            around them are read.
        filled: float32 ``(512, 512, 3)`` in [0, 255], the network's result.
        attention: float32 ``(Q, K)`` on the device to compute on: how much of each key a query takes.
        queries: ``(Q,)`` numbers of the cells to fill, row by row.
        keys: ``(K,)`` numbers of the cells to copy from.
    """
    grid = Grid(*mask.shape)
    device = attention.device
    height, width = grid.cell
    low = _rings(filled, queries, device)
    if len(keys):
        low -= (attention @ _rings(small, keys, device).flatten(1)).view_as(low)
    low = torch.einsum("xc,qrcd->qrxd", _enlarging(width, device), low)
    down = _enlarging(height, device)
    source, weights = _Cells(output, grid, keys), MixingWeights(attention)
    for top in range(0, height, TILE[0]):
        for left in range(0, width, TILE[1]):
            rows, columns = slice(top, min(top + TILE[0], height)), slice(left, min(left + TILE[1], width))
            areas = [_area(cell, grid, rows, columns) for cell in queries]
            needed = [i for i, area in enumerate(areas) if mask[area].any()]
            if not needed:
                continue
            index = torch.tensor(needed, device=device)
            total = torch.matmul(down[rows], low[:, :, columns].index_select(0, index).flatten(2)).flatten(1)
            if len(keys):
                total += weights.mix(index, source.tile(rows, columns))
            levels = total.clamp_(0, 255).round_().to(torch.uint8).cpu().numpy()
            shape = (len(needed), rows.stop - rows.start, columns.stop - columns.start, 3)
            for i, tile in zip(needed, levels.reshape(shape), strict=True):
                _paste(output[areas[i]], tile, mask[areas[i]])


def _paste(target: Image, tile: Image, hole: Mask) -> None:
    tile = tile[: hole.shape[0], : hole.shape[1]]  # cut where the grid reaches beyond the picture
    if hole.all():  # the common case, and by far the faster one
        target[:] = tile
    else:
        np.copyto(target, tile, where=hole[..., None])


def _area(cell: int, grid: Grid, rows: slice, columns: slice) -> tuple[slice, slice]:
    """Place the tile of one cell in picture coordinates."""
    top, left = grid.cell[0] * (int(cell) // GRID), grid.cell[1] * (int(cell) % GRID)
    return slice(top + rows.start, top + rows.stop), slice(left + columns.start, left + columns.stop)


class _Cells:
    """Tiles of the key cells, read from the picture; cells at its far edges are continued by mirroring."""

    def __init__(self, image: Image, grid: Grid, keys: Cells) -> None:
        self._image, self._grid = image, grid
        self._row, self._column = keys // GRID, keys % GRID
        height, width = grid.cell
        down, across = grid.height // height, grid.width // width  # cells that the picture holds whole
        inner = image[: down * height, : across * width]
        self._view = inner.reshape(down, height, across, width, 3)
        self._whole = np.flatnonzero((self._row < down) & (self._column < across))
        self._edge = np.flatnonzero((self._row >= down) | (self._column >= across))

    def tile(self, rows: slice, columns: slice) -> npt.NDArray[np.uint8]:
        """Read the same tile of every key: uint8 ``(K, rows * columns * 3)``."""
        shape = (len(self._row), rows.stop - rows.start, columns.stop - columns.start, 3)
        row, column = self._row[self._whole], self._column[self._whole]
        pixels = self._view[row, rows, column, columns]
        if len(self._edge):
            inner, pixels = pixels, np.empty(shape, np.uint8)
            pixels[self._whole] = inner
            for i in self._edge:
                y, x = self._grid.rows[self._row[i], rows], self._grid.columns[self._column[i], columns]
                pixels[i] = self._image[y[:, None], x]
        return pixels.reshape(len(self._row), -1)


def _rings(small: Floats, cells: Cells, device: torch.device) -> Tensor:
    """Cells of a 512 x 512 picture with the pixel around them: float ``(N, 18, 18, 3)``."""
    padded = np.pad(small, ((1, 1), (1, 1), (0, 0)), mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, (_RING, _RING), axis=(0, 1))
    rings = windows[::PIXELS, ::PIXELS][cells // GRID, cells % GRID]
    return torch.from_numpy(rings.transpose(0, 2, 3, 1).copy()).to(device)


def _enlarging(length: int, device: torch.device) -> Tensor:
    """Bilinear weights with pixel centres at half coordinates: float ``(length, 18)`` from ring to cell."""
    centre = (np.arange(length) + 0.5) * (PIXELS / length) + 0.5
    lower = np.floor(centre).astype(np.intp)
    weights = np.zeros((length, _RING), np.float32)
    weights[np.arange(length), lower] = 1 - (centre - lower)
    weights[np.arange(length), lower + 1] += centre - lower
    return torch.from_numpy(weights).to(device)
