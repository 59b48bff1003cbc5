"""Small steps between pieces of different origin, spread over the hole in the gradient domain.

Source:
    P. Perez et al., Poisson Image Editing, 2003, eq. 2, guided by a map of shifts. Steps are bounded, so that
    a wrong neighbour does not bleed into the hole.
"""

import numba
import numpy as np

from _df8k.kernels import kernel
from df8k.baselines.base import Image, Mask
from df8k.baselines.multigrid import correction, hierarchy

from .enlargement import Shifts
from .pyramid import Colours, Indices, Plane

# Steps beyond this many grey levels are taken for edges and stay.
_LARGEST_STEP = np.float32(10)
_CYCLES = 2


def smooth_steps(colours: Colours, hole: Mask, missing: Indices, shifts: Shifts) -> Image:
    """Add to the missing pixels the field that removes steps where sources change and at the boundary.

    Args:
        colours: uint8 ``(h, w, 4)``, filled.
        hole: bool ``(h, w)``, ``True`` = missing.
        missing: int32 ``(k, 2)``, the missing pixels.
        shifts: from missing pixels to sources.

    Returns:
        uint8 ``(h, w, 3)``.
    """
    levels = hierarchy(hole)
    result = np.ascontiguousarray(colours[..., :3])
    for channel in range(3):
        source = np.zeros(hole.shape, np.float32)
        _defects(np.ascontiguousarray(colours[..., channel]), hole, missing, shifts, source)
        field = correction(source, levels, cycles=_CYCLES)
        plane = result[..., channel].astype(np.float32) + field
        result[..., channel] = np.where(hole, np.rint(plane).clip(0, 255), result[..., channel])
    return result


@kernel
def _defects(plane: Image, hole: Mask, missing: Indices, shifts: Shifts, source: Plane) -> None:
    """Sum over the neighbours of each missing pixel: the sources' step less the fill's."""
    height, width = hole.shape
    for n in numba.prange(missing.shape[0]):
        y, x = np.int64(missing[n, 0]), np.int64(missing[n, 1])
        total = np.float32(0)
        for side in range(4):
            ny, nx = y + (side == 0) - (side == 1), x + (side == 2) - (side == 3)
            if ny < 0 or nx < 0 or ny >= height or nx >= width:
                continue
            guidance, count = np.float32(0), 0
            for end in range(1 + hole[ny, nx]):
                dy, dx = (
                    (shifts[y, x, 0], shifts[y, x, 1]) if end == 0 else (shifts[ny, nx, 0], shifts[ny, nx, 1])
                )
                ay, ax, by, bx = y + dy, x + dx, ny + dy, nx + dx
                if min(ay, ax, by, bx) < 0 or max(ay, by) >= height or max(ax, bx) >= width:
                    continue
                if hole[ay, ax] or hole[by, bx]:
                    continue
                guidance += np.float32(plane[by, bx]) - np.float32(plane[ay, ax])
                count += 1
            if count:
                step = guidance / np.float32(count) - (np.float32(plane[ny, nx]) - np.float32(plane[y, x]))
                total += min(max(step, -_LARGEST_STEP), _LARGEST_STEP)
        source[y, x] = total
