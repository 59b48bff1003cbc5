"""Nearest-neighbour field: for each patch of the hole the known patch that looks most alike.

Propagation runs in place within strips of rows and reads what other strips held before; strips are always the
same and random numbers depend on the patch alone, so no result depends on the number of threads.

Source:
    Barnes et al., PatchMatch: A Randomized Correspondence Algorithm for Structural Image Editing, 2009.
"""

import numba
import numpy as np
import numpy.typing as npt

from _df8k.kernels import dealt, inner_kernel, kernel
from df8k.baselines.base import Mask

from .distance import FAR, distance
from .pyramid import PATCH, Indices, Level
from .random_numbers import below, following, mix, offset
from .vectors import Line

_STRIP = 16
# Sources near the target itself suit it where colours change slowly; pixels.
_NEAR = 24
_NEAR_DRAWS = 2
# An enlarged source that is not known throughout is replaced by the first of these many around it that is.
_ATTEMPTS = 24

Field = npt.NDArray[np.int32]
"""int32 ``(h - 7, w - 7, 3)``: row and column of the source's anchor, distance; distance -1 is no entry."""


def no_field(level: Level) -> Field:
    """Make a field without an entry."""
    field = np.empty((*level.valid.shape, 3), np.int32)
    _clear(field)
    return field


@kernel
def _clear(field: Field) -> None:
    for y in numba.prange(field.shape[0]):
        field[y] = -1


def finer_field(coarse: Field, level: Level, seed: int) -> Field:
    """Start a level from the field of the next coarser one; distances are 0 until `improve`."""
    field = no_field(level)
    _enlarge(coarse, level.valid, level.sources, level.targets, field, np.uint32(seed))
    return field


def started_field(shifts: npt.NDArray[np.int32], level: Level, seed: int, *, cell: int, pixel: int) -> Field:
    """Start from shifts of cells; at random where a shift is 0.

    Args:
        shifts: int32 ``(h, w, 2)``, of cells of any size.
        level: to start.
        seed: of the random sources.
        cell: side of a cell; shifts are counted in it.
        pixel: side of the level's pixels in the same unit.

    Returns:
        Field in which every target has a source; distances are 0 until `improve`.
    """
    field = no_field(level)
    _start(shifts, cell, pixel, level.valid, level.sources, level.targets, field, np.uint32(seed))
    return field


def improve(level: Level, field: Field, *, sweeps: int, radius: int, seed: int) -> None:
    """Improve a field in place by propagation and random search.

    Args:
        level: colours of the current estimate, targets and sources.
        field: changed; its distances are computed anew.
        sweeps: passes over all targets; directions alternate.
        radius: pixels, of the widest search around the best source; halved down to 1.
        seed: of the random numbers.
    """
    rows = level.valid.shape[0]
    for sweep in range(sweeps):
        backwards = sweep % 2 == 1
        # Strips of every second pass begin half a strip later, so that their borders differ.
        shifted = _STRIP // 2 if backwards else 0
        tops = np.arange(-shifted, rows, _STRIP)
        beside = (tops + _STRIP if backwards else tops - level.spacing).clip(0, rows - 1)
        _sweep(
            level.colours.reshape(-1),
            level.trust,
            level.valid,
            level.sources,
            level.targets,
            level.starts,
            field[beside],
            field,
            sweep == 0,
            backwards,
            shifted,
            radius,
            mix(np.uint32(seed * 16 + sweep)),
            level.colours.shape[1] * 4,
            numba.get_num_threads(),
            level.spacing,
        )


