"""Copying at full size: each missing cell takes the pixels of its source cell, whatever the picture's size.

Colours are set at the working resolution: the cell's value there, less its source's, is enlarged bilinearly
and added to the copied pixels, so the full-size picture is read as 8-bit numbers and nothing is filtered.
Where neighbours share a shift and agree with their sources, pixels are copied bit for bit. Cells side by side
with different shifts are blended over half a cell with squared sines, which sum to one. The work grows with
the hole.

This is RETHINED's Attention Upscaling too: there a cell's source comes from its token's attention.
"""

import math

import cv2
import numba
import numpy as np
import numpy.typing as npt

from _df8k.kernels import kernel, serial_kernel
from df8k.baselines.base import Image, Mask

from .cell_vectors import STEP, add_changed, add_pixels
from .reduction import WorkingImage

Shifts = npt.NDArray[np.int32]
"""int32 ``(h, w, 2)``: rows and columns from a missing cell to its source; 0 where nothing is missing."""

Plane = npt.NDArray[np.float32]

# Reach of a cell's window into its neighbours, as a fraction of the cell.
_REACH = 0.25
# Cells that are painted one after another, in the same buffers.
_STRETCH = 64
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
    _paint(
        output,
        mask,
        working.scale,
        np.argwhere(working.hole),
        working.image,
        working.hole,
        working.usable,
        result,
        shifts,
        np.ascontiguousarray(shifts).view(np.int64)[..., 0],
        _clear(working.hole),
        edge_weights(working.scale),
    )


def _clear(hole: Mask) -> Mask:
    """Mark the cells that are known with their eight neighbours, inside the picture."""
    known = 1 - hole.view(np.uint8)
    square = np.ones((3, 3), np.uint8)
    eroded = cv2.erode(known, square, borderType=cv2.BORDER_CONSTANT, borderValue=0)
    return np.asarray(eroded, np.uint8).view(np.bool_)


