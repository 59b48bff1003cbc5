"""Source of every missing patch by attention alone: the known patch that looks most alike."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import numba
import numpy as np

from _df8k.kernels import kernel
from _df8k.threads import one_blas_thread
from df8k.baselines.base import Image, Mask
from df8k.baselines.patchmatch.enlargement import Shifts
from df8k.baselines.rethined.network.geometry import PATCH
from df8k.baselines.rethined.tokens import Pixels, Tokens, Working

# Rows at a time: each matrix takes at most 2 MB at 4096 tokens, and threads end together.
_BLOCK: Final = 128


def best_source(queries: Any, keys: Any, hole: Tokens, valid: Tokens) -> Tokens:
    """Match every hole token to the most similar valid token.

    One patch instead of a mixture: averaging patches removes the texture that is wanted.

    Args:
        queries: float32 ``(N, K)``, unit length; an array or a tensor.
        keys: float32 ``(N, K)``, unit length, likewise and on the same device.
        hole: int64 ``(n,)``, tokens of the hole.
        valid: int64 ``(m,)``, tokens that detail may be taken from, at least one.

    Returns:
        int64 ``(n,)``, numbers of valid tokens.
    """
    transposed = keys[valid].T

    def best(block: Tokens) -> Any:
        return (queries[block] @ transposed).argmax(1)

    blocks = [hole[first : first + _BLOCK] for first in range(0, hole.size, _BLOCK)]
    if isinstance(queries, np.ndarray):
        with one_blas_thread(), ThreadPoolExecutor(numba.get_num_threads()) as pool:
            numbers = list(pool.map(best, blocks))
    else:
        # Tensors of another device come home only as numbers of tokens.
        numbers = [block.cpu().numpy() for block in map(best, blocks)]
    sources: Tokens = valid[np.concatenate(numbers)]
    return sources


def cell_shifts(working: Working, hole: Tokens, source: Tokens) -> Shifts:
    """Give every missing cell the shift of its token.

    Args:
        working: the image at the working resolution.
        hole: int64 ``(n,)``, tokens of the hole.
        source: int64 ``(n,)``, the source of each.

    Returns:
        int32 ``(h, w, 2)`` over the cells; 0 where nothing is missing.
    """
    rows, columns = working.tokens
    grid = np.zeros((rows * columns, 2), np.int32)
    grid[hole, 0] = PATCH * (source // columns - hole // columns)
    grid[hole, 1] = PATCH * (source % columns - hole % columns)
    height, width = working.cells.hole.shape
    shifts = np.zeros((height, width, 2), np.int32)
    _lay(grid.reshape(rows, columns, 2), working.cells.hole, shifts)
    return shifts


@kernel
def _lay(grid: Shifts, hole: Mask, shifts: Shifts) -> None:
    """Give missing cells what their tokens have."""
    for y in numba.prange(hole.shape[0]):
        for x in range(hole.shape[1]):
            if hole[y, x]:
                shifts[y, x] = grid[y // PATCH, x // PATCH]


def copied_cells(working: Working, low: Pixels, shifts: Shifts) -> Image:
    """Lay the detail of the sources over the low band: the paper's Attention Upscaling, on cells.

    Args:
        working: the image at the working resolution.
        low: float32 ``(h, w, 3)`` in [0, 1], low band of the coarse result.
        shifts: int32 over the cells.

    Returns:
        uint8 ``(h, w, 3)``; known cells are the picture's.
    """
    cells = working.cells
    y, x = np.nonzero(cells.hole)
    v, u = y + shifts[y, x, 0], x + shifts[y, x, 1]
    values = cells.image.copy()
    values[y, x] = cells.image[v, u] + np.float32(255) * (low[y, x] - low[v, u])
    return np.asarray(np.rint(values).clip(0, 255), np.uint8)
