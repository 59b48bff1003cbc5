"""Contextual residual aggregation, computed for the hole alone (paper, section 3.1 and figure 2).

The paper takes the residual ``R = X - up(S)`` of the large picture X against its enlarged small version S,
replaces the residual of every cell by the attention-weighted mean of the others, and adds it to the enlarged
result T of the network: ``up(T) + A R``. Enlarging is linear and the same in every cell, so

    up(T) + A (X - up(S)) = A X + up(T - A S)

where the last term costs one small patch per hole cell. What is left is one product of (hole cells x valid
keys) with (valid keys x pixels), done over a few rows of every cell at a time from the 8-bit picture.
"""

from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from baselines.base import Image

from .attention import GRID
from .grid import PIXELS, Floats, Grid

_CHUNK_BYTES: Final = 16 << 20
_RING: Final = PIXELS + 2  # a cell and the pixel around it that bilinear enlarging reads


def aggregate(
    image: Image,
    grid: Grid,
    small: Floats,
    filled: Floats,
    attention: Tensor,
    queries: npt.NDArray[np.intp],
    keys: npt.NDArray[np.intp],
) -> Image:
    """Fill cells at full resolution.

    Args:
        image: uint8 ``(H, W, 3)``; only the cells in ``keys`` are read.
        grid: the picture's grid.
        small: float32 ``(512, 512, 3)`` in [0, 255], the picture averaged down; only ``keys`` and the pixel
            around them are read.
        filled: float32 ``(512, 512, 3)`` in [0, 255], the network's result.
        attention: float32 ``(Q, K)`` on the device to compute on: how much of each key a query takes.
        queries: ``(Q,)`` numbers of the cells to fill, row by row.
        keys: ``(K,)`` numbers of the cells to copy from.

    Returns:
        uint8 ``(Q, cell height, cell width, 3)``: the filled cells.
    """
    device = attention.device
    height, width = grid.cell
    low = _rings(filled, queries, device)
    if len(keys):
        low -= (attention @ _rings(small, keys, device).flatten(1)).view_as(low)
    across = _enlarging(width, device)
    low = torch.einsum("xc,qrcd->qrxd", across, low).flatten(2)
    down = _enlarging(height, device)

    fill = np.empty((len(queries), height, width * 3), np.uint8)
    rows = max(1, _CHUNK_BYTES // (4 * 3 * width * max(len(keys), len(queries))))
    for first in range(0, height, rows):
        last = min(first + rows, height)
        total = torch.matmul(down[first:last], low).flatten(1)
        if len(keys):
            total.addmm_(attention, _pixels(image, grid, keys, first, last).to(device).float().flatten(1))
        levels = total.clamp_(0, 255).round_().to(torch.uint8)
        fill[:, first:last] = levels.view(len(queries), last - first, -1).cpu().numpy()
    return fill.reshape(len(queries), height, width, 3)


def _pixels(image: Image, grid: Grid, keys: npt.NDArray[np.intp], first: int, last: int) -> Tensor:
    """Some rows of the key cells: uint8 ``(K, rows, cell width * 3)``."""
    band = np.ascontiguousarray(grid.band(image, first, last)).reshape(GRID, last - first, GRID, -1)
    return torch.from_numpy(band[keys // GRID, :, keys % GRID])


def _rings(small: Floats, cells: npt.NDArray[np.intp], device: torch.device) -> Tensor:
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
