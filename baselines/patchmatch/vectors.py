"""Rows of a patch as vectors of the processor; indices are not checked."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import types
from numba.core import cgutils

from _df8k.vectors import address, intrinsic, ir, load, splat

from .pyramid import PATCH, Indices, Plane

Line = npt.NDArray[np.uint8]

# Values of a patch's row: four to a pixel.
_ROW = 4 * PATCH
_BYTES, _SHORTS = ir.VectorType(ir.IntType(8), _ROW), ir.VectorType(ir.IntType(16), _ROW)
_FLOATS, _SUMS = ir.VectorType(ir.FloatType(), _ROW), ir.VectorType(ir.IntType(32), _ROW // 2)
_WEIGHTS, _NUMBERS = ir.VectorType(ir.FloatType(), PATCH), ir.VectorType(ir.IntType(32), PATCH)


def _two_rows(typing: Any, lines: Any, trust: Any, stride: Any, a: Any, b: Any) -> Any:  # noqa: ARG001 - numba's contract
    def emit(context: Any, builder: Any, signature: Any, arguments: Sequence[Any]) -> Any:
        pixels, weights = signature.args[:2]
        stride, a, b = arguments[2:]
        undefined = ir.Constant(_SHORTS, ir.Undefined)
        pairs = ir.VectorType(ir.IntType(32), _ROW // 2)
        halves = [ir.Constant(pairs, list(range(first, _ROW, 2))) for first in (0, 1)]
        total = ir.Constant(_SUMS, [0] * _SUMS.count)
        for _ in range(2):
            p, q, weight = (
                builder.zext(load(builder, address(context, builder, kind, array, at, _BYTES)), _SHORTS)
                for kind, array, at in (
                    (pixels, arguments[0], a),
                    (pixels, arguments[0], b),
                    (weights, arguments[1], a),
                )
            )
            difference = builder.mul(builder.sub(p, q), weight)
            # Products of neighbours are added first: one instruction of many processors.
            for half in halves:
                differences = builder.sext(builder.shuffle_vector(difference, undefined, half), _SUMS)
                total = builder.add(total, builder.mul(differences, differences))
            a, b = builder.add(a, stride), builder.add(b, stride)
        kind = ir.FunctionType(ir.IntType(32), [_SUMS])
        name = f"llvm.vector.reduce.add.v{_SUMS.count}i32"
        return builder.call(cgutils.get_or_insert_function(builder.module, kind, name), [total])

    return types.int32(lines, trust, types.int64, types.int64, types.int64), emit


def _add_row(typing: Any, sums: Any, at: Any, lines: Any, source: Any, weight: Any) -> Any:  # noqa: ARG001 - numba's contract
    def emit(context: Any, builder: Any, signature: Any, arguments: Sequence[Any]) -> Any:
        sums, at, lines, source, weight = arguments
        colours = load(builder, address(context, builder, signature.args[2], lines, source, _BYTES))
        into = address(context, builder, signature.args[0], sums, at, _FLOATS)
        product = builder.fmul(splat(builder, weight, _FLOATS), builder.uitofp(colours, _FLOATS))
        builder.store(builder.fadd(load(builder, into), product), into, align=4)
        return context.get_dummy_value()

    return types.void(sums, types.int64, lines, types.int64, types.float32), emit


def _keep_heavier(typing: Any, best: Any, which: Any, at: Any, weight: Any, number: Any) -> Any:  # noqa: ARG001 - numba's contract
    def emit(context: Any, builder: Any, signature: Any, arguments: Sequence[Any]) -> Any:
        best, which, at, weight, number = arguments
        weights = address(context, builder, signature.args[0], best, at, _WEIGHTS)
        numbers = address(context, builder, signature.args[1], which, at, _NUMBERS)
        here, new = load(builder, weights), splat(builder, weight, _WEIGHTS)
        heavier = builder.fcmp_ordered(">", new, here)
        builder.store(builder.select(heavier, new, here), weights, align=4)
        number = builder.select(heavier, splat(builder, number, _NUMBERS), load(builder, numbers))
        builder.store(number, numbers, align=4)
        return context.get_dummy_value()

    return types.void(best, which, types.int64, types.float32, types.int32), emit


# Sum of the squared differences, weighted by the square of the trust in the first, of two rows of patches:
# of lines, trust (at most 8), stride, and where the target's and the source's upper row begin.
two_rows: Callable[[Line, Line, int, np.int64, np.int64], np.int32] = intrinsic(_two_rows)
# Add a row of a source, times a weight, to sums; first rounded, then added.
add_row: Callable[[Plane, np.int64, Line, np.int64, np.float32], None] = intrinsic(_add_row)
# Where a weight exceeds the best of a row's pixels, put it and a number in their place.
keep_heavier: Callable[[Plane, Indices, np.int64, np.float32, np.int32], None] = intrinsic(_keep_heavier)
