"""Full multigrid for Laplace's and Poisson's equation in a hole of any shape."""

from dataclasses import dataclass
from itertools import pairwise

import cv2
import numba
import numpy as np
import numpy.typing as npt

from _df8k.kernels import kernel, shared_if_long

from .base import Image, Mask
from .relaxation import add_interpolated_colours, restrict_colours, smooth_colours

_Plane = npt.NDArray[np.float32]
_Runs = npt.NDArray[np.int32]

CYCLES = 2
# Errors live near the boundary, where the coarse grids are wrong: a band of a few pixels takes more sweeps.
_BOUNDARY_PX = 4
_BOUNDARY_SWEEPS = 4
# Coarse sweeps cost little and double from level to level up to this number.
_MOST_SWEEPS = 32
# Shorter runs are walked pixel by pixel: setting up a vector loop would cost more than it saves.
_SHORT_PX = 32
# Smoothed in a microsecond.
_PIXELS_PER_ITEM = 100


@dataclass(frozen=True)
class GridLevel:
    """Grid of the hierarchy.

    Attributes:
        hole: bool ``(h, w)``.
        runs: int32 ``(n, 3)``, the hole as rows of ``y, first x, last x + 1``: all work walks these.
        boundary: runs of the hole's pixels near its boundary, which take more smoothing: errors live there.
    """

    hole: Mask
    runs: _Runs
    boundary: _Runs


