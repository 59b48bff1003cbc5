"""Gauss-Seidel sweeps of the multigrid, the loops that it waits for."""

from collections.abc import Callable, Sequence
from typing import Any

import numba
import numpy as np
import numpy.typing as npt
from numba import types

from _df8k.kernels import kernel, serial_kernel
from _df8k.vectors import address, intrinsic, ir, load, splat

_LANES = 8
_VALUES = ir.VectorType(ir.FloatType(), _LANES)
_COLOURS = ir.VectorType(ir.FloatType(), 4)
_QUARTER = np.float32(0.25)
# In runs from here on the last column's neighbours are added from the right: rounding that results rest on.
_LONG_PX = 32

_Plane = npt.NDArray[np.float32]
_Runs = npt.NDArray[np.int32]


def _relax(typing: Any, plane: Any, up: Any, here: Any, down: Any, source: Any, at: Any, odd: Any) -> Any:  # noqa: ARG001 - numba's contract
    def emit(context: Any, builder: Any, signature: Any, arguments: Sequence[Any]) -> Any:
        plane, up, here, down, source, at, odd = arguments
        one = ir.Constant(ir.IntType(64), 1)

        def pointer(place: Any) -> Any:
            return address(context, builder, signature.args[0], plane, place, _VALUES)

        total = builder.fadd(load(builder, pointer(up)), load(builder, pointer(down)))
        total = builder.fadd(total, load(builder, pointer(builder.sub(here, one))))
        total = builder.fadd(total, load(builder, pointer(builder.add(here, one))))
        wanted = address(context, builder, signature.args[4], source, at, _VALUES)
        total = builder.fsub(total, load(builder, wanted))
        value = builder.fmul(total, ir.Constant(_VALUES, [0.25] * _LANES))
        numbers = ir.VectorType(ir.IntType(64), _LANES)
        lanes = ir.Constant(numbers, [lane % 2 for lane in range(_LANES)])
        chosen = builder.icmp_signed("==", lanes, splat(builder, odd, numbers))
        builder.store(builder.select(chosen, value, load(builder, pointer(here))), pointer(here), align=4)
        return context.get_dummy_value()

    return types.void(plane, *(types.int64,) * 3, source, types.int64, types.int64), emit


# Put the mean of the four neighbours, less a quarter of the source, into every second of eight pixels: of the
# plane, where it lies in the row above, its own and the one below, the source, where it lies there, and if
# the second is the first to change. Neighbours of a pixel that changes do not.
_relax_eight: Callable[[_Plane, int, int, int, _Plane, int, int], None] = intrinsic(_relax)


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
    """Do as `smooth_alone` with four planes at once, float32 ``(h, w, 4)``; none is empty."""
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


@kernel
def smooth_shared(solution: _Plane, source: _Plane, runs: _Runs, sweeps: int, first: int) -> None:
    """Run sweeps; each takes the pixels of one colour of the chessboard, then those of the other.

    Args:
        solution: float32 ``(h, w)``, changed in place.
        source: of the same shape, or empty, which stands for zero.
        runs: int32 ``(n, 3)``, rows of ``y, first x, last x + 1``.
        sweeps: over all runs.
        first: colour to begin with, 0 or 1.
    """
    wanted = source.reshape(-1) if source.size else np.zeros(_LANES, np.float32)
    for half in range(2 * sweeps):
        for r in numba.prange(runs.shape[0]):
            _smooth_run(solution, wanted, source.size > 0, runs[r], (first + half) % 2)


@serial_kernel
def smooth_alone(solution: _Plane, source: _Plane, runs: _Runs, sweeps: int, first: int) -> None:
    """Do as `smooth_shared`, on one thread: entering a shared loop takes longer than a short sweep."""
    wanted = source.reshape(-1) if source.size else np.zeros(_LANES, np.float32)
    for half in range(2 * sweeps):
        for r in range(runs.shape[0]):
            _smooth_run(solution, wanted, source.size > 0, runs[r], (first + half) % 2)


@serial_kernel
def _smooth_run(solution: _Plane, wanted: _Plane, sourced: bool, run: _Runs, colour: int) -> None:
    height, width = solution.shape
    y, first, last = int(run[0]), int(run[1]), int(run[2])
    flat = solution.reshape(-1)
    up, here, down = max(y - 1, 0) * width, y * width, min(y + 1, height - 1) * width
    # Pixels at the picture's sides, which are their own neighbours, and those of short runs are walked.
    a, b = max(first, 1), min(last, width - 1)
    if b - a < _LANES or y == 0 or y == height - 1:
        a = b = last
    for block in range(0, b - a, _LANES):
        # The last eight overlap those before them: to change a pixel again changes nothing.
        x = min(a + block, b - _LANES)
        at = here + x
        _relax_eight(flat, up + x, at, down + x, wanted, at if sourced else 0, (x + y + colour) % 2)
    x = first + (y + first + colour) % 2
    while x < last:
        if a <= x < b:
            x += (b - x + 1) // 2 * 2
            continue
        total = flat[up + x] + flat[down + x]
        left, right = here + max(x - 1, 0), here + min(x + 1, width - 1)
        if x == width - 1 and last - first >= _LONG_PX:
            left, right = right, left
        total += flat[left]
        total += flat[right]
        flat[here + x] = _QUARTER * (total - wanted[here + x] if sourced else total)
        x += 2
