"""The streamed aggregation against the dense formula, and the reduction that feeds it."""

import cv2
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from baselines.hifill import aggregation
from baselines.hifill.aggregation import aggregate
from baselines.hifill.attention import CELLS, GRID
from baselines.hifill.grid import Grid, reduce


def dense(image, grid, small, filled, attention):
    """The paper's formula on the whole residual matrix: ``up(filled) + attention (X - up(small))``."""
    height, width = (GRID * side for side in grid.cell)

    def enlarged(picture):
        return cv2.resize(picture, (width, height), interpolation=cv2.INTER_LINEAR)

    def patches(picture):
        cells = picture.reshape(GRID, grid.cell[0], GRID, grid.cell[1], 3).transpose(0, 2, 1, 3, 4)
        return cells.reshape(CELLS, -1)

    large = image[grid.rows.ravel()][:, grid.columns.ravel()].astype(np.float32)
    mixed = attention @ patches(large - enlarged(small))
    return (patches(enlarged(filled)) + mixed).reshape(CELLS, *grid.cell, 3)


@pytest.fixture
def problem(picture):
    def make(height, width, seed=0):
        random = np.random.default_rng(seed)
        image = picture(height, width, seed)
        grid = Grid(height, width)
        small = reduce(image, np.zeros((height, width), bool), grid).image
        filled = random.uniform(0, 255, (512, 512, 3)).astype(np.float32)
        attention = random.dirichlet(np.full(CELLS, 0.05), CELLS).astype(np.float32)
        return image, grid, small, filled, attention

    return make


@pytest.mark.parametrize(
    ("height", "width"), [(512, 512), (1024, 1536), (700, 1030), (90, 1200), (31, 1), (1, 1)]
)
def test_equals_the_dense_formula(problem, height, width):
    image, grid, small, filled, attention = problem(height, width)
    random = np.random.default_rng(1)
    queries, keys = np.flatnonzero(random.random(CELLS) < 0.05), np.flatnonzero(random.random(CELLS) < 0.8)
    chosen = np.zeros_like(attention)
    chosen[:, keys] = attention[:, keys]
    expected = dense(image, grid, small, filled, chosen)[queries].clip(0, 255)
    ours = aggregate(image, grid, small, filled, torch.from_numpy(attention[queries][:, keys]), queries, keys)
    assert ours.dtype == np.uint8
    # Half a grey level is the rounding; the rest is single precision on values up to 255.
    assert np.abs(ours - expected).max() < 0.5 + 1e-3


def test_chunks_do_not_change_the_result(problem, monkeypatch):
    image, grid, small, filled, attention = problem(530, 777)
    queries, keys = np.arange(40, 60), np.arange(100, 900)
    arguments = (image, grid, small, filled, torch.from_numpy(attention[queries][:, keys]), queries, keys)
    whole = aggregate(*arguments)
    monkeypatch.setattr(aggregation, "_CHUNK_BYTES", 1)
    assert np.abs(aggregate(*arguments).astype(int) - whole).max() <= 1


def test_without_keys_the_networks_result_is_enlarged(problem):
    image, grid, small, filled, _ = problem(1000, 600)
    queries, keys = np.arange(CELLS), np.arange(0)
    ours = aggregate(image, grid, small, filled, torch.zeros(CELLS, 0), queries, keys)
    expected = dense(image, grid, small, filled, np.zeros((CELLS, CELLS), np.float32))
    assert np.abs(ours - expected).max() < 0.5 + 1e-3


def test_a_cell_copied_onto_itself_returns_the_picture(problem):
    image, grid, small, _, _ = problem(1024, 1024)
    cells = np.arange(0, CELLS, 7)
    ours = aggregate(image, grid, small, small, torch.eye(len(cells)), cells, cells)
    for cell, pixels in zip(cells, ours, strict=True):
        row, column = 32 * (cell // GRID), 32 * (cell % GRID)
        np.testing.assert_array_equal(pixels, image[row : row + 32, column : column + 32])


@pytest.mark.parametrize("scale", [1, 2, 3])
def test_reduce_is_the_block_mean_at_whole_scales(picture, scale):
    image = picture(512 * scale, 512 * scale)
    ours = reduce(image, np.zeros(image.shape[:2], bool), Grid(*image.shape[:2])).image
    expected = image.reshape(512, scale, 512, scale, 3).mean((1, 3))
    np.testing.assert_allclose(ours, expected, rtol=0, atol=1e-4)


@settings(deadline=None, max_examples=25)
@given(st.integers(1, 1400), st.integers(1, 1400), st.integers(0, 2**32 - 1))
def test_reduce_does_not_look_under_the_mask(height, width, seed):
    random = np.random.default_rng(seed)
    image = random.integers(0, 256, (height, width, 3), dtype=np.uint8)
    mask = random.random((height, width)) < 0.02
    mask[random.integers(height), random.integers(width)] = True
    grid = Grid(height, width)
    first = reduce(image, mask, grid)
    planted = image.copy()
    planted[mask] = random.integers(0, 256, (mask.sum(), 3))
    second = reduce(planted, mask, grid)
    np.testing.assert_array_equal(first.image, second.image)
    rows, columns = np.nonzero(mask)
    assert first.hole_cells[rows // grid.cell[0], columns // grid.cell[1]].all()
    assert first.mask.any()


@given(st.integers(1, 5000), st.integers(1, 5000))
def test_grid_covers_the_picture_once(height, width):
    grid = Grid(height, width)
    np.testing.assert_array_equal(grid.rows.ravel()[:height], np.arange(height))
    np.testing.assert_array_equal(grid.columns.ravel()[:width], np.arange(width))
    assert grid.rows.size - height < GRID
    assert grid.columns.size - width < GRID
    assert set(grid.rows.ravel()) == set(range(height))
