"""Steps between pieces of different origin, spread over the hole in the gradient domain.

Source:
    P. Perez et al., Poisson Image Editing, 2003, eq. 2, guided by a map of shifts. What is spread of a step
    is bounded, so that a wrong neighbour does not bleed into the hole.
"""

import numba
import numpy as np

from _df8k.kernels import kernel, shared_if_long
from df8k.baselines.base import Mask
from df8k.baselines.multigrid import correction, hierarchy

from .enlargement import Shifts
from .pyramid import Colours, Indices, Plane

# No step is lowered by more grey levels: what is larger is an edge, and its colours would spread.
_LARGEST_STEP = np.float32(35)
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
    """Sum over the neighbours of each missing pixel: the sources' step less the fill's; no fourth one."""
    height, width = hole.shape
    for n in numba.prange(missing.shape[0]):
        y, x = np.int64(missing[n, 0]), np.int64(missing[n, 1])
        for side in range(4):
            ny, nx = y + (side == 0) - (side == 1), x + (side == 2) - (side == 3)
            if ny < 0 or nx < 0 or ny >= height or nx >= width:
                continue
            red, green, blue = np.float32(0), np.float32(0), np.float32(0)
            count = 0
            for end in range(1 + hole[ny, nx]):
                dy, dx = (
                    (shifts[y, x, 0], shifts[y, x, 1]) if end == 0 else (shifts[ny, nx, 0], shifts[ny, nx, 1])
                )
                ay, ax, by, bx = y + dy, x + dx, ny + dy, nx + dx
                if min(ay, ax, by, bx) < 0 or max(ay, by) >= height or max(ax, bx) >= width:
                    continue
                if hole[ay, ax] or hole[by, bx]:
                    continue
                red += np.float32(colours[by, bx, 0]) - np.float32(colours[ay, ax, 0])
                green += np.float32(colours[by, bx, 1]) - np.float32(colours[ay, ax, 1])
                blue += np.float32(colours[by, bx, 2]) - np.float32(colours[ay, ax, 2])
                count += 1
            if not count:
                continue
            for c in range(3):
                guidance = (red if c == 0 else green if c == 1 else blue) / np.float32(count)
                step = guidance - (np.float32(colours[ny, nx, c]) - np.float32(colours[y, x, c]))
                source[y, x, c] += min(max(step, -_LARGEST_STEP), _LARGEST_STEP)
