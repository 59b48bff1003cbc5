"""Attention against naive formulas."""

import numpy as np
import pytest
import torch

from baselines.hifill.network.attention import compute_attention, transfer, valid_keys
from baselines.hifill.network.geometry import CELLS, GRID


def test_a_pixel_invalidates_its_cell_and_the_eight_around_it():
    mask = torch.zeros(1, 1, 512, 512)
    mask[0, 0, 5 * 16 + 3, 9 * 16 + 15] = 1
    invalid = (valid_keys(mask) == 0).reshape(GRID, GRID)
    assert {tuple(cell) for cell in torch.nonzero(invalid).tolist()} == {
        (row, column) for row in (4, 5, 6) for column in (8, 9, 10)
    }


def naive_attention(features, valid):
    grid = features[:, ::2, ::2].numpy().astype(np.float64)
    padded = np.pad(grid, ((0, 0), (1, 1), (1, 1)))
    patches = np.stack([padded[:, y : y + 3, x : x + 3].ravel() for y in range(GRID) for x in range(GRID)])
    scores = patches @ (patches / np.linalg.norm(patches, axis=1, keepdims=True)).T

    def diagonal(s):
        wide = np.pad(s, 1)
        return wide[:-2, :-2] + wide[1:-1, 1:-1] + wide[2:, 2:]

    by_column = np.arange(CELLS).reshape(GRID, GRID).T.ravel()
    back = np.argsort(by_column)
    scores = diagonal(diagonal(scores)[np.ix_(by_column, by_column)])[np.ix_(back, back)]
    logits = 10 * valid * scores
    weights = np.exp(logits - logits.max(1, keepdims=True))
    return valid * weights / weights.sum(1, keepdims=True)


def test_attention_equals_the_naive_formula():
    # Small features keep the softmax soft, which the golden fixture does not.
    features = torch.randn(1, 4, 64, 64, generator=torch.Generator().manual_seed(1)) * 0.02
    valid = (torch.rand(1, CELLS, generator=torch.Generator().manual_seed(2)) > 0.3).float()
    ours = compute_attention(features, valid)[0].numpy()
    np.testing.assert_allclose(ours, naive_attention(features[0], valid[0].numpy()), rtol=1e-4, atol=1e-8)
    assert (ours > 1e-5).mean() > 0.5


@pytest.mark.parametrize(("size", "kernel"), [(64, 3), (128, 8)])
def test_transfer_equals_the_naive_sum(size, kernel):
    random = torch.Generator().manual_seed(0)
    features = torch.randn(1, 2, size, size, generator=random, dtype=torch.float64)
    attention = torch.zeros(1, CELLS, CELLS, dtype=torch.float64)
    rows, columns = [0, 31, 500, 992, 1023], [40, 700, 0, 31, 1023]
    attention[0, rows, columns] = torch.rand(5, generator=random, dtype=torch.float64)
    step = size // GRID
    before = max(kernel - step, 0) // 2
    padded = np.pad(features[0].numpy(), ((0, 0), (kernel, kernel), (kernel, kernel)))
    expected = np.zeros_like(padded)
    for query, key in zip(rows, columns, strict=True):
        corner = [kernel - before + step * (cell // GRID) for cell in (query, key)]
        left = [kernel - before + step * (cell % GRID) for cell in (query, key)]
        patch = padded[:, corner[1] : corner[1] + kernel, left[1] : left[1] + kernel]
        expected[:, corner[0] : corner[0] + kernel, left[0] : left[0] + kernel] += (
            attention[0, query, key].item() * patch
        )
    ours = transfer(features, attention, kernel)[0].numpy()
    np.testing.assert_allclose(ours, expected[:, kernel:-kernel, kernel:-kernel], rtol=0, atol=1e-12)
    assert np.abs(expected).max() > 0


def test_without_keys_attention_is_zero():
    attention = compute_attention(torch.randn(1, 4, 64, 64), torch.zeros(1, CELLS))
    assert not attention.any()