def edge_weights(scale: int) -> Plane:
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
    image: Plane,
    hole: Mask,
    usable: Mask,
    result: Image,
    shifts: Shifts,
    keys: npt.NDArray[np.int64],
    clear: Mask,
    weights: Plane,
) -> None:
    height, width = mask.shape
    # A row of a cell in whole steps: what lies beyond the cell is added up too, and left.
    row_length = -(-3 * scale // STEP) * STEP
    # Weights of a row's bytes, three to a pixel: of the windows along it, and of all windows together.
    along = np.zeros((3, row_length), np.float32)
    along[:, : 3 * scale] = np.repeat(weights, 3).reshape(3, 3 * scale)
    whole = np.zeros((scale, row_length), np.float32)
    for v in range(scale):
        _add_weights(whole[v : v + 1], np.zeros((3, 3), np.int64), weights[:, v], along)
    # Position between three differences side by side.
    at = ((np.arange(scale) + 0.5) / scale + 0.5).astype(np.float32)
    first = at.astype(np.int64)
    beyond = at - first.astype(np.float32)
    lines, wholes = output.reshape(-1), whole.reshape(-1)
    for stretch in numba.prange((cells.shape[0] + _STRETCH - 1) // _STRETCH):
        window, shift, loud = np.empty((3, 3), np.int64), np.empty((9, 2), np.int64), np.empty(9, np.bool_)
        enlarged, share = np.zeros((9, 3, row_length), np.float32), np.empty((9, row_length), np.float32)
        around, value = np.empty((3, 3), np.float32), np.empty(row_length, np.float32)
        changes, shares = enlarged.reshape(-1), share.reshape(-1)
        for n in range(stretch * _STRETCH, min((stretch + 1) * _STRETCH, cells.shape[0])):
            row, column = cells[n, 0], cells[n, 1]
            count = _windows(row, column, hole, usable, shifts, keys, window, shift)
            high, wide = min(scale, height - row * scale), min(scale, width - column * scale)
            for k in range(count):
                loud[k] = _difference(
                    row,
                    column,
                    shift[k, 0],
                    shift[k, 1],
                    image,
                    hole,
                    clear,
                    result,
                    first,
                    beyond,
                    around,
                    enlarged[k],
                )
            for v in range(high):
                y = row * scale + v
                # Rows between the windows above and below have the same weights.
                if count > 1 and (
                    v == 0 or weights[0, v] != weights[0, v - 1] or weights[2, v] != weights[2, v - 1]
                ):
                    share[:count] = 0
                    _add_weights(share, window, weights[:, v], along)
                value[:] = np.float32(0.5)
                for k in range(count):
                    source = 3 * ((y + scale * shift[k, 0]) * width + scale * (column + shift[k, 1]))
                    weight = wholes if count == 1 else shares
                    part = row_length * (v if count == 1 else k)
                    upper = row_length * (3 * k + first[v])
                    lower, t = upper + row_length, beyond[v]
                    in_steps = min(row_length, (lines.size - source) // STEP * STEP)
                    if loud[k]:
                        for m in range(0, in_steps, STEP):
                            add_changed(
                                value,
                                m,
                                weight,
                                part + m,
                                lines,
                                source + m,
                                changes,
                                upper + m,
                                lower + m,
                                t,
                            )
                        for m in range(in_steps, 3 * wide):
                            p, q = changes[upper + m], changes[lower + m]
                            value[m] += weight[part + m] * (np.float32(lines[source + m]) + (p + t * (q - p)))
                    else:
                        for m in range(0, in_steps, STEP):
                            add_pixels(value, m, weight, part + m, lines, source + m)
                        for m in range(in_steps, 3 * wide):
                            value[m] += weight[part + m] * np.float32(lines[source + m])
                _store(value, mask[y], lines, y, column * scale, wide)


@serial_kernel
def _store(value: Plane, missing: Mask, lines: npt.NDArray[np.uint8], y: int, left: int, wide: int) -> None:
    """Write the missing pixels of a cell's row."""
    start = 3 * (y * missing.size + left)
    for u in range(wide):
        if missing[left + u]:
            for m in range(3 * u, 3 * u + 3):
                lines[start + m] = np.uint8(min(max(value[m], np.float32(0)), np.float32(255)))


@serial_kernel
def _windows(
    row: int,
    column: int,
    hole: Mask,
    usable: Mask,
    shifts: Shifts,
    keys: npt.NDArray[np.int64],
    window: npt.NDArray[np.int64],
    shift: npt.NDArray[np.int64],
) -> int:
    """Find the windows that reach into a cell; those with one shift are one, the cell's own is the first.

    Fills in which window each of the nine neighbours has, and the windows' shifts; returns how many they are.
    ``keys`` are the shifts, each as one number.
    """
    rows, columns = hole.shape
    own = keys[row, column]
    shift[0, 0], shift[0, 1] = shifts[row, column, 0], shifts[row, column, 1]
    window[:] = 0
    count = 1
    for j in range(3):
        for i in range(3):
            r, c = row + j - 1, column + i - 1
            if r < 0 or c < 0 or r >= rows or c >= columns or keys[r, c] == own or not hole[r, c]:
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
    return count


@serial_kernel
def _difference(
    row: int,
    column: int,
    dy: np.int64,
    dx: np.int64,
    image: Plane,
    hole: Mask,
    clear: Mask,
    result: Image,
    first: npt.NDArray[np.int64],
    beyond: Plane,
    around: Plane,
    enlarged: Plane,
) -> bool:
    """Enlarge the difference of result and source around a cell along the row, three rows of it.

    ``clear`` are known cells with known neighbours; pixel u of a row lies ``beyond[u]`` of a cell behind the
    centre of cell ``first[u]`` of three side by side. Returns whether adding the difference changes a pixel.
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
                around[i, channel] = difference
                loudest = max(loudest, abs(difference))
        for u in range(first.size):
            left, s = first[u], beyond[u]
            for channel in range(3):
                p = around[left, channel]
                enlarged[j, 3 * u + channel] = p + s * (around[left + 1, channel] - p)
    return bool(loudest > _SILENT)


@serial_kernel
def _add_weights(share: Plane, window: npt.NDArray[np.int64], down: Plane, along: Plane) -> None:
    """Add the weights of the nine windows at a row to those of the shifts that they have."""
    for j in range(3):
        if down[j] > 0:
            for i in range(3):
                k = window[j, i]
                for m in range(share.shape[1]):
                    share[k, m] += down[j] * along[i, m]
