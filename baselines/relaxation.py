"""Gauss-Seidel sweeps of the multigrid over four planes at once: a pixel is a vector."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import types

from _df8k.kernels import serial_kernel
from _df8k.vectors import address, intrinsic, ir, load

_COLOURS = ir.VectorType(ir.FloatType(), 4)
# In runs from here on the last column's neighbours are added from the right: rounding that results rest on.
_LONG_PX = 32

_Plane = npt.NDArray[np.float32]
_Runs = npt.NDArray[np.int32]


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
_relax_pixel: Callable[[_Plane, int, int, int, int, _Plane, int], None] = intrinsic(_relax_colours)


@serial_kernel
def smooth_colours(solution: _Plane, source: _Plane, runs: _Runs, sweeps: int, first: int) -> None:
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
                if x == width - 1 and end - begin >= _LONG_PX:
                    left, right = right, left
                _relax_pixel(flat, 4 * (up + x), 4 * (down + x), 4 * left, 4 * right, wanted, 4 * (here + x))
