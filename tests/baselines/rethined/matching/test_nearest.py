"""The source of every missing patch."""

import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional as F

from baselines.rethined.matching.context import Context
from baselines.rethined.matching.nearest import best_source
from baselines.rethined.matching.problem import MatchProblem


def silent(count):
    """Nothing is known around any token."""
    return torch.zeros(2, count, 256)


def nearest(queries, keys, hole, valid, source_amplitude, expected_amplitude, detail, known):
    arrays = (tensor.numpy() for tensor in (hole, valid, source_amplitude, expected_amplitude))
    around = Context(detail.numpy(), known.numpy())
    problem = MatchProblem(queries, keys, *arrays, around, (1, len(queries)))
    return torch.from_numpy(best_source(problem))


@settings(max_examples=25, deadline=None)
@given(st.integers(2, 600), st.floats(0.05, 0.95), st.integers(0, 2**31))
def test_where_all_details_are_equally_strong_similarity_decides(n, share, seed):
    generator = torch.Generator().manual_seed(seed)
    queries, keys = (F.normalize(torch.randn(n, 16, generator=generator), dim=1) for _ in range(2))
    order = torch.randperm(n, generator=generator)
    cut = min(max(1, int(share * n)), n - 1)
    hole, valid = order[:cut].sort()[0], order[cut:].sort()[0]
    best = nearest(queries, keys, hole, valid, torch.zeros(len(valid)), torch.zeros(len(hole)), *silent(n))
    assert set(best.tolist()) <= set(valid.tolist())
    similarity = (queries[hole] @ keys.T).double()
    assert torch.allclose(
        similarity[torch.arange(len(hole)), best], similarity[:, valid].max(1).values, atol=1e-6
    )


def test_the_strength_of_the_detail_decides_between_sources_that_look_alike():
    keys = F.normalize(torch.tensor([[1.0, 0.0], [1.0, 0.01], [0.0, 1.0], [1.0, 0.02]]), dim=1)
    hole, valid = torch.tensor([0]), torch.tensor([1, 2, 3])
    found = torch.tensor([2.0, 0.0, 0.5])
    for expected, best in ((2.0, 1), (0.5, 3), (0.0, 3)):  # token 2 fits the last, yet looks nothing alike
        assert nearest(keys, keys, hole, valid, found, torch.tensor([expected]), *silent(4)).tolist() == [
            best
        ]


def test_what_is_around_decides_between_sources_that_look_alike_and_never_for_tokens_that_see_nothing():
    generator = torch.Generator().manual_seed(0)
    keys = torch.ones(600, 4) / 2
    hole, valid = torch.arange(300), torch.arange(300, 600)
    detail = 0.1 * torch.randn(600, 256, generator=generator)
    known = (torch.rand(600, 256, generator=generator) < 0.3).float()
    known[10:20] = 0
    wanted = torch.randperm(300, generator=generator)
    detail[hole] = detail[valid[wanted]] * known[hole]
    level = torch.zeros(300)
    best = nearest(keys, keys, hole, valid, level, level, detail, known)
    seen = known[hole].any(dim=1)
    assert torch.equal(best[seen], valid[wanted][seen])
    alone = nearest(keys, keys, hole, valid, level, level, *silent(600))
    assert torch.equal(best[~seen], alone[~seen])
