"""Steps of the multigrid over four planes at once: a pixel is a vector."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numba import types

from _df8k.kernels import serial_kernel
from _df8k.vectors import address, intrinsic, ir, load

from .grids import Plane, Runs

_COLOURS = ir.VectorType(ir.FloatType(), 4)
# In runs from here on the last column's neighbours are added from the right: rounding that results rest on.
LONG_PX = 32


def _relax_colours(typing: Any, planes: Any, a: Any, b: Any, c: Any, d: Any, source: Any, at: Any) -> Any:  # noqa: ARG001 - numba's contract
    def emit(context: Any, builder: Any, signature: Any, arguments: Sequence[Any]) -> Any:
        planes, *neighbours, source, at = arguments
        total = None
        for place in neighbours:
            value = load(builder, address(context, builder, signature.args[0], planes, place, _COLOURS))
            total = value if total is None else builder.fadd(total, value)
        wanted = address(context, builder, signature.args[5], source, at, _COLOURS)
        value = builder.fmul(builder.fsub(total, load(builder, wanted)), ir.Constant(_COLOURS, [0.25] * 4))
        here = address(context, builder, signature.args[0], planes, at, _COLOURS)
        builder.store(value, here, align=4)
        return context.get_dummy_value()

    return types.void(planes, *(types.int64,) * 4, source, types.int64), emit


# Put the mean of four neighbours, less a quarter of the source, into a pixel of four colours: of the planes,
# where the neighbours lie in the order in which they are added, the source, and where the pixel lies.
_relax_pixel: Callable[[Plane, int, int, int, int, Plane, int], None] = intrinsic(_relax_colours)


@serial_kernel
def smooth_colours(solution: Plane, source: Plane, runs: Runs, sweeps: int, first: int) -> None:
    """Run sweeps; each takes the pixels of one colour of the chessboard, then those of the other.

    Args:
        solution: float32 ``(h, w, 4)``, changed in place.
        source: of the same shape.
        runs: int32 ``(n, 3)``, rows of ``y, first x, last x + 1``.
        sweeps: over all runs.
        first: colour to begin with, 0 or 1.
    """
    height, width = solution.shape[:2]
    flat, wanted = solution.reshape(-1), source.reshape(-1)
    for half in range(2 * sweeps):
        for r in range(runs.shape[0]):
            y, begin, end = int(runs[r, 0]), int(runs[r, 1]), int(runs[r, 2])
            up, here, down = max(y - 1, 0) * width, y * width, min(y + 1, height - 1) * width
            for x in range(begin + (y + begin + first + half) % 2, end, 2):
                left, right = here + max(x - 1, 0), here + min(x + 1, width - 1)
                if x == width - 1 and end - begin >= LONG_PX:
                    left, right = right, left
                _relax_pixel(flat, 4 * (up + x), 4 * (down + x), 4 * left, 4 * right, wanted, 4 * (here + x))


@serial_kernel
def restrict_colours(solution: Plane, source: Plane, runs: Runs, coarse: Plane) -> None:
    """Sum the residual over each coarse cell, at the first and the last of its pixels.

    Args:
        solution: float32 ``(h, w, 4)``.
        source: of the same shape.
        runs: of the coarse grid; see `smooth_colours`.
        coarse: float32 ``(h / 2, w / 2, 4)``, rounded up, written in the runs.
    """
    height, width = solution.shape[:2]
    for r in range(runs.shape[0]):
        cell = runs[r, 0]
        y = 2 * cell
        up, here = solution[max(y - 1, 0)], solution[y]
        next_, down = solution[min(y + 1, height - 1)], solution[min(y + 2, height - 1)]
        for k in range(runs[r, 1], runs[r, 2]):
            x = 2 * k
            left, right, beyond = max(x - 1, 0), min(x + 1, width - 1), min(x + 2, width - 1)
            whole = x + 1 < width and y + 1 < height
            for c in range(4):
                total = np.float32(4) * here[x, c] - up[x, c] - next_[x, c] - here[left, c] - here[right, c]
                if whole:
                    total += (
                        np.float32(4) * next_[right, c]
                        - here[right, c]
                        - down[right, c]
                        - next_[x, c]
                        - next_[beyond, c]
                    )
                total += source[y, x, c]
                if whole:
                    total += source[y + 1, x + 1, c]
                coarse[cell, k, c] = total


@serial_kernel
def add_interpolated_colours(fine: Plane, coarse: Plane, runs: Runs) -> None:
    """Interpolate linearly between cell centres, weights 9, 3, 3 and 1 of 16, and add that in place.

    Args:
        fine: float32 ``(h, w, 4)``, changed in place.
        coarse: float32 ``(h / 2, w / 2, 4)``, rounded up.
        runs: of the fine grid; see `smooth_colours`.
    """
    rows, columns = coarse.shape[:2]
    line = np.empty((columns + 2, 4), np.float32)
    for r in range(runs.shape[0]):
        y, first, last = runs[r, 0], runs[r, 1], runs[r, 2]
        near, far = coarse[y // 2], coarse[min(max(y // 2 - 1 + 2 * (y % 2), 0), rows - 1)]
        a, b = first // 2, (last - 1) // 2 + 1
        for cell in range(a - 1, b + 1):
            x = min(max(cell, 0), columns - 1)
            for c in range(4):
                line[cell + 1, c] = np.float32(0.75) * near[x, c] + np.float32(0.25) * far[x, c]
        for x in range(first, last):
            cell = x // 2 + 1
            for c in range(4):
                value = np.float32(0.75) * line[cell, c] + np.float32(0.25) * line[cell - 1 + 2 * (x % 2), c]
                fine[y, x, c] = fine[y, x, c] + value
