"""Vectors of the processor in compiled loops, where the compiler finds none: written as LLVM's operations.

LLVM splits a vector into what the processor has, so that one program serves all. Indices are not checked.
"""

from typing import Any

from llvmlite import ir
from numba.extending import intrinsic

__all__ = ["address", "intrinsic", "ir", "load", "splat"]


def address(context: Any, builder: Any, kind: Any, array: Any, at: Any, vector: Any) -> Any:
    """Point at a vector that begins at an item of a one-dimensional array.

    Args:
        context: numba's.
        builder: LLVM's.
        kind: numba type of the array.
        array: its value.
        at: number of the item.
        vector: LLVM type of the vector.
    """
    start = context.make_array(kind)(context, builder, array).data
    return builder.bitcast(builder.gep(start, [at]), vector.as_pointer())


def load(builder: Any, pointer: Any) -> Any:
    """Load a vector of 8-bit or 32-bit values, aligned to single ones only."""
    return builder.load(pointer, align=1 if pointer.type.pointee.element == ir.IntType(8) else 4)


def splat(builder: Any, value: Any, vector: Any) -> Any:
    """Repeat a value."""
    undefined, numbers = ir.Constant(vector, ir.Undefined), ir.VectorType(ir.IntType(32), vector.count)
    first = builder.insert_element(undefined, value, ir.Constant(ir.IntType(32), 0))
    return builder.shuffle_vector(first, undefined, ir.Constant(numbers, [0] * vector.count))
