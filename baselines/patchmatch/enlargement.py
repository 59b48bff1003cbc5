"""Copying at full size: each missing cell takes the pixels of its source cell, whatever the picture's size.

Colours are set at the working resolution: the cell's value there, less its source's, is enlarged bilinearly
and added to the copied pixels, so the full-size picture is read as 8-bit numbers and nothing is filtered.
Where neighbours share a shift and agree with their sources, pixels are copied bit for bit. Cells side by side
with different shifts are blended over half a cell with squared sines, which sum to one. The work grows with
the hole.

This is RETHINED's Attention Upscaling too: there a cell's source comes from its token's attention.
"""

import math

import numba
import numpy as np
import numpy.typing as npt

from _df8k.kernels import kernel
from df8k.baselines.base import Image, Mask

from .reduction import WorkingImage

Shifts = npt.NDArray[np.int32]
"""int32 ``(h, w, 2)``: rows and columns from a missing cell to its source; 0 where nothing is missing."""

# Reach of a cell's window into its neighbours, as a fraction of the cell.
_REACH = 0.25
# Adding less than this to a whole number and rounding changes nothing.
_SILENT = np.float32(0.499)


def paint(output: Image, mask: Mask, working: WorkingImage, result: Image, shifts: Shifts) -> None:
    """Write the missing pixels in place.

    In place is safe: only known pixels are read, and only missing ones are written.

    Args:
        output: uint8 ``(H, W, 3)``, a copy of the picture.
        mask: bool ``(H, W)``, ``True`` = missing.
        working: the picture at the working resolution.
        result: uint8 ``(h, w, 3)``, the filled picture there.
        shifts: the source of each missing cell.
    """
    if working.scale == 1:
        np.copyto(output, result, where=mask[..., None])
        return
    cells = np.argwhere(working.hole)
    _paint(
        output,
        mask,
        working.scale,
        cells,
        working.image,
        working.hole,
        working.usable,
        result,
        shifts,
        edge_weights(working.scale),
    )


def edge_weights(scale: int) -> npt.NDArray[np.float32]:
    """Weights along one axis of a cell: of the window before it, its own, and the one after it.

    Returns:
        float32 ``(3, scale)``; columns sum to one.
    """
    reach = round(_REACH * scale)
    weights = np.zeros((3, scale), np.float32)
    weights[1] = 1
    if reach:
        rise = np.sin(math.pi / 2 * (np.arange(reach) + 0.5 + reach) / (2 * reach)) ** 2
        weights[1, :reach], weights[0, :reach] = rise, 1 - rise
        weights[1, scale - reach :], weights[2, scale - reach :] = rise[::-1], 1 - rise[::-1]
    return weights


@kernel
def _paint(
    output: Image,
    mask: Mask,
    scale: int,
    cells: npt.NDArray[np.int64],
    image: npt.NDArray[np.float32],
    hole: Mask,
    usable: Mask,
    result: Image,
    shifts: Shifts,
    weights: npt.NDArray[np.float32],
) -> None:
    rows, columns = hole.shape
    height, width = mask.shape
    for n in numba.prange(cells.shape[0]):
        row, column = cells[n, 0], cells[n, 1]
        # Windows that reach into this cell; the cell's own is the first.
        window = np.zeros((3, 3), np.int64)
        shift = np.zeros((9, 2), np.int64)
        shift[0, 0], shift[0, 1] = shifts[row, column, 0], shifts[row, column, 1]
        count = 1
        for j in range(3):
            for i in range(3):
                r, c = row + j - 1, column + i - 1
                if r < 0 or c < 0 or r >= rows or c >= columns or not hole[r, c]:
                    continue
                dy, dx = np.int64(shifts[r, c, 0]), np.int64(shifts[r, c, 1])
                if row + dy < 0 or column + dx < 0 or row + dy >= rows or column + dx >= columns:
                    continue
                if not usable[row + dy, column + dx]:
                    continue
                k = 0
                while k < count and (shift[k, 0] != dy or shift[k, 1] != dx):
                    k += 1
                if k == count:
                    shift[k, 0], shift[k, 1] = dy, dx
                    count += 1
                window[j, i] = k
        difference = np.zeros((count, 3, 3, 3), np.float32)
        loud = np.zeros(count, np.bool_)
        for k in range(count):
            for j in range(3):
                r = min(max(row + j - 1, 0), rows - 1)
                for i in range(3):
                    c = min(max(column + i - 1, 0), columns - 1)
                    y, x = r + shift[k, 0], c + shift[k, 1]
                    if y < 0 or x < 0 or y >= rows or x >= columns or hole[y, x]:
                        r2, c2, y, x = row, column, row + shift[k, 0], column + shift[k, 1]
                    else:
                        r2, c2 = r, c
                    for channel in range(3):
                        d = np.float32(result[r2, c2, channel]) - image[y, x, channel]
                        difference[k, j, i, channel] = d
                        loud[k] = loud[k] or abs(d) > _SILENT
        share = np.zeros(count, np.float32)
        for v in range(min(scale, height - row * scale)):
            y = row * scale + v
            # Position between the three rows of differences.
            at = np.float32((v + 0.5) / scale + 0.5)
            above = int(at)
            t = at - np.float32(above)
            for u in range(min(scale, width - column * scale)):
                x = column * scale + u
                if not mask[y, x]:
                    continue
                share[:] = 0
                for j in range(3):
                    if weights[j, v] > 0:
                        for i in range(3):
                            share[window[j, i]] += weights[j, v] * weights[i, u]
                at = np.float32((u + 0.5) / scale + 0.5)
                left = int(at)
                s = at - np.float32(left)
                for channel in range(3):
                    value = np.float32(0.5)
                    for k in range(count):
                        if share[k] == 0:
                            continue
                        sample = np.float32(output[y + scale * shift[k, 0], x + scale * shift[k, 1], channel])
                        if loud[k]:
                            d = difference[k]
                            p = d[above, left, channel]
                            p += s * (d[above, left + 1, channel] - p)
                            q = d[above + 1, left, channel]
                            q += s * (d[above + 1, left + 1, channel] - q)
                            sample += p + t * (q - p)
                        value += share[k] * sample
                    output[y, x, channel] = np.uint8(min(max(value, np.float32(0)), np.float32(255)))
