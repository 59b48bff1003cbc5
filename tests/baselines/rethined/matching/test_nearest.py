"""The source of every missing patch by attention alone."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional as F

from baselines.rethined.matching.nearest import best_source, cell_shifts, copied_cells
from baselines.rethined.tokens import hole_tokens, reduce, valid_tokens
from tests.baselines.rethined.conftest import blobs


@settings(max_examples=25, deadline=None)
@given(st.integers(2, 600), st.floats(0.05, 0.95), st.integers(0, 2**31))
def test_the_most_similar_valid_token_is_the_source(n, share, seed):
    generator = torch.Generator().manual_seed(seed)
    queries, keys = (F.normalize(torch.randn(n, 16, generator=generator), dim=1) for _ in range(2))
    order = torch.randperm(n, generator=generator)
    cut = min(max(1, int(share * n)), n - 1)
    hole, valid = order[:cut].sort()[0], order[cut:].sort()[0]
    tokens = hole.numpy(), valid.numpy()
    best = torch.from_numpy(best_source(queries.numpy(), keys.numpy(), *tokens))
    assert (best_source(queries, keys, *tokens) == best.numpy()).mean() > 0.98  # ties may fall differently
    assert set(best.tolist()) <= set(valid.tolist())
    similarity = (queries[hole] @ keys.T).double()
    assert torch.allclose(
        similarity[torch.arange(len(hole)), best], similarity[:, valid].max(1).values, atol=1e-6
    )


@pytest.fixture(params=[(256, 256), (515, 770), (1030, 601)])
def scene(request):
    """A picture, a hole and random valid sources."""
    rng = np.random.default_rng(0)
    image = rng.integers(0, 256, (*request.param, 3)).astype(np.uint8)
    mask = blobs(request.param, 0.2, sigma=min(request.param) / 12)
    working = reduce(image, mask, 256)
    hole = hole_tokens(working)
    return image, working, hole, rng.choice(valid_tokens(working), hole.size)


def test_every_missing_cell_has_the_shift_of_its_token(scene):
    _, working, hole, source = scene
    shifts, columns = cell_shifts(working, hole, source), working.tokens[1]
    assert not shifts[~working.cells.hole].any()
    for token, other in zip(hole, source, strict=True):
        square = np.s_[8 * (token // columns) :, 8 * (token % columns) :]
        missing = working.cells.hole[square][:8, :8]
        wanted = 8 * (other // columns - token // columns), 8 * (other % columns - token % columns)
        assert (shifts[square][:8, :8][missing] == wanted).all()


def test_a_cell_is_its_sources_detail_over_its_own_low_band(scene):
    _, working, hole, source = scene
    low = np.random.default_rng(1).random(working.image.shape, np.float32)
    shifts = cell_shifts(working, hole, source)
    copied, cells = copied_cells(working, low, shifts), working.cells
    for y, x in np.argwhere(cells.hole)[::37]:
        v, u = y + shifts[y, x, 0], x + shifts[y, x, 1]
        wanted = cells.image[v, u] + 255 * (low[y, x] - low[v, u])
        assert np.abs(copied[y, x] - wanted.clip(0, 255)).max() <= 0.51
    assert np.abs(copied - cells.image)[~cells.hole].max() <= 0.51
