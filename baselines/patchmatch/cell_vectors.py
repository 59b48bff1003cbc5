"""Rows of a cell at full size, added up as vectors of the processor; indices are not checked."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import types

from _df8k.vectors import address, intrinsic, ir, load, splat

# Values that are added at a time.
STEP = 8
_PIXELS, _VALUES = ir.VectorType(ir.IntType(8), STEP), ir.VectorType(ir.FloatType(), STEP)

_Bytes = npt.NDArray[np.uint8]
_Floats = npt.NDArray[np.float32]


def _add_pixels(typing: Any, value: Any, m: Any, share: Any, at: Any, lines: Any, source: Any) -> Any:  # noqa: ARG001 - numba's contract
    def emit(context: Any, builder: Any, signature: Any, arguments: Sequence[Any]) -> Any:
        _add(
            context, builder, signature.args, arguments, _pixels(context, builder, signature.args, arguments)
        )
        return context.get_dummy_value()

    whole = types.int64
    return types.void(value, whole, share, whole, lines, whole), emit


def _add_changed(
    typing: Any,  # noqa: ARG001 - numba's contract
    value: Any,
    m: Any,  # noqa: ARG001 - numba's contract
    share: Any,
    at: Any,  # noqa: ARG001 - numba's contract
    lines: Any,
    source: Any,  # noqa: ARG001 - numba's contract
    changes: Any,
    upper: Any,  # noqa: ARG001 - numba's contract
    lower: Any,  # noqa: ARG001 - numba's contract
    t: Any,  # noqa: ARG001 - numba's contract
) -> Any:
    def emit(context: Any, builder: Any, signature: Any, arguments: Sequence[Any]) -> Any:
        changes, upper, lower, t = arguments[6:]
        above, below = (
            load(builder, address(context, builder, signature.args[6], changes, place, _VALUES))
            for place in (upper, lower)
        )
        step = builder.fmul(splat(builder, t, _VALUES), builder.fsub(below, above))
        pixels = _pixels(context, builder, signature.args, arguments)
        _add(context, builder, signature.args, arguments, builder.fadd(pixels, builder.fadd(above, step)))
        return context.get_dummy_value()

    whole = types.int64
    return types.void(value, whole, share, whole, lines, whole, changes, whole, whole, types.float32), emit


def _pixels(context: Any, builder: Any, kinds: Sequence[Any], arguments: Sequence[Any]) -> Any:
    lines, source = arguments[4:6]
    pixels = load(builder, address(context, builder, kinds[4], lines, source, _PIXELS))
    return builder.uitofp(pixels, _VALUES)


def _add(context: Any, builder: Any, kinds: Sequence[Any], arguments: Sequence[Any], pixels: Any) -> None:
    value, m, share, at = arguments[:4]
    into = address(context, builder, kinds[0], value, m, _VALUES)
    weight = load(builder, address(context, builder, kinds[2], share, at, _VALUES))
    builder.store(builder.fadd(load(builder, into), builder.fmul(weight, pixels)), into, align=4)


# Add a share of pixels to values: value, its place, share, its place, all pixels in one line, their place.
add_pixels: Callable[[_Floats, int, _Floats, int, _Bytes, int], None] = intrinsic(_add_pixels)
# The same with a change added to the pixels first: behind them changes, the places of those of the rows above
# and below, and the way from one to the other.
add_changed: Callable[[_Floats, int, _Floats, int, _Bytes, int, _Floats, int, int, np.float32], None] = (
    intrinsic(_add_changed)
)
