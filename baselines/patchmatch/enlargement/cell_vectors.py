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
        change = _change(context, builder, signature.args[6], arguments[6:])
        pixels = _pixels(context, builder, signature.args, arguments)
        _add(context, builder, signature.args, arguments, builder.fadd(pixels, change))
        return context.get_dummy_value()

    whole = types.int64
    return types.void(value, whole, share, whole, lines, whole, changes, whole, whole, types.float32), emit


def _change(context: Any, builder: Any, kind: Any, arguments: Sequence[Any]) -> Any:
    changes, upper, lower, t = arguments
    above, below = (
        load(builder, address(context, builder, kind, changes, place, _VALUES)) for place in (upper, lower)
    )
    return builder.fadd(above, builder.fmul(splat(builder, t, _VALUES), builder.fsub(below, above)))


def _pixels(context: Any, builder: Any, kinds: Sequence[Any], arguments: Sequence[Any]) -> Any:
    lines, source = arguments[4:6]
    pixels = load(builder, address(context, builder, kinds[4], lines, source, _PIXELS))
    return builder.uitofp(pixels, _VALUES)


def _add(context: Any, builder: Any, kinds: Sequence[Any], arguments: Sequence[Any], pixels: Any) -> None:
    value, m, share, at = arguments[:4]
    into = address(context, builder, kinds[0], value, m, _VALUES)
    weight = load(builder, address(context, builder, kinds[2], share, at, _VALUES))
    builder.store(builder.fadd(load(builder, into), builder.fmul(weight, pixels)), into, align=4)


def _fill(typing: Any, values: Any, at: Any, number: Any) -> Any:  # noqa: ARG001 - numba's contract
    def emit(context: Any, builder: Any, signature: Any, arguments: Sequence[Any]) -> Any:
        values, at, number = arguments
        into = address(context, builder, signature.args[0], values, at, _VALUES)
        builder.store(splat(builder, number, _VALUES), into, align=4)
        return context.get_dummy_value()

    return types.void(values, types.int64, types.float32), emit


def _add_weight(typing: Any, share: Any, at: Any, along: Any, m: Any, down: Any) -> Any:  # noqa: ARG001 - numba's contract
    def emit(context: Any, builder: Any, signature: Any, arguments: Sequence[Any]) -> Any:
        share, at, along, m, down = arguments
        into = address(context, builder, signature.args[0], share, at, _VALUES)
        weight = load(builder, address(context, builder, signature.args[2], along, m, _VALUES))
        product = builder.fmul(splat(builder, down, _VALUES), weight)
        builder.store(builder.fadd(load(builder, into), product), into, align=4)
        return context.get_dummy_value()

    return types.void(share, types.int64, along, types.int64, types.float32), emit


def _put_pixels(typing: Any, lines: Any, at: Any, value: Any, m: Any) -> Any:  # noqa: ARG001 - numba's contract
    def emit(context: Any, builder: Any, signature: Any, arguments: Sequence[Any]) -> Any:
        lines, at, value, m = arguments
        levels = load(builder, address(context, builder, signature.args[2], value, m, _VALUES))
        _store(builder, levels, address(context, builder, signature.args[0], lines, at, _PIXELS))
        return context.get_dummy_value()

    return types.void(lines, types.int64, value, types.int64), emit


def _put_changed(
    typing: Any,  # noqa: ARG001 - numba's contract
    lines: Any,
    at: Any,  # noqa: ARG001 - numba's contract
    share: Any,
    place: Any,  # noqa: ARG001 - numba's contract
    source: Any,  # noqa: ARG001 - numba's contract
    changes: Any,
    upper: Any,  # noqa: ARG001 - numba's contract
    lower: Any,  # noqa: ARG001 - numba's contract
    t: Any,  # noqa: ARG001 - numba's contract
) -> Any:
    def emit(context: Any, builder: Any, signature: Any, arguments: Sequence[Any]) -> Any:
        lines, at, share, place, source = arguments[:5]
        pixels = load(builder, address(context, builder, signature.args[0], lines, source, _PIXELS))
        change = _change(context, builder, signature.args[5], arguments[5:])
        changed = builder.fadd(builder.uitofp(pixels, _VALUES), change)
        weight = load(builder, address(context, builder, signature.args[2], share, place, _VALUES))
        levels = builder.fadd(ir.Constant(_VALUES, [0.5] * STEP), builder.fmul(weight, changed))
        _store(builder, levels, address(context, builder, signature.args[0], lines, at, _PIXELS))
        return context.get_dummy_value()

    whole = types.int64
    return types.void(lines, whole, share, whole, whole, changes, whole, whole, types.float32), emit


def _store(builder: Any, levels: Any, into: Any) -> None:
    for bound, worse in ((0, "<"), (255, ">")):
        limit = ir.Constant(_VALUES, [float(bound)] * STEP)
        levels = builder.select(builder.fcmp_ordered(worse, levels, limit), limit, levels)
    # By way of whole numbers of full length, for which processors have an instruction.
    numbers = builder.fptosi(levels, ir.VectorType(ir.IntType(32), STEP))
    builder.store(builder.trunc(numbers, _PIXELS), into, align=1)


# Add a share of pixels to values: value, its place, share, its place, all pixels in one line, their place.
add_pixels: Callable[[_Floats, int, _Floats, int, _Bytes, int], None] = intrinsic(_add_pixels)
# The same with a change added to the pixels first: behind them changes, the places of those of the rows above
# and below, and the way from one to the other.
add_changed: Callable[[_Floats, int, _Floats, int, _Bytes, int, _Floats, int, int, np.float32], None] = (
    intrinsic(_add_changed)
)
# Set values to a number: values, their place, the number.
fill: Callable[[_Floats, int, np.float32], None] = intrinsic(_fill)
# Add weights along a row, times the weight down, to a share: share, its place, along, its place, down.
add_weight: Callable[[_Floats, int, _Floats, int, np.float32], None] = intrinsic(_add_weight)
# Write values, cut to whole grey levels, as pixels: all pixels in one line, their place, value, its place.
put_pixels: Callable[[_Bytes, int, _Floats, int], None] = intrinsic(_put_pixels)
# Write half a grey level and a share of changed pixels likewise: all pixels in one line, where to, share, its
# place, where from; then as `add_changed`.
put_changed: Callable[[_Bytes, int, _Floats, int, int, _Floats, int, int, np.float32], None] = intrinsic(
    _put_changed
)
