"""One source for each cell of the hole, coherent with those of its neighbours.

The paper mixes all known cells by their attention. A mixture of many is blurred, and where the mixtures of
neighbouring cells are alike the hole repeats them at the pitch of the cells: a grid. Here every cell takes
one source. What counts is the attention, whether the source looks like what the network has filled in, in
colour, and like the hole's surroundings, in strength of detail; cells prefer to continue what their
neighbours take, and not to repeat it.

Source:
    Pritch et al., Shift-Map Image Editing, 2009: labels are shifts, neighbours with the same one are free.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from _df8k.kernels import serial_kernel
from df8k.baselines.base import Mask
from df8k.baselines.hifill.network.geometry import COLOUR_SPREAD, DETAIL_SPREAD, GRID, LEAST_DETAIL, STRENGTHS
from df8k.baselines.hifill.network.harmonic_fill import fill_planes

from .grid import PIXELS, Floats

INCOHERENCE: Final = 0.5
"""Cost of a neighbour with another shift, in units of the attention's logarithm."""

REPETITION: Final = 2.0
"""Cost of a cell at most two away with the same source."""

_REACH: Final = 2
_NEAREST: Final = 16
_SWEEPS: Final = 10
_LEAST: Final = 1e-8

Grid32 = npt.NDArray[np.int32]


def unlikeness(small: Floats, hole: Mask) -> Floats:
    """Compare the looks of all cells.

    Args:
        small: float32 ``(512, 512, 3)`` in [0, 255], the picture with its hole filled by the network.
        hole: bool ``(512, 512)``. In cells that it touches the strength of detail is what a harmonic fill
            from the other cells expects.

    Returns:
        float32 ``(1024, 1024)``: half the squared distances of `described`.
    """
    looks = described(small)
    touched = np.asarray(hole.reshape(GRID, PIXELS, GRID, PIXELS).any(axis=(1, 3)))
    strengths = np.ascontiguousarray(looks[:, -STRENGTHS:].T).reshape(STRENGTHS, GRID, GRID)
    fill_planes(strengths, touched)
    looks[:, -STRENGTHS:] = strengths.reshape(STRENGTHS, -1).T
    squares = np.square(looks).sum(axis=1) / 2
    distances: Floats = squares[:, None] + squares - looks @ looks.T
    return distances.clip(0, out=distances)


def described(small: Floats) -> Floats:
    """Describe colour and strength of detail of every cell of a picture, as `network.description` does.

    Args:
        small: float32 ``(512, 512, 3)`` in [0, 255].

    Returns:
        float32 ``(1024, 14)``.
    """
    planes = small.transpose(2, 0, 1) / np.float32(127.5) - np.float32(1)
    half = PIXELS // 2
    quarters = planes.reshape(3, GRID, 2, half, GRID, 2, half).mean(axis=(3, 6))
    colours = quarters.transpose(0, 2, 4, 1, 3).reshape(-1, GRID * GRID)
    across, down = (
        np.abs(np.diff(planes, axis=axis, append=planes.take([-1], axis))).mean(axis=0) for axis in (2, 1)
    )
    strength = np.stack((across, down)).reshape(STRENGTHS, GRID, PIXELS, GRID, PIXELS).mean(axis=(2, 4))
    logarithms = np.log(strength + np.float32(LEAST_DETAIL)).reshape(STRENGTHS, -1)
    looks: Floats = np.concatenate(
        (colours / np.float32(2 * COLOUR_SPREAD), logarithms / np.float32(DETAIL_SPREAD))
    )
    return np.ascontiguousarray(looks.T)


def choose_sources(
    attention: Floats, unlike: Floats, queries: npt.NDArray[np.intp], keys: npt.NDArray[np.intp]
) -> Grid32:
    """Choose the cell that each cell of the hole is copied from.

    Args:
        attention: ``(Q, K)``, how much of each key a query takes.
        unlike: ``(Q, K)``, see `unlikeness`.
        queries: ``(Q,)`` numbers of the cells to fill, row by row.
        keys: ``(K,)`` numbers of the cells that may be copied.

    Returns:
        int32 ``(32, 32)``: the source's number, -1 where nothing is to be filled or nothing can be copied.
    """
    sources = np.full(GRID * GRID, -1, np.int32)
    if len(queries) and len(keys):
        costs = unlike - np.log(np.maximum(attention, _LEAST))
        order = np.argsort(costs, axis=1, kind="stable")[:, :_NEAREST]
        column = np.full(GRID * GRID, -1, np.int32)
        column[keys] = np.arange(len(keys))
        sources[queries] = keys[order[:, 0]]
        _settle(costs, queries, keys[order], column, sources)
    return sources.reshape(GRID, GRID)


@serial_kernel
def _settle(
    costs: npt.NDArray[np.float32],
    queries: npt.NDArray[np.intp],
    nearest: npt.NDArray[np.intp],
    column: Grid32,
    sources: Grid32,
) -> None:
    for sweep in range(_SWEEPS):
        changed = False
        for step in range(len(queries)):
            n = step if sweep % 2 == 0 else len(queries) - 1 - step
            cell = queries[n]
            best = int(sources[cell])
            least = _energy(costs[n, column[best]], cell, best, sources)
            for k in range(nearest.shape[1] + 9):
                candidate = int(nearest[n, k - 9]) if k >= 9 else _continued(cell, k, column, sources)
                if candidate < 0 or candidate == best:
                    continue
                energy = _energy(costs[n, column[candidate]], cell, candidate, sources)
                if energy < least:
                    best, least = candidate, energy
            if best != sources[cell]:
                sources[cell], changed = best, True
        if not changed:
            break


@serial_kernel
def _continued(cell: int, k: int, column: Grid32, sources: Grid32) -> int:
    """Shift the source of the k-th neighbour to the cell; -1 where that is no source."""
    down, right = k // 3 - 1, k % 3 - 1
    row, col = cell // GRID + down, cell % GRID + right
    if k == 4 or row < 0 or col < 0 or row >= GRID or col >= GRID or sources[row * GRID + col] < 0:
        return -1
    source = sources[row * GRID + col]
    row, col = source // GRID - down, source % GRID - right
    if row < 0 or col < 0 or row >= GRID or col >= GRID or column[row * GRID + col] < 0:
        return -1
    return int(row * GRID + col)


@serial_kernel
def _energy(cost: float, cell: int, source: int, sources: Grid32) -> float:
    """Add to a source's cost those of the cells around that do not continue it, or repeat it."""
    broken, repeated = 0, 0
    for down in range(-_REACH, _REACH + 1):
        for right in range(-_REACH, _REACH + 1):
            row, col = cell // GRID + down, cell % GRID + right
            if (down == 0 and right == 0) or row < 0 or col < 0 or row >= GRID or col >= GRID:
                continue
            other = sources[row * GRID + col]
            if other < 0:
                continue
            repeated += other == source
            continues = other // GRID - source // GRID == down and other % GRID - source % GRID == right
            broken += abs(down) <= 1 and abs(right) <= 1 and not continues
    return cost + INCOHERENCE * broken + REPETITION * repeated
