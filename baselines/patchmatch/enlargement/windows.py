"""Windows of a cell and its neighbours: which reach where, and how much they count there."""

import math

import numpy as np
import numpy.typing as npt

from _df8k.kernels import inlined_kernel
from df8k.baselines.base import Mask
from df8k.baselines.patchmatch.pyramid import Plane

from .cell_vectors import STEP, add_weight

Shifts = npt.NDArray[np.int32]
"""int32 ``(h, w, 2)``: rows and columns from a missing cell to its source; 0 where nothing is missing."""

# Reach of a cell's window into its neighbours, as a fraction of the cell.
_REACH = 0.25


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


@inlined_kernel
def whole_spans(along: Plane) -> npt.NDArray[np.int64]:
    """Say in which whole steps of a row each of three windows side by side has weights, ``(3, 2)``."""
    result = np.zeros((3, 2), np.int64)
    for i in range(3):
        places = np.flatnonzero(along[i])
        if places.size:
            result[i, 0], result[i, 1] = places[0] // STEP * STEP, (places[-1] // STEP + 1) * STEP
    return result


@inlined_kernel
def find_windows(
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

    Fills in which window each of the nine neighbours has, and the shifts of the windows but for the first;
    returns how many they are. ``keys`` are the shifts, each as one number.
    """
    rows, columns = hole.shape
    own = keys[row, column]
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


@inlined_kernel
def find_spans(
    span: npt.NDArray[np.int64],
    count: int,
    window: npt.NDArray[np.int64],
    above: bool,
    below: bool,
    spans: npt.NDArray[np.int64],
) -> None:
    """Say where along a row each shift has weights, in whole steps; nowhere is an empty span."""
    for k in range(1, count):
        span[k, 0] = span[k, 1] = 0
    for j in range(1 - above, 2 + below):
        for i in range(3):
            k = window[j, i]
            if k:
                begin = spans[i, 0] if span[k, 1] == 0 else span[k, 0]
                span[k, 0], span[k, 1] = min(begin, spans[i, 0]), max(span[k, 1], spans[i, 1])


@inlined_kernel
def add_weights(
    share: Plane, window: npt.NDArray[np.int64], down: Plane, along: Plane, spans: npt.NDArray[np.int64]
) -> None:
    """Add the weights of the nine windows at a row to those of the shifts that they have, row after row."""
    length = along.size // 3
    for j in range(3):
        if down[j] > 0:
            for i in range(3):
                k = window[j, i]
                for m in range(spans[i, 0], spans[i, 1], STEP):
                    add_weight(share, k * length + m, along, i * length + m, down[j])
