"""Colours of missing pixels from the patches that overlap them."""

import numba
import numpy as np

from _df8k.kernels import kernel

from .enlargement import Shifts
from .field import Field
from .pyramid import PATCH, Colours, Indices, Level, Plane

# Added to the mean squared difference of a patch, grey levels squared: perfect matches stay finite.
_FLOOR = np.float32(4)
_VALUES = np.float32(3 * PATCH * PATCH)


def _weights(level: Level, field: Field, sharpness: int) -> Plane:
    result = np.zeros(level.valid.shape, np.float32)
    _weigh(level.targets, field, level.confidence, sharpness, result)
    return result


@kernel
def _weigh(targets: Indices, field: Field, confidence: Plane, sharpness: int, result: Plane) -> None:
    for n in numba.prange(targets.shape[0]):
        y, x = targets[n, 0], targets[n, 1]
        base = np.float32(1) / (np.float32(field[y, x, 2]) / _VALUES + _FLOOR)
        weight = confidence[y, x]
        for _ in range(sharpness):
            weight *= base * np.float32(64)
        result[y, x] = weight


def vote(level: Level, field: Field, *, sharpness: int) -> None:
    """Replace the colours of missing pixels by the weighted mean of what their patches show there.

    Args:
        level: its colours are changed.
        field: the source of every target.
        sharpness: 0 counts close and poor matches alike; a large one copies the closest.
    """
    _vote(level.colours, level.missing, field, _weights(level, field, sharpness))


@kernel
def _vote(colours: Colours, missing: Indices, field: Field, weight: Plane) -> None:
    rows, columns = weight.shape
    for n in numba.prange(missing.shape[0]):
        y, x = missing[n, 0], missing[n, 1]
        r = g = b = t = total = np.float32(0)
        for ay in range(max(y - PATCH + 1, 0), min(y + 1, rows)):
            for ax in range(max(x - PATCH + 1, 0), min(x + 1, columns)):
                w = weight[ay, ax]
                sy, sx = field[ay, ax, 0] + y - ay, field[ay, ax, 1] + x - ax
                r += w * np.float32(colours[sy, sx, 0])
                g += w * np.float32(colours[sy, sx, 1])
                b += w * np.float32(colours[sy, sx, 2])
                t += w * np.float32(colours[sy, sx, 3])
                total += w
        scale = np.float32(1) / total
        colours[y, x, 0] = np.uint8(r * scale + np.float32(0.5))
        colours[y, x, 1] = np.uint8(g * scale + np.float32(0.5))
        colours[y, x, 2] = np.uint8(b * scale + np.float32(0.5))
        colours[y, x, 3] = np.uint8(t * scale + np.float32(0.5))


def shifts(level: Level, field: Field, *, sharpness: int) -> Shifts:
    """Choose one source for each missing pixel: that of its heaviest patch.

    Returns:
        int32 ``(h, w, 2)``, rows and columns from a missing pixel to its source; 0 where nothing is missing.
    """
    result = np.zeros((*level.hole.shape, 2), np.int32)
    _choose(level.missing, field, _weights(level, field, sharpness), result)
    return result


@kernel
def _choose(missing: Indices, field: Field, weight: Plane, result: Shifts) -> None:
    rows, columns = weight.shape
    for n in numba.prange(missing.shape[0]):
        y, x = missing[n, 0], missing[n, 1]
        best = np.float32(-1)
        for ay in range(max(y - PATCH + 1, 0), min(y + 1, rows)):
            for ax in range(max(x - PATCH + 1, 0), min(x + 1, columns)):
                if weight[ay, ax] > best:
                    best = weight[ay, ax]
                    result[y, x, 0], result[y, x, 1] = field[ay, ax, 0] - ay, field[ay, ax, 1] - ax


def copy(level: Level, origin: Shifts) -> None:
    """Replace the colours of missing pixels by those of their sources: nothing is averaged.

    Args:
        level: its colours are changed.
        origin: shifts from missing pixels to sources; see `shifts`.
    """
    y, x = level.missing.T
    level.colours[y, x] = level.colours[y + origin[y, x, 0], x + origin[y, x, 1]]
