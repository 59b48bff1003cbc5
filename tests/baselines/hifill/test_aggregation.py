"""The streamed aggregation against the dense formula, and the reduction that feeds it."""

import cv2
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from baselines.hifill.inference import aggregation, product
from baselines.hifill.inference.aggregation import aggregate
from baselines.hifill.inference.grid import Grid, reduce_picture
from baselines.hifill.network.geometry import CELLS, GRID


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
        small = reduce_picture(image, np.zeros((height, width), bool), grid).image
        filled = random.uniform(0, 255, (512, 512, 3)).astype(np.float32)
        attention = random.dirichlet(np.full(CELLS, 0.05), CELLS).astype(np.float32)
        return image, grid, small, filled, attention

    return make


def filled_by_ours(image, grid, small, filled, attention, queries, keys, mask=None):
    """The picture after aggregation; without a mask whole cells are filled."""
    cells = np.zeros(CELLS, bool)
    cells[queries] = True
    height, width = grid.cell
    if mask is None:
        mask = cells.reshape(GRID, GRID).repeat(height, 0).repeat(width, 1)[: grid.height, : grid.width]
    output = image.copy()
    aggregate(output, mask, small, filled, torch.from_numpy(attention[queries][:, keys]), queries, keys)
    np.testing.assert_array_equal(output[~mask], image[~mask])
    return output


def expected_picture(cells, grid):
    height, width = grid.cell
    whole = cells.clip(0, 255).reshape(GRID, GRID, height, width, 3).transpose(0, 2, 1, 3, 4)
    return whole.reshape(GRID * height, GRID * width, 3)[: grid.height, : grid.width]


@pytest.mark.parametrize("fixed_point", [False, True])
@pytest.mark.parametrize(
    ("height", "width"), [(512, 512), (1024, 1536), (700, 1030), (90, 1200), (2100, 33), (31, 1), (1, 1)]
)
def test_equals_the_dense_formula(problem, monkeypatch, height, width, fixed_point):
    monkeypatch.setattr(product, "has_byte_products", lambda: fixed_point)
    image, grid, small, filled, attention = problem(height, width)
    random = np.random.default_rng(1)
    draw = random.random(CELLS)
    queries, keys = np.flatnonzero(draw < 0.1), np.flatnonzero(draw > 0.2)
    chosen = np.zeros_like(attention)
    chosen[:, keys] = attention[:, keys]
    mask = np.zeros((height, width), bool)
    for cell in queries:  # holes of every extent within the cells
        top, left = grid.cell[0] * (cell // GRID), grid.cell[1] * (cell % GRID)
        bottom, right = (1 + random.integers(side) for side in grid.cell)
        mask[top : top + bottom, left : left + right] = True
    ours = filled_by_ours(image, grid, small, filled, attention, queries, keys, mask)
    expected = expected_picture(dense(image, grid, small, filled, chosen), grid)
    # Half a grey level is the rounding; the rest is the precision of weights and sums.
    assert not mask.any() or np.abs(ours[mask] - expected[mask]).max() < 0.5 + 5e-3


def test_tiles_do_not_change_the_result(problem, monkeypatch):
    arguments = problem(2130, 2177)
    queries, keys = np.arange(40, 50), np.arange(100, 1024)
    whole = filled_by_ours(*arguments, queries, keys)
    monkeypatch.setattr(aggregation, "TILE", (7, 5))
    assert np.abs(filled_by_ours(*arguments, queries, keys).astype(int) - whole).max() <= 1


def test_without_keys_the_networks_result_is_enlarged(problem):
    image, grid, small, filled, attention = problem(1000, 600)
    ours = filled_by_ours(image, grid, small, filled, attention, np.arange(CELLS), np.arange(0))
    expected = dense(image, grid, small, filled, np.zeros((CELLS, CELLS), np.float32))
    assert np.abs(ours - expected_picture(expected, grid)).max() < 0.5 + 1e-3


def test_a_copied_cell_arrives_pixel_by_pixel(problem):
    image, grid, small, _, _ = problem(1024, 1024)
    attention = np.roll(np.eye(CELLS, dtype=np.float32), 5, axis=1)  # every cell from the fifth after it
    flat = np.full_like(small, 99)
    ours = filled_by_ours(image, grid, flat, flat, attention, np.arange(64), np.arange(64, CELLS))
    copied = ours[32:64, 28 * 32 : 29 * 32]  # cell 60 shows cell 65
    np.testing.assert_array_equal(copied, image[64:96, 32:64])


def test_fixed_point_weights_are_as_exact_as_they_say():
    random = np.random.default_rng(0)
    attention = random.dirichlet(np.full(900, 0.05), 60).astype(np.float32)
    attention[0], attention[0, 3] = 0, 1
    pixels = random.integers(0, 256, (900, 500), dtype=np.uint8)
    queries = torch.arange(0, 60, 3)
    exact = attention[::3].astype(np.float64) @ pixels
    for fixed_point, bound in ((True, 0.04), (False, 1e-3)):
        weights = product.MixingWeights(torch.from_numpy(attention), fixed_point=fixed_point)
        error = np.abs(weights.mix(queries, pixels).numpy() - exact)
        assert error.max() < bound
        assert error.mean() < bound / 40


@pytest.mark.parametrize("scale", [1, 2, 3])
def test_reduce_is_the_block_mean_at_whole_scales(picture, scale):
    image = picture(512 * scale, 512 * scale)
    ours = reduce_picture(image, np.zeros(image.shape[:2], bool), Grid(*image.shape[:2])).image
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
    first = reduce_picture(image, mask, grid)
    planted = image.copy()
    planted[mask] = random.integers(0, 256, (mask.sum(), 3))
    second = reduce_picture(planted, mask, grid)
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
