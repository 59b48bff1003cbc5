"""Detail of one source for each cell, copied at full size without a seam on the grid.

With ``L`` the picture at 512 x 512 up to a frequency cut, and ``T`` the network's result, a missing pixel
becomes ``up(T) + X[source] - up(L)[source]``: the residual of contextual residual aggregation, from one
source, above a cut that the network cannot draw beyond. Between the middles of neighbouring cells the sources
fade into one another. Two details that have nothing in common keep their strength when faded with weights
whose squares add up to one; the same detail is copied as it is.

Source:
    Heitz and Neyret, High-Performance By-Example Noise using a Histogram-Preserving Blending Operator, 2018,
    equation 3 (weights that preserve the variance).
"""

import math
from typing import Final

import numba
import numpy as np
import numpy.typing as npt

from _df8k.kernels import inner_kernel, kernel
from df8k.baselines.base import Image, Mask
from df8k.baselines.hifill.network.geometry import GRID, SIZE

from .grid import PIXELS, Floats, Grid
from .sources import Grid32

_FADE: Final = 2.0  # cells fade over half their side


def copy_detail(
    output: Image, image: Image, mask: Mask, filled: Floats, low: Floats, sources: Grid32, strength: float
) -> None:
    """Fill the missing pixels of a picture.

    Args:
        output: uint8 ``(H, W, 3)``, written under the mask.
        image: uint8 ``(H, W, 3)``, the picture; read in and around the sources.
        mask: bool ``(H, W)``, True = missing.
        filled: float32 ``(512, 512, 3)`` in [0, 255], the network's result.
        low: float32 ``(512, 512, 3)`` in [0, 255], the picture up to the cut.
        sources: int32 ``(32, 32)``, see `choose_sources`.
        strength: factor of the copied detail.
    """
    grid = Grid(*mask.shape)
    _copy(output, image, mask, filled, low, sources, grid.rows.ravel(), grid.columns.ravel(), strength)


@kernel
def _copy(
    output: Image,
    image: Image,
    mask: Mask,
    filled: Floats,
    low: Floats,
    sources: Grid32,
    rows: npt.NDArray[np.intp],
    columns: npt.NDArray[np.intp],
    strength: float,
) -> None:
    height, width = mask.shape
    tall, broad = len(rows) // GRID, len(columns) // GRID
    for y in numba.prange(height):
        total, part = np.empty(3, np.float32), np.empty(3, np.float32)
        shifts, weights = np.empty((4, 2), np.int64), np.empty(4, np.float32)
        upper, across = _middle(y, tall)
        for x in range(width):
            if not mask[y, x]:
                continue
            left, along = _middle(x, broad)
            shift_count = 0
            for corner in range(4):
                row, column = upper + corner // 2, left + corner % 2
                weight = (across if corner // 2 else 1 - across) * (along if corner % 2 else 1 - along)
                if weight == 0 or row < 0 or column < 0 or row >= GRID or column >= GRID:
                    continue
                source = sources[row, column]
                if source < 0:
                    continue
                down, right = source // GRID - row, source % GRID - column
                v, u = y + down * tall, x + right * broad
                if v < 0 or u < 0 or v >= len(rows) or u >= len(columns):
                    continue
                for n in range(shift_count + 1):
                    if n == shift_count:
                        shifts[n, 0], shifts[n, 1], weights[n] = down, right, weight
                        shift_count += 1
                        break
                    if shifts[n, 0] == down and shifts[n, 1] == right:
                        weights[n] += weight
                        break
            v, u = (y + 0.5) * PIXELS / tall - 0.5, (x + 0.5) * PIXELS / broad - 0.5
            _read(filled, v, u, total)
            power = np.float32(0)
            for n in range(shift_count):
                power += weights[n] * weights[n]
            for n in range(shift_count):
                share = np.float32(strength) * weights[n] / math.sqrt(power)
                down, right = shifts[n, 0], shifts[n, 1]
                _read(low, v + PIXELS * down, u + PIXELS * right, part)
                row, column = rows[y + down * tall], columns[x + right * broad]
                for c in range(3):
                    total[c] += share * (np.float32(image[row, column, c]) - part[c])
            for c in range(3):
                output[y, x, c] = np.uint8(min(max(total[c], 0), 255) + 0.5)


@inner_kernel
def _middle(y: int, length: int) -> tuple[int, float]:
    """Find the cell whose middle is the last before a pixel, and the weight of the next cell."""
    v = (y + 0.5) / length - 0.5
    first = math.floor(v)
    return first, min(max((v - first - 0.5) * _FADE + 0.5, 0.0), 1.0)


@inner_kernel
def _read(picture: Floats, y: float, x: float, pixel: npt.NDArray[np.float32]) -> None:
    """Interpolate a picture of 512 x 512 linearly; beyond its border the last pixels go on."""
    y, x = min(max(y, 0.0), SIZE - 1.0), min(max(x, 0.0), SIZE - 1.0)
    row, column = min(int(y), SIZE - 2), min(int(x), SIZE - 2)
    v, u = np.float32(y - row), np.float32(x - column)
    for c in range(3):
        near, far = picture[row, column, c], picture[row, column + 1, c]
        upper = near + u * (far - near)
        lower = picture[row + 1, column, c] + u * (
            picture[row + 1, column + 1, c] - picture[row + 1, column, c]
        )
        pixel[c] = upper + v * (lower - upper)
