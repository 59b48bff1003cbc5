"""Sources that are chosen together."""

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from baselines.rethined.matching.coherence import coherent_sources
from baselines.rethined.matching.context import Context
from baselines.rethined.matching.problem import MatchProblem


def unit(rng, count, size=16):
    values = rng.standard_normal((count, size)).astype(np.float32)
    return values / np.linalg.norm(values, axis=1, keepdims=True)


def broken(sources, tokens):
    """Share of neighbours, right and below, whose sources are not neighbours alike."""
    grid = np.full(tokens, -1)
    for token, source in sources.items():
        grid.flat[token] = source
    row, column = np.divmod(grid, tokens[1])
    total = apart = 0
    for axis in (0, 1):
        both = (grid.take(range(1, tokens[axis]), axis) >= 0) & (
            grid.take(range(tokens[axis] - 1), axis) >= 0
        )
        dr, dc = np.diff(row, axis=axis), np.diff(column, axis=axis)
        apart += (both & ((dr != (axis == 0)) | (dc != (axis == 1)))).sum()
        total += both.sum()
    return apart / total


def silent(count):
    """Nothing is known around any token."""
    return Context(np.zeros((count, 256), np.float32), np.zeros((count, 256), np.float32))


def cohere(queries, keys, hole, valid, source_amplitude, expected_amplitude, best, around, grid):
    tensors = torch.from_numpy(queries), torch.from_numpy(keys)
    problem = MatchProblem(*tensors, hole, valid, source_amplitude, expected_amplitude, around, grid)
    return coherent_sources(problem, best)


def scene(rows, columns, top, left, bottom, right):
    inside = np.zeros((rows, columns), bool)
    inside[top:bottom, left:right] = True
    return np.flatnonzero(inside), np.flatnonzero(~inside)


def test_a_hole_that_looks_the_same_everywhere_is_filled_with_pieces_not_with_one_patch():
    """Alone, every token chooses one and the same source."""
    rng = np.random.default_rng(0)
    hole, valid = scene(24, 24, 8, 8, 20, 20)
    keys = unit(rng, 576)
    keys = keys[:1] + 0.15 * keys
    keys /= np.linalg.norm(keys, axis=1, keepdims=True)
    queries = np.repeat(keys[:1], 576, axis=0)
    best = np.full(hole.size, valid[(keys[valid] @ queries[0]).argmax()])
    flat = np.zeros(valid.size, np.float32), np.zeros(hole.size, np.float32)
    coherent = cohere(queries, keys, hole, valid, *flat, best, silent(576), (24, 24))
    assert broken(dict(zip(hole, best, strict=True)), (24, 24)) == 1
    assert broken(dict(zip(hole, coherent, strict=True)), (24, 24)) < 0.3
    assert len(set(coherent.tolist())) > 20
    assert np.isin(coherent, valid).all()


def test_no_patch_stands_beside_itself():
    """One valid token is nearer to every query than the others, which are alike."""
    rng = np.random.default_rng(4)
    hole, valid = scene(24, 24, 8, 8, 20, 20)
    keys = unit(rng, 576)
    keys = keys[:1] + 0.3 * keys
    keys[valid[100]] = keys[0]
    keys /= np.linalg.norm(keys, axis=1, keepdims=True)
    queries = np.repeat(keys[valid[100]][None], 576, axis=0)
    best = np.full(hole.size, valid[100])
    flat = np.zeros(valid.size, np.float32), np.zeros(hole.size, np.float32)
    grid = np.full((24, 24), -1)
    grid.reshape(-1)[hole] = cohere(queries, keys, hole, valid, *flat, best, silent(576), (24, 24))
    for axis in (0, 1):
        same = np.diff(grid, axis=axis) == 0
        assert same[grid.take(range(1, 24), axis) >= 0].mean() < 0.02


def test_certain_matches_stay():
    """Descriptions that fit one source each are not given up for the sake of neighbours."""
    rng = np.random.default_rng(1)
    hole, valid = scene(16, 16, 4, 4, 10, 10)
    keys = unit(rng, 256, 64)
    best = rng.choice(valid, hole.size, replace=False)
    queries = keys.copy()
    queries[hole] = keys[best]
    flat = np.zeros(valid.size, np.float32), np.zeros(hole.size, np.float32)
    assert np.array_equal(cohere(queries, keys, hole, valid, *flat, best, silent(256), (16, 16)), best)


def test_pieces_do_not_spread_into_detail_of_another_strength():
    """All look alike; the left half of the hole expects the top's detail, the right half the bottom's."""
    hole, valid = scene(24, 24, 8, 0, 16, 24)
    keys = np.ones((576, 4), np.float32) / 2
    found = np.where(valid < 8 * 24, np.float32(0), np.float32(3))
    left = hole % 24 < 12
    expected = np.where(left, np.float32(0), np.float32(3))
    rng = np.random.default_rng(2)
    best = np.where(left, rng.choice(valid[found == 0], hole.size), rng.choice(valid[found == 3], hole.size))
    # A distance of zero would be blind to strength.
    coherent = cohere(keys * np.float32(0.9), keys, hole, valid, found, expected, best, silent(576), (24, 24))
    assert np.array_equal(coherent < 8 * 24, left)
    assert broken(dict(zip(hole, coherent, strict=True)), (24, 24)) < 0.6


@settings(max_examples=25, deadline=None)
@given(st.integers(2, 9), st.integers(2, 9), st.integers(0, 2**32 - 1))
def test_any_scene_ends_with_valid_sources_and_the_same_ones_every_time(rows, columns, seed):
    rng = np.random.default_rng(seed)
    kind = rng.integers(0, 3, rows * columns)
    hole, valid = np.flatnonzero(kind == 0), np.flatnonzero(kind == 1)
    if not valid.size:
        return
    queries, keys = unit(rng, rows * columns), unit(rng, rows * columns)
    found, expected = (rng.normal(size=n.size).astype(np.float32) for n in (valid, hole))
    around = Context(
        rng.normal(0, 0.1, (rows * columns, 256)).astype(np.float32),
        rng.integers(0, 2, (rows * columns, 256)).astype(np.float32),
    )
    best = rng.choice(valid, hole.size)
    arguments = (queries, keys, hole, valid, found, expected, best, around, (rows, columns))
    coherent = cohere(*arguments)
    assert coherent.shape == hole.shape
    assert np.isin(coherent, valid).all()
    assert np.array_equal(coherent, cohere(*arguments))
