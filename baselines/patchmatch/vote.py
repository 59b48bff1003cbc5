"""Colours of missing pixels from the patches that overlap them.

Patches are added one after another, row after row of anchors, to all pixels that they cover: each pixel
sums in the order of its patches, whatever strip of rows a thread works on.
"""

from typing import Any

import numba
import numpy as np
import numpy.typing as npt

from _df8k.kernels import dealt, inner_kernel, kernel

from .enlargement import Shifts
from .field import Field
from .pyramid import PATCH, Colours, Indices, Level, Plane
from .vectors import Line, add_row, keep_heavier

# Added to the mean squared difference of a patch, grey levels squared: perfect matches stay finite.
_FLOOR = np.float32(4)
_VALUES = np.float32(3 * PATCH * PATCH)
# Rows of pixels at a time: their sums stay in the cache.
_STRIP = 16

_Weights = npt.NDArray[np.float32]


@kernel
def _weights(targets: Indices, field: Field, confidence: Plane, sharpness: int) -> _Weights:
    """Weigh the patch of each target."""
    result = np.empty(targets.shape[0], np.float32)
    for n in numba.prange(targets.shape[0]):
        y, x = targets[n, 0], targets[n, 1]
        base = np.float32(1) / (np.float32(field[y, x, 2]) / _VALUES + _FLOOR)
        weight = confidence[y, x]
        for _ in range(sharpness):
            weight *= base * np.float32(64)
        result[n] = weight
    return result


@inner_kernel
def _strip(number: int, height: int, starts: Indices) -> tuple[Any, Any, Any, Any]:
    """Give a strip's rows, and the targets whose patches reach into it: each first and one after the last."""
    top, bottom = number * _STRIP, min((number + 1) * _STRIP, height)
    return top, bottom, starts[max(top - PATCH + 1, 0)], starts[min(bottom, starts.size - 1)]


def vote(level: Level, field: Field, *, sharpness: int) -> None:
    """Replace the colours of missing pixels by the weighted mean of what their patches show there.

    Args:
        level: its colours are changed.
        field: the source of every target.
        sharpness: 0 counts close and poor matches alike; a large one copies the closest.
    """
    weights = _weights(level.targets, field, level.confidence, sharpness)
    threads = numba.get_num_threads()
    lines = level.colours.reshape(-1)
    _vote(level.colours, lines, level.hole, level.targets, level.starts, field, weights, threads)


@kernel
def _vote(
    colours: Colours,
    lines: Line,
    hole: npt.NDArray[np.bool_],
    targets: Indices,
    starts: Indices,
    field: Field,
    weights: _Weights,
    threads: int,
) -> None:
    height, width = hole.shape
    strips = (height + _STRIP - 1) // _STRIP
    for turn in numba.prange(strips):
        top, bottom, first, last = _strip(dealt(turn, strips, threads), height, starts)
        if first == last:
            continue
        sums, totals = (
            np.zeros((bottom - top) * 4 * width, np.float32),
            np.zeros((bottom - top) * width, np.float32),
        )
        for n in range(first, last):
            y, x, weight = np.int64(targets[n, 0]), np.int64(targets[n, 1]), weights[n]
            source = (np.int64(field[y, x, 0]) * width + np.int64(field[y, x, 1])) * 4
            for j in range(max(top - y, 0), min(bottom - y, PATCH)):
                at = (y + j - top) * width + x
                add_row(sums, 4 * at, lines, source + 4 * j * width, weight)
                for i in range(PATCH):
                    totals[at + i] += weight
        for v in range(top, bottom):
            for u in range(width):
                if not hole[v, u]:
                    continue
                at = (v - top) * width + u
                scale = np.float32(1) / totals[at]
                for c in range(4):
                    colours[v, u, c] = np.uint8(sums[4 * at + c] * scale + np.float32(0.5))


def shifts(level: Level, field: Field, *, sharpness: int) -> Shifts:
    """Choose one source for each missing pixel: that of its heaviest patch.

    Returns:
        int32 ``(h, w, 2)``, rows and columns from a missing pixel to its source; 0 where nothing is missing.
    """
    result = np.zeros((*level.hole.shape, 2), np.int32)
    weights = _weights(level.targets, field, level.confidence, sharpness)
    threads = numba.get_num_threads()
    _choose(level.hole, level.targets, level.starts, field, weights, result, threads)
    return result


@kernel
def _choose(
    hole: npt.NDArray[np.bool_],
    targets: Indices,
    starts: Indices,
    field: Field,
    weights: _Weights,
    result: Shifts,
    threads: int,
) -> None:
    height, width = hole.shape
    strips = (height + _STRIP - 1) // _STRIP
    for turn in numba.prange(strips):
        top, bottom, first, last = _strip(dealt(turn, strips, threads), height, starts)
        if first == last:
            continue
        best = np.full((bottom - top) * width, np.float32(-1))
        which = np.zeros((bottom - top) * width, np.int32)
        for n in range(first, last):
            y, x = np.int64(targets[n, 0]), np.int64(targets[n, 1])
            for j in range(max(top - y, 0), min(bottom - y, PATCH)):
                keep_heavier(best, which, (y + j - top) * width + x, weights[n], np.int32(n))
        for v in range(top, bottom):
            for u in range(width):
                if not hole[v, u]:
                    continue
                n = which[(v - top) * width + u]
                ay, ax = targets[n, 0], targets[n, 1]
                result[v, u, 0], result[v, u, 1] = field[ay, ax, 0] - ay, field[ay, ax, 1] - ax


def copy(level: Level, origin: Shifts) -> None:
    """Replace the colours of missing pixels by those of their sources: nothing is averaged.

    Args:
        level: its colours are changed.
        origin: shifts from missing pixels to sources; see `shifts`.
    """
    _copy(level.colours, level.missing, origin)


@kernel
def _copy(colours: Colours, missing: Indices, origin: Shifts) -> None:
    for n in numba.prange(missing.shape[0]):
        y, x = missing[n, 0], missing[n, 1]
        v, u = y + origin[y, x, 0], x + origin[y, x, 1]
        for c in range(4):
            colours[y, x, c] = colours[v, u, c]