@kernel
def _enlarge(
    coarse: Field, valid: Mask, sources: Indices, targets: Indices, field: Field, seed: np.uint32
) -> None:
    for n in numba.prange(targets.shape[0]):
        y, x = np.int64(targets[n, 0]), np.int64(targets[n, 1])
        above, left = min(y // 2, coarse.shape[0] - 1), min(x // 2, coarse.shape[1] - 1)
        sy = 2 * np.int64(coarse[above, left, 0]) + y - 2 * above
        sx = 2 * np.int64(coarse[above, left, 1]) + x - 2 * left
        _enter(field, y, x, sy, sx, coarse[above, left, 2] >= 0, valid, sources, seed)


@kernel
def _start(
    shifts: npt.NDArray[np.int32],
    cell: int,
    pixel: int,
    valid: Mask,
    sources: Indices,
    targets: Indices,
    field: Field,
    seed: np.uint32,
) -> None:
    height, width = shifts.shape[:2]
    for n in numba.prange(targets.shape[0]):
        y, x = np.int64(targets[n, 0]), np.int64(targets[n, 1])
        cy = min((y + PATCH // 2) * pixel // cell, height - 1)
        cx = min((x + PATCH // 2) * pixel // cell, width - 1)
        dy, dx = cell * np.int64(shifts[cy, cx, 0]), cell * np.int64(shifts[cy, cx, 1])
        _enter(field, y, x, y + dy // pixel, x + dx // pixel, dy != 0 or dx != 0, valid, sources, seed)


@inner_kernel
def _enter(
    field: Field,
    y: np.int64,
    x: np.int64,
    sy: np.int64,
    sx: np.int64,
    useful: bool,
    valid: Mask,
    sources: Indices,
    seed: np.uint32,
) -> None:
    """Enter a source, or one near it that is known throughout; else a random one."""
    rows, columns = valid.shape
    state = mix(np.uint32(seed ^ mix(np.uint32(y * columns + x))))
    k = below(state, sources.shape[0])
    field[y, x, 0], field[y, x, 1], field[y, x, 2] = sources[k, 0], sources[k, 1], 0
    if not useful:
        return
    for reach in range(_ATTEMPTS):
        state = following(state)
        ty = sy + offset(state & np.uint32(0xFFFF), reach)
        tx = sx + offset(state >> np.uint32(16), reach)
        if 0 <= ty < rows and 0 <= tx < columns and valid[ty, tx]:
            field[y, x, 0], field[y, x, 1] = ty, tx
            return


@kernel
def _sweep(
    lines: Line,
    trust: Line,
    valid: Mask,
    sources: Indices,
    targets: Indices,
    starts: Indices,
    before: Field,
    field: Field,
    stale: bool,
    backwards: bool,
    shifted: int,
    radius: int,
    key: np.uint32,
    stride: int,
    threads: int,
    spacing: int,
) -> None:
    rows, columns = valid.shape
    step = spacing if backwards else -spacing
    strips = (rows + shifted + _STRIP - 1) // _STRIP
    for turn in numba.prange(strips):
        strip = dealt(turn, strips, threads)
        top, bottom = max(strip * _STRIP - shifted, 0), min((strip + 1) * _STRIP - shifted, rows)
        first, last = starts[top], starts[bottom]
        for m in range(last - first):
            n = last - 1 - m if backwards else first + m
            y, x = np.int64(targets[n, 0]), np.int64(targets[n, 1])
            here = y * stride + 4 * x
            by, bx, best = np.int64(field[y, x, 0]), np.int64(field[y, x, 1]), field[y, x, 2]
            if stale:
                best = distance(lines, trust, stride, here, by * stride + 4 * bx, FAR)
            for axis in range(2):
                ny, nx = (y, x + step) if axis == 0 else (y + step, x)
                if ny < 0 or nx < 0 or ny >= rows or nx >= columns:
                    continue
                entry = field[ny, nx] if top <= ny < bottom else before[strip, nx]
                sy, sx = np.int64(entry[0]) + y - ny, np.int64(entry[1]) + x - nx
                if entry[2] < 0 or (sy == by and sx == bx):
                    continue
                if sy < 0 or sx < 0 or sy >= rows or sx >= columns or not valid[sy, sx]:
                    continue
                cost = distance(lines, trust, stride, here, sy * stride + 4 * sx, best)
                if cost < best:
                    by, bx, best = sy, sx, cost
            state = mix(np.uint32(key ^ mix(np.uint32(y * columns + x))))
            k = below(state, sources.shape[0])
            sy, sx = np.int64(sources[k, 0]), np.int64(sources[k, 1])
            cost = distance(lines, trust, stride, here, sy * stride + 4 * sx, best)
            if cost < best:
                by, bx, best = sy, sx, cost
            reach, draws = radius, _NEAR_DRAWS
            while reach >= 1:
                state = following(state)
                if draws:
                    sy, sx, extent, draws = y, x, _NEAR, draws - 1
                else:
                    sy, sx, extent, reach = by, bx, reach, reach // 2
                sy += offset(state & np.uint32(0xFFFF), extent)
                sx += offset(state >> np.uint32(16), extent)
                if sy < 0 or sx < 0 or sy >= rows or sx >= columns or not valid[sy, sx]:
                    continue
                cost = distance(lines, trust, stride, here, sy * stride + 4 * sx, best)
                if cost < best:
                    by, bx, best = sy, sx, cost
            field[y, x, 0], field[y, x, 1], field[y, x, 2] = by, bx, best