def hierarchy(hole: Mask) -> list[GridLevel]:
    """Halve the hole until nothing of it is left.

    A coarse cell belongs to the hole only where all its children do. Coarse grids thus see a hole that is too
    small rather than too large, which keeps the corrections stable; the boundary is left to the smoother.

    Args:
        hole: bool ``(h, w)`` with at least one known pixel.

    Returns:
        Levels, finest first; the last has no hole.
    """
    with shared_if_long(hole.size // _PIXELS_PER_ITEM):
        levels = [_level(hole)]
        while levels[-1].runs.size:
            coarse = _coarsen(levels[-1].hole)
            levels.append(_level(coarse))
    return levels


def solve(plane: _Plane, levels: list[GridLevel], *, cycles: int = CYCLES) -> None:
    """Write the harmonic fill into the hole of one channel.

    Args:
        plane: float32 ``(h, w)``, changed in place; its values under the hole are not read.
        levels: `hierarchy` of the hole.
        cycles: V-cycles at each level.
    """
    with shared_if_long(plane.size // _PIXELS_PER_ITEM):
        planes = [plane]
        for fine, coarse in pairwise(levels):
            planes.append(_average_known(planes[-1], fine.hole, coarse.hole))
        for k in range(len(levels) - 2, -1, -1):
            _interpolate(planes[k], planes[k + 1], levels[k].runs, add=False)
            planes[k + 1] = np.empty((0, 0), np.float32)
            source = np.zeros((0, 0), np.float32)
            for _ in range(cycles):
                _cycle(planes[k], source, levels[k:])


def correction(source: _Plane, levels: list[GridLevel], *, cycles: int = CYCLES) -> _Plane:
    """Solve Poisson's equation in the hole for four planes at once, with 0 at the known pixels.

    Runs on one thread: it is meant for pictures of a working resolution.

    Args:
        source: float32 ``(h, w, 4)``, the undivided Laplacians wanted: neighbours' sum less four times
            the pixel.
        levels: `hierarchy` of the hole.
        cycles: V-cycles.

    Returns:
        float32 ``(h, w, 4)``.
    """
    solution = np.zeros(source.shape, np.float32)
    with shared_if_long(0):
        for _ in range(cycles):
            _cycle_colours(solution, source, levels, 0)
    return solution


def _cycle_colours(solution: _Plane, source: _Plane, levels: list[GridLevel], depth: int) -> None:
    runs, boundary = levels[0].runs, levels[0].boundary
    if not runs.size:
        return
    sweeps = min(1 << depth, _MOST_SWEEPS)
    smooth_colours(solution, source, boundary, _BOUNDARY_SWEEPS, 0)
    smooth_colours(solution, source, runs, sweeps, 0)
    if levels[1].runs.size:
        residual = np.empty((*levels[1].hole.shape, 4), np.float32)
        restrict_colours(solution, source, levels[1].runs, residual)
        coarse = np.zeros(residual.shape, np.float32)
        _cycle_colours(coarse, residual, levels[1:], depth + 1)
        add_interpolated_colours(solution, coarse, runs)
    smooth_colours(solution, source, runs, sweeps, 1)
    smooth_colours(solution, source, boundary, _BOUNDARY_SWEEPS, 1)


def _cycle(solution: _Plane, source: _Plane, levels: list[GridLevel], depth: int = 0) -> None:
    """Run one V-cycle for ``Δ solution = source``; an empty source stands for zero."""
    if levels[0].runs.size:
        with shared_if_long(levels[0].hole.size // _PIXELS_PER_ITEM):
            _cycle_shared(solution, source, levels, depth)


def _cycle_shared(solution: _Plane, source: _Plane, levels: list[GridLevel], depth: int) -> None:
    runs = levels[0].runs
    sweeps = min(1 << depth, _MOST_SWEEPS)
    for colour in (0, 1) * _BOUNDARY_SWEEPS:
        _smooth(solution, source, levels[0].boundary, colour)
    for colour in (0, 1) * sweeps:
        _smooth(solution, source, runs, colour)
    if levels[1].runs.size:
        residual = _restrict_residual(solution, source, levels[1].hole.shape, levels[1].runs)
        correction = np.zeros_like(residual)
        _cycle(correction, residual, levels[1:], depth + 1)
        _interpolate(solution, correction, runs, add=True)
    for colour in (1, 0) * sweeps:
        _smooth(solution, source, runs, colour)
    for colour in (1, 0) * _BOUNDARY_SWEEPS:
        _smooth(solution, source, levels[0].boundary, colour)


def _level(hole: Mask) -> GridLevel:
    inner = cv2.erode(
        hole.view(np.uint8), np.ones((2 * _BOUNDARY_PX + 1, 2 * _BOUNDARY_PX + 1), np.uint8)
    ).view(np.bool_)
    return GridLevel(hole, _runs(hole), _runs(hole & ~inner))


@kernel
def _runs(hole: Mask) -> _Runs:
    height, width = hole.shape
    counts = np.zeros(height + 1, np.int64)
    for y in numba.prange(height):
        inside = False
        for x in range(width):
            if hole[y, x] and not inside:
                counts[y + 1] += 1
            inside = hole[y, x]
    ends = np.cumsum(counts)
    runs = np.empty((ends[height], 3), np.int32)
    for y in numba.prange(height):
        n = ends[y] - 1
        inside = False
        for x in range(width):
            if hole[y, x]:
                if not inside:
                    n += 1
                    runs[n, 0], runs[n, 1] = y, x
                runs[n, 2] = x + 1
            inside = hole[y, x]
    return runs


@kernel
def _coarsen(hole: Mask) -> Mask:
    height, width = hole.shape
    coarse = np.empty(((height + 1) // 2, (width + 1) // 2), np.bool_)
    for y in numba.prange(coarse.shape[0]):
        y1 = min(2 * y + 1, height - 1)
        for x in range(coarse.shape[1]):
            x1 = min(2 * x + 1, width - 1)
            coarse[y, x] = hole[2 * y, 2 * x] and hole[2 * y, x1] and hole[y1, 2 * x] and hole[y1, x1]
    return coarse


@kernel
def _average_known(plane: _Plane, hole: Mask, coarse_hole: Mask) -> _Plane:
    height, width = plane.shape
    coarse = np.zeros(coarse_hole.shape, np.float32)
    for y in numba.prange(coarse_hole.shape[0]):
        for x in range(coarse_hole.shape[1]):
            if coarse_hole[y, x]:
                continue
            total, count = np.float32(0), np.float32(0)
            for j in range(2 * y, min(2 * y + 2, height)):
                for i in range(2 * x, min(2 * x + 2, width)):
                    if not hole[j, i]:
                        total += plane[j, i]
                        count += np.float32(1)
            coarse[y, x] = total / count
    return coarse


@kernel
def _interpolate(fine: _Plane, coarse: _Plane, runs: _Runs, add: bool) -> None:
    """Interpolate linearly between cell centres: weights 9, 3, 3 and 1 of 16."""
    rows, columns = coarse.shape
    for r in numba.prange(runs.shape[0]):
        y, first, last = runs[r, 0], runs[r, 1], runs[r, 2]
        row, a, b = fine[y, first:last], first // 2, (last - 1) // 2 + 1
        near, far = coarse[y // 2, a:b], coarse[min(max(y // 2 - 1 + 2 * (y % 2), 0), rows - 1), a:b]
        line = np.empty(b - a + 2, np.float32)
        inner = line[1:]
        for k in range(b - a):
            inner[k] = np.float32(0.75) * near[k] + np.float32(0.25) * far[k]
        for k, x in ((0, max(a - 1, 0)), (b - a + 1, min(b, columns - 1))):
            other = min(max(y // 2 - 1 + 2 * (y % 2), 0), rows - 1)
            line[k] = np.float32(0.75) * coarse[y // 2, x] + np.float32(0.25) * coarse[other, x]
        for k in range(last - first):
            x = first + k
            cell = x // 2 - a + 1
            value = np.float32(0.75) * line[cell] + np.float32(0.25) * line[cell - 1 + 2 * (x % 2)]
            row[k] = row[k] + value if add else value


@kernel
def _smooth(solution: _Plane, source: _Plane, runs: _Runs, colour: int) -> None:
    """Run half a Gauss-Seidel sweep: the pixels of one colour of the chessboard."""
    height, width = solution.shape
    for r in numba.prange(runs.shape[0]):
        y, first, last = runs[r, 0], runs[r, 1], runs[r, 2]
        row, up, down = solution[y], solution[max(y - 1, 0)], solution[min(y + 1, height - 1)]
        if last - first < _SHORT_PX:
            for x in range(first + (y + first + colour) % 2, last, 2):
                total = up[x] + down[x] + row[max(x - 1, 0)] + row[min(x + 1, width - 1)]
                row[x] = np.float32(0.25) * (total - source[y, x] if source.size else total)
            continue
        # Both colours are computed, contiguously and thus in vectors; one is kept.
        both = np.empty(last - first, np.float32)
        a, b = max(first, 1), min(last, width - 1)
        above, below, left, right, inner = (
            up[a:b],
            down[a:b],
            row[a - 1 : b - 1],
            row[a + 1 : b + 1],
            both[a - first :],
        )
        for k in range(b - a):
            inner[k] = above[k] + below[k] + left[k] + right[k]
        if first == 0:
            both[0] = up[0] + down[0] + row[0] + row[min(1, width - 1)]
        if last == width:
            both[-1] = up[-1] + down[-1] + row[-1] + row[max(width - 2, 0)]
        if source.size:
            both -= source[y, first:last]
        run = row[first:last]
        for k in range((y + first + colour) % 2, last - first, 2):
            run[k] = np.float32(0.25) * both[k]


@kernel
def _restrict_residual(solution: _Plane, source: _Plane, shape: tuple[int, int], runs: _Runs) -> _Plane:
    """Sum the residual over each coarse cell: its undivided Laplacian is four times as large.

    Only the first and the last pixel of a cell count: the sweep before ended on the other two, the odd colour
    of the chessboard, and left no residual there.
    """
    height, width = solution.shape
    coarse = np.zeros(shape, np.float32)
    for r in numba.prange(runs.shape[0]):
        cell = runs[r, 0]
        y = 2 * cell
        up, here = solution[max(y - 1, 0)], solution[y]
        next_, down = solution[min(y + 1, height - 1)], solution[min(y + 2, height - 1)]
        for k in range(runs[r, 1], runs[r, 2]):
            x = 2 * k
            x1 = min(x + 1, width - 1)
            total = np.float32(4) * here[x] - up[x] - next_[x] - here[max(x - 1, 0)] - here[x1]
            if x + 1 < width and y + 1 < height:
                total += (
                    np.float32(4) * next_[x1] - here[x1] - down[x1] - next_[x] - next_[min(x + 2, width - 1)]
                )
            if source.size:
                total += source[y, x]
                if x + 1 < width and y + 1 < height:
                    total += source[y + 1, x + 1]
            coarse[cell, k] = total
    return coarse


@kernel
def write_rounded(output: Image, plane: _Plane, runs: _Runs) -> None:
    """Round the solution of the hole to grey levels of ``output``, in place."""
    for r in numba.prange(runs.shape[0]):
        y = runs[r, 0]
        for x in range(runs[r, 1], runs[r, 2]):
            output[y, x] = np.uint8(min(max(plane[y, x] + np.float32(0.5), np.float32(0)), np.float32(255)))
