"""Full multigrid for Laplace's and Poisson's equation in a hole of any shape."""

from itertools import pairwise

import numba
import numpy as np
import numpy.typing as npt

from _df8k.kernels import inlined_kernel, kernel, shared_if_long
from df8k.baselines.base import Mask

from .colours import LONG_PX, add_interpolated_colours, restrict_colours, smooth_colours
from .grids import PIXELS_PER_ITEM, GridLevel, Plane, Runs

CYCLES = 2
_BOUNDARY_SWEEPS = 4
# Coarse sweeps cost little and double from level to level up to this number.
_MOST_SWEEPS = 32

_Line = npt.NDArray[np.float32]
_Place = np.uint64


def solve(plane: Plane, levels: list[GridLevel], *, cycles: int = CYCLES) -> None:
    """Write the harmonic fill into the hole of one channel.

    Args:
        plane: float32 ``(h, w)``, changed in place; its values under the hole are not read.
        levels: `hierarchy` of the hole.
        cycles: V-cycles at each level.
    """
    with shared_if_long(plane.size // PIXELS_PER_ITEM):
        planes = [np.ascontiguousarray(plane)]
        for fine, coarse in pairwise(levels):
            # Read for the last time before a residual is written there.
            planes.append(coarse.residual)
            _average_known(planes[-2], fine.hole, coarse.hole, planes[-1])
        for k in range(len(levels) - 2, -1, -1):
            _interpolate(planes[k], planes[k + 1], levels[k].runs, add=False)
            source = np.zeros((0, 0), np.float32)
            for _ in range(cycles):
                _cycle(planes[k], source, levels[k:])
        if planes[0] is not plane:
            plane[:] = planes[0]


def correction(source: Plane, levels: list[GridLevel], *, cycles: int = CYCLES) -> Plane:
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


def _cycle_colours(solution: Plane, source: Plane, levels: list[GridLevel], depth: int) -> None:
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


def _cycle(solution: Plane, source: Plane, levels: list[GridLevel], depth: int = 0) -> None:
    """Run one V-cycle for ``Δ solution = source``; an empty source stands for zero."""
    runs, boundary = levels[0].runs, levels[0].boundary
    if not runs.size:
        return
    sweeps = min(1 << depth, _MOST_SWEEPS)
    with shared_if_long(solution.size // PIXELS_PER_ITEM):
        _smooth(solution, source, boundary, _BOUNDARY_SWEEPS, 0)
        _smooth(solution, source, runs, sweeps, 0)
        if levels[1].runs.size:
            coarse = levels[1]
            _restrict_residual(solution, source, coarse.residual, coarse.runs)
            _clear(coarse.correction, coarse.runs)
            _cycle(coarse.correction, coarse.residual, levels[1:], depth + 1)
            _interpolate(solution, coarse.correction, runs, add=True)
        _smooth(solution, source, runs, sweeps, 1)
        _smooth(solution, source, boundary, _BOUNDARY_SWEEPS, 1)


@kernel
def _average_known(plane: Plane, hole: Mask, coarse_hole: Mask, coarse: Plane) -> None:
    """Average what is known of each cell; cells of the hole get anything."""
    height, width = plane.shape
    pairs = width // 2
    for y in numba.prange(coarse_hole.shape[0]):
        lower = min(2 * y + 1, height - 1)
        first, second, lost, gone = plane[2 * y], plane[lower], hole[2 * y], hole[lower]
        row = coarse[y]
        # All of them as if all were known, contiguously and thus in vectors; then those that are not.
        for x in range(pairs):
            total = first[2 * x] + first[2 * x + 1] + second[2 * x] + second[2 * x + 1]
            row[x] = np.float32(0.25) * total
        for x in range(coarse_hole.shape[1]):
            whole = x < pairs and 2 * y + 1 < height
            if whole and not (lost[2 * x] | lost[2 * x + 1] | gone[2 * x] | gone[2 * x + 1]):
                continue
            total, count = np.float32(0), np.float32(0)
            for j in range(2 * y, lower + 1):
                for i in range(2 * x, min(2 * x + 2, width)):
                    if not hole[j, i]:
                        total += plane[j, i]
                        count += np.float32(1)
            if count:
                row[x] = total / count


@kernel
def _interpolate(fine: Plane, coarse: Plane, runs: Runs, add: bool) -> None:
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
def _smooth(solution: Plane, source: Plane, runs: Runs, sweeps: int, first: int) -> None:
    """Run Gauss-Seidel sweeps; each takes the pixels of one colour of the chessboard, then the others.

    ``first`` is the colour to begin with. No two pixels of a colour are neighbours, so threads share them.
    """
    height, width = solution.shape
    flat, wanted = solution.reshape(-1), source.reshape(-1)
    for half in range(2 * sweeps):
        for r in numba.prange(runs.shape[0]):
            y, begin, end = int(runs[r, 0]), int(runs[r, 1]), int(runs[r, 2])
            _relax(flat, wanted, y, begin, end, first + half, height, width)


@inlined_kernel
def _relax(
    flat: _Line, wanted: _Line, y: int, first: int, last: int, colour: int, height: int, width: int
) -> None:
    """Relax the pixels of one colour in a run; at the border of the picture a pixel is its own neighbour."""
    # Unsigned numbers: what could be negative would be asked at every pixel whether it counts from the end.
    up, here, down = (
        np.uint64(max(y - 1, 0) * width),
        np.uint64(y * width),
        np.uint64(min(y + 1, height - 1) * width),
    )
    one, two = np.uint64(1), np.uint64(2)
    begin = first + (y + first + colour) % 2
    if begin == 0:
        _relax_pixel(flat, wanted, up, down, here, here + np.uint64(min(1, width - 1)), here)
        begin = 2
    for x in range(np.uint64(begin), np.uint64(min(last, width - 1)), two):
        at = here + x
        _relax_pixel(flat, wanted, up + x, down + x, at - one, at + one, at)
    if last == width and begin < width and (width - 1 - begin) % 2 == 0:
        end = np.uint64(width - 1)
        left, right = here + end - one, here + end
        if last - first >= LONG_PX:
            left, right = right, left
        _relax_pixel(flat, wanted, up + end, down + end, left, right, here + end)


@inlined_kernel
def _relax_pixel(
    flat: _Line, wanted: _Line, up: _Place, down: _Place, left: _Place, right: _Place, at: _Place
) -> None:
    """Put the mean of four neighbours, less a quarter of what is wanted, into a pixel."""
    total = flat[up] + flat[down] + flat[left] + flat[right]
    if wanted.size:
        total -= wanted[at]
    flat[at] = np.float32(0.25) * total


@kernel
def _restrict_residual(solution: Plane, source: Plane, coarse: Plane, runs: Runs) -> None:
    """Sum the residual over each cell of the coarse runs: its undivided Laplacian is four times as large.

    Only the first and the last pixel of a cell count: the sweep before ended on the other two, the odd colour
    of the chessboard, and left no residual there.
    """
    height, width = solution.shape
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


@kernel
def _clear(plane: Plane, runs: Runs) -> None:
    for r in numba.prange(runs.shape[0]):
        plane[runs[r, 0], runs[r, 1] : runs[r, 2]] = np.float32(0)
