"""Loop over the missing cells, at full size."""

import cv2
import numba
import numpy as np
import numpy.typing as npt

from _df8k.kernels import inlined_kernel, kernel
from df8k.baselines.base import Image, Mask
from df8k.baselines.patchmatch.pyramid import Indices, Plane, listed
from df8k.baselines.patchmatch.reduction import WorkingImage

from .cell_vectors import STEP, add_changed, add_pixels, fill, put_changed, put_pixels
from .differences import difference, enlarge
from .windows import Shifts, add_weights, edge_weights, find_spans, find_windows, whole_spans

# Cells that are painted one after another, in the same buffers.
_STRETCH = 64


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
        np.ascontiguousarray(mask),
        working.scale,
        listed(working.hole),
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


@kernel
def _paint(
    output: Image,
    mask: Mask,
    scale: int,
    cells: Indices,
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
    spans, rows, blended = whole_spans(along), along.reshape(-1), weights[0, 0] > 0
    whole = np.zeros((scale, row_length), np.float32)
    for v in range(scale):
        add_weights(whole[v], np.zeros((3, 3), np.int64), weights[:, v], rows, spans)
    # Position between three differences side by side.
    at = ((np.arange(scale) + 0.5) / scale + 0.5).astype(np.float32)
    first = at.astype(np.int64)
    half, beyond = int(np.searchsorted(first, 1)), at - first.astype(np.float32)
    lines, missing, wholes = output.reshape(-1), mask.reshape(-1), whole.reshape(-1)
    for stretch in numba.prange((cells.shape[0] + _STRETCH - 1) // _STRETCH):
        window, shift, loud = np.empty((3, 3), np.int64), np.empty((9, 2), np.int64), np.empty(9, np.bool_)
        enlarged, share = np.zeros((9, 3, row_length), np.float32), np.empty((9, row_length), np.float32)
        around, value = np.empty((3, 9), np.float32), np.empty(row_length, np.float32)
        span = np.empty((9, 2), np.int64)
        changes, shares = enlarged.reshape(-1), share.reshape(-1)
        for n in range(stretch * _STRETCH, min((stretch + 1) * _STRETCH, cells.shape[0])):
            row, column = int(cells[n, 0]), int(cells[n, 1])
            shift[0, 0], shift[0, 1] = shifts[row, column, 0], shifts[row, column, 1]
            span[0, 0], span[0, 1] = 0, row_length
            count = find_windows(row, column, hole, usable, shifts, keys, window, shift) if blended else 1
            high, wide = min(scale, height - row * scale), min(scale, width - column * scale)
            lost = True
            for v in range(row * scale, row * scale + high):
                start = v * width + column * scale
                for u in range(start, start + wide):
                    lost &= missing[np.uint64(u)]
            for k in range(count):
                loud[k] = difference(
                    row, column, shift[k, 0], shift[k, 1], image, hole, clear, result, around
                )
                if loud[k]:
                    enlarge(around, half, beyond, enlarged[k])
            for v in range(high):
                y = row * scale + v
                # Rows between the windows above and below have the same weights.
                if count > 1 and (
                    v == 0 or weights[0, v] != weights[0, v - 1] or weights[2, v] != weights[2, v - 1]
                ):
                    above, below = weights[0, v] > 0, weights[2, v] > 0
                    if v == 0 or above != (weights[0, v - 1] > 0) or below != (weights[2, v - 1] > 0):
                        find_spans(span, count, window, above, below, spans)
                    for k in range(count):
                        for m in range(span[k, 0], span[k, 1], STEP):
                            fill(shares, row_length * k + m, np.float32(0))
                    add_weights(shares, window, weights[:, v], rows, spans)
                if count == 1 and lost:
                    target = 3 * (y * width + column * scale)
                    source = target + 3 * scale * (shift[0, 0] * width + shift[0, 1])
                    if loud[0]:
                        upper = row_length * first[v]
                        lower, part, t = upper + row_length, row_length * v, beyond[v]
                        _put(lines, target, 3 * wide, wholes, part, source, changes, upper, lower, t)
                    else:
                        for m in range(3 * wide):
                            lines[target + m] = lines[source + m]
                    continue
                for m in range(0, row_length, STEP):
                    fill(value, m, np.float32(0.5))
                for k in range(count):
                    source = 3 * ((y + scale * shift[k, 0]) * width + scale * (column + shift[k, 1]))
                    weight = wholes if count == 1 else shares
                    part = row_length * (v if count == 1 else k)
                    upper = row_length * (3 * k + first[v])
                    lower, t = upper + row_length, beyond[v]
                    begin, end = span[k, 0], span[k, 1]
                    in_steps = min(end, (lines.size - source) // STEP * STEP)
                    if loud[k]:
                        for m in range(begin, in_steps, STEP):
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
                        for m in range(max(begin, in_steps), min(end, 3 * wide)):
                            p, q = changes[upper + m], changes[lower + m]
                            value[m] += weight[part + m] * (np.float32(lines[source + m]) + (p + t * (q - p)))
                    else:
                        for m in range(begin, in_steps, STEP):
                            add_pixels(value, m, weight, part + m, lines, source + m)
                        for m in range(max(begin, in_steps), min(end, 3 * wide)):
                            value[m] += weight[part + m] * np.float32(lines[source + m])
                _store(value, mask[y], lines, y, column * scale, wide, lost)


@inlined_kernel
def _put(
    lines: npt.NDArray[np.uint8],
    target: int,
    length: int,
    weight: Plane,
    part: int,
    source: int,
    changes: Plane,
    upper: int,
    lower: int,
    t: np.float32,
) -> None:
    """Write a row of a cell that is missing throughout and has one window: its changed source."""
    if length >= STEP:
        for m in range(0, length - STEP, STEP):
            put_changed(lines, target + m, weight, part + m, source + m, changes, upper + m, lower + m, t)
        # The last step ends with the cell, and writes again what lies in the one before it.
        m = length - STEP
        put_changed(lines, target + m, weight, part + m, source + m, changes, upper + m, lower + m, t)
        return
    for m in range(length):
        p, q = changes[upper + m], changes[lower + m]
        value = np.float32(0.5) + weight[part + m] * (np.float32(lines[source + m]) + (p + t * (q - p)))
        lines[target + m] = np.uint8(min(max(value, np.float32(0)), np.float32(255)))


@inlined_kernel
def _store(
    value: Plane,
    missing: Mask,
    lines: npt.NDArray[np.uint8],
    y: int,
    left: int,
    wide: int,
    lost: bool,
) -> None:
    """Write the missing pixels of a cell's row; all of them are where the cell is ``lost``."""
    start = 3 * (y * missing.size + left)
    if lost and 3 * wide >= STEP:
        for m in range(0, 3 * wide - STEP, STEP):
            put_pixels(lines, start + m, value, m)
        # The last step ends with the cell, and writes again what lies in the one before it.
        put_pixels(lines, start + 3 * wide - STEP, value, 3 * wide - STEP)
        return
    for u in range(wide):
        if missing[left + u]:
            for m in range(3 * u, 3 * u + 3):
                lines[start + m] = np.uint8(min(max(value[m], np.float32(0)), np.float32(255)))
