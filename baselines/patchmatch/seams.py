"""Steps between pieces of different origin, spread over the hole in the gradient domain.

Source:
    P. Perez et al., Poisson Image Editing, 2003, eq. 2, guided by a map of shifts. What is spread of a step
    is bounded, so that a wrong neighbour does not bleed into the hole.
"""

import numba
import numpy as np

from _df8k.kernels import inlined_kernel, kernel, shared_if_long
from df8k.baselines.base import Mask
from df8k.baselines.multigrid import correction, hierarchy

from .enlargement import Shifts
from .pyramid import Colours, Indices, Plane
from .vectors import Line

# No step is lowered by more grey levels: what is larger is an edge, and its colours would spread.
_LARGEST_STEP = np.int32(35)
_CYCLES = 2


def smooth_steps(colours: Colours, hole: Mask, missing: Indices, shifts: Shifts) -> None:
    """Remove steps where sources change and at the boundary: add a smooth field, in place.

    Args:
        colours: uint8 ``(h, w, 4)``, filled; the fourth channel stays.
        hole: bool ``(h, w)``, ``True`` = missing.
        missing: int32 ``(k, 2)``, the missing pixels.
        shifts: from missing pixels to sources.
    """
    source = np.zeros(colours.shape, np.float32)
    _defects(colours, hole, missing, shifts, source)
    with shared_if_long(0):  # sweeps of the multigrid are short loops, and there are hundreds
        field = correction(source, hierarchy(hole), cycles=_CYCLES)
    _add(colours, missing, field)


@kernel
def _add(result: Colours, missing: Indices, field: Plane) -> None:
    for n in numba.prange(missing.shape[0]):
        y, x = missing[n, 0], missing[n, 1]
        for c in range(3):
            value = np.rint(np.float32(result[y, x, c]) + field[y, x, c])
            result[y, x, c] = np.uint8(min(max(value, np.float32(0)), np.float32(255)))


@kernel
def _defects(colours: Colours, hole: Mask, missing: Indices, shifts: Shifts, source: Plane) -> None:
    """Sum over the neighbours of each missing pixel: the sources' step less the fill's; no fourth one.

    In halves of a grey level, all of them whole numbers.
    """
    height, width = hole.shape
    line = colours.reshape(-1)
    for n in numba.prange(missing.shape[0]):
        y, x = int(missing[n, 0]), int(missing[n, 1])
        dy, dx = int(shifts[y, x, 0]), int(shifts[y, x, 1])
        here, known = 4 * (y * width + x), _is_known(hole, y + dy, x + dx)
        red, green, blue = np.int32(0), np.int32(0), np.int32(0)
        for side in range(4):
            ny, nx = y + (side == 0) - (side == 1), x + (side == 2) - (side == 3)
            if ny < 0 or nx < 0 or ny >= height or nx >= width:
                continue
            # Steps between their sources: by this pixel's shift, and by the neighbour's where that differs.
            own, other = known and _is_known(hole, ny + dy, nx + dx), False
            ey, ex = dy, dx
            if hole[ny, nx]:
                ey, ex = int(shifts[ny, nx, 0]), int(shifts[ny, nx, 1])
                if ey != dy or ex != dx:
                    other = _is_known(hole, y + ey, x + ex) and _is_known(hole, ny + ey, nx + ex)
            if not own and not other:
                continue
            there = 4 * (ny * width + nx)
            by_own, by_other = 4 * (dy * width + dx) * own, 4 * (ey * width + ex) * other
            share = np.int32(1 if own and other else 2)
            weights = np.int32(own) * share, np.int32(other) * share
            red += _defect(line, here, there, by_own, by_other, weights)
            green += _defect(line, here + 1, there + 1, by_own, by_other, weights)
            blue += _defect(line, here + 2, there + 2, by_own, by_other, weights)
        source[y, x, 0], source[y, x, 1] = np.float32(0.5) * red, np.float32(0.5) * green
        source[y, x, 2] = np.float32(0.5) * blue


@inlined_kernel
def _is_known(hole: Mask, y: int, x: int) -> bool:
    return 0 <= y < hole.shape[0] and 0 <= x < hole.shape[1] and not hole[y, x]


@inlined_kernel
def _defect(
    line: Line, here: int, there: int, own: int, other: int, weights: tuple[np.int32, np.int32]
) -> np.int32:
    """Bound twice the sources' mean step less the fill's, at one neighbour in one channel."""
    steps = np.int32(line[there + own]) - np.int32(line[here + own])
    others = np.int32(line[there + other]) - np.int32(line[here + other])
    fill = np.int32(line[there]) - np.int32(line[here])
    defect = np.int32(weights[0] * steps + weights[1] * others - 2 * fill)
    return np.int32(min(max(defect, -2 * _LARGEST_STEP), 2 * _LARGEST_STEP))
