"""Differences of result and source, enlarged from cells to pixels."""

import numpy as np

from _df8k.kernels import inlined_kernel
from df8k.baselines.base import Image, Mask
from df8k.baselines.patchmatch.pyramid import Plane

# Adding less than this to a whole number and rounding changes nothing.
_SILENT = np.float32(0.499)


@inlined_kernel
def difference(
    row: int,
    column: int,
    dy: np.int64,
    dx: np.int64,
    image: Plane,
    hole: Mask,
    clear: Mask,
    result: Image,
    around: Plane,
) -> bool:
    """Take result less source at a cell and its neighbours, float32 ``(3, 9)``, three channels to a cell.

    ``clear`` are known cells with known neighbours. Returns whether adding the difference changes a pixel.
    """
    rows, columns = hole.shape
    inside = (
        clear[row + dy, column + dx] and min(row, column) >= 1 and row < rows - 1 and column < columns - 1
    )
    loudest = np.float32(0)
    for j in range(3):
        for i in range(3):
            r, c = row + j - 1, column + i - 1
            if not inside:
                r, c = min(max(r, 0), rows - 1), min(max(c, 0), columns - 1)
                if min(r + dy, c + dx) < 0 or r + dy >= rows or c + dx >= columns or hole[r + dy, c + dx]:
                    r, c = row, column
            for channel in range(3):
                difference = np.float32(result[r, c, channel]) - image[r + dy, c + dx, channel]
                around[j, 3 * i + channel] = difference
                loudest = max(loudest, abs(difference))
    return bool(loudest > _SILENT)


@inlined_kernel
def enlarge(around: Plane, half: int, beyond: Plane, enlarged: Plane) -> None:
    """Enlarge three rows of differences along the row.

    Pixel u lies ``beyond[u]`` of a cell behind the centre of the first of three cells side by side; from
    pixel ``half`` on, of the second.
    """
    scale = beyond.size
    for j in range(3):
        row = enlarged[j]
        for left in range(2):
            p, q, r = around[j, 3 * left], around[j, 3 * left + 1], around[j, 3 * left + 2]
            dp, dq, dr = around[j, 3 * left + 3] - p, around[j, 3 * left + 4] - q, around[j, 3 * left + 5] - r
            for u in range(left * half, half if left == 0 else scale):
                s = beyond[u]
                row[3 * u], row[3 * u + 1], row[3 * u + 2] = p + s * dp, q + s * dq, r + s * dr
