"""Neighbouring patches of the hole take neighbouring sources.

Chosen one by one, sources repeat: inside a large hole the coarse result hardly changes, and one known patch
is the most similar to many missing ones. Side by side they show as a pattern. So sources are chosen together:
every neighbour that does not continue a patch's source, as it does in the known region, counts like some
distance, and every near patch with the same source counts more. What is copied are then pieces larger than a
patch, with their texture as it was.

Source:
    Barnes et al., PatchMatch, 2009, section 3.2 (propagation); Pritch et al., Shift-Map Image Editing, 2009.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from _df8k.kernels import inner_kernel, sum_kernel
from baselines.rethined.tokens import Pixels, Tokens

from .context import breaks_at
from .nearest import AMPLITUDE, NEVER_ZERO
from .problem import MatchProblem

# What a neighbour that does not continue counts, in distances between unit vectors. It grows, so that pieces
# form where the match is certain and spread from there.
_STRENGTHS = (0.02, 0.04, 0.06, 0.08)

# What each token of the hole within two tokens counts that has the very same source: where few patches match,
# one of them would otherwise stand side by side with itself.
_REPEATED = np.float32(0.2)
_NEAR = 2

_Grid = npt.NDArray[np.int64]


class _Field(NamedTuple):
    """Arrays of all tokens, ``N`` in rows and columns of the grid, as the compiled sweep reads them.

    Attributes:
        queries: float32 ``(N, K)``.
        keys: float32 ``(N, K)``.
        detail: float32 ``(N, 256)``; see `context.Context`.
        known: float32 ``(N, 256)``.
        alone: int64 ``(rows, columns)``, best source of each hole token for itself, -1 elsewhere.
        amplitude: float32 ``(rows, columns)``, of valid tokens, and expected of hole tokens.
        free: bool ``(rows, columns)``, valid sources.
        sources: int64 ``(rows, columns)``, sources up to now; the sweep changes them.
    """

    queries: Pixels
    keys: Pixels
    detail: Pixels
    known: Pixels
    alone: _Grid
    amplitude: Pixels
    free: npt.NDArray[np.bool_]
    sources: _Grid


def coherent_sources(problem: MatchProblem, best: Tokens) -> Tokens:
    """Choose the sources of all hole tokens together: iterated conditional modes, there and back.

    A token chooses between its source, the one that is best for it alone, and those that continue the sources
    of its eight neighbours. The work grows with the hole; the order is fixed, so the result is too.

    Args:
        problem: of one image.
        best: int64 ``(n,)``, the source that is best for each hole token alone; see `nearest.best_source`.

    Returns:
        int64 ``(n,)``, token numbers, all of them valid.
    """
    hole, valid, grid = problem.hole, problem.valid, problem.grid
    alone = np.full(grid, -1, np.int64)
    alone.reshape(-1)[hole] = best
    amplitude, free = np.zeros(grid, np.float32), np.zeros(grid, np.bool_)
    amplitude.reshape(-1)[hole] = problem.expected_amplitude
    amplitude.reshape(-1)[valid] = problem.source_amplitude
    free.reshape(-1)[valid] = True
    queries, keys = problem.queries.cpu().numpy(), problem.keys.cpu().numpy()
    field = _Field(queries, keys, *problem.context, alone, amplitude, free, alone.copy())
    # A reversed view would be compiled for a second time.
    orders = hole, hole[::-1].copy()
    for strength in _STRENGTHS:
        for order in orders:
            _sweep(field, order, np.float32(strength))
    coherent: Tokens = field.sources.reshape(-1)[hole]
    return coherent


@inner_kernel
def _sweep(field: _Field, order: Tokens, strength: np.float32) -> None:
    queries, keys, detail, known, alone, amplitude, free, sources = field
    rows, columns = sources.shape
    candidates = np.empty(10, np.int64)
    for token in order:
        row, column = token // columns, token % columns
        candidates[0], candidates[1] = sources[row, column], alone[row, column]
        count = 2
        for j in range(max(row - 1, 0), min(row + 2, rows)):
            for i in range(max(column - 1, 0), min(column + 2, columns)):
                source = sources[j, i]
                if source < 0 or (j == row and i == column):
                    continue
                y, x = source // columns + row - j, source % columns + column - i
                if 0 <= y < rows and 0 <= x < columns and free[y, x]:
                    candidates[count] = y * columns + x
                    count += 1
        near = known[token].any()
        least = np.float32(np.inf)
        for n in range(count):
            candidate = candidates[n]
            if n and (candidates[:n] == candidate).any():
                continue
            y, x = candidate // columns, candidate % columns
            mismatch = amplitude[y, x] - amplitude[row, column]
            distance = np.float32(1 + NEVER_ZERO) - _product(queries[token], keys[candidate])
            cost = distance * (1 + np.float32(AMPLITUDE) * mismatch * mismatch)
            if near:
                cost += breaks_at(detail[token], known[token], detail[candidate])
            cost += strength * _broken(sources, row, column, y, x)
            cost += _REPEATED * _repeats(sources, row, column, candidate)
            if cost < least:
                least, sources[row, column] = cost, candidate


@inner_kernel
def _broken(sources: _Grid, row: int, column: int, y: int, x: int) -> int:
    """Count the neighbours in the hole that would not continue the source at ``y``, ``x``."""
    rows, columns = sources.shape
    count = 0
    for j in range(max(row - 1, 0), min(row + 2, rows)):
        for i in range(max(column - 1, 0), min(column + 2, columns)):
            source = sources[j, i]
            if source >= 0 and (j != row or i != column):
                count += source // columns - y != j - row or source % columns - x != i - column
    return count


@inner_kernel
def _repeats(sources: _Grid, row: int, column: int, candidate: int) -> int:
    """Count the near tokens that have this source already."""
    rows, columns = sources.shape
    count = 0
    for j in range(max(row - _NEAR, 0), min(row + _NEAR + 1, rows)):
        for i in range(max(column - _NEAR, 0), min(column + _NEAR + 1, columns)):
            if (j != row or i != column) and sources[j, i] == candidate:
                count += 1
    return count


@sum_kernel
def _product(a: Pixels, b: Pixels) -> np.float32:
    total = np.float32(0)
    for k in range(a.size):
        total += a[k] * b[k]
    return total
