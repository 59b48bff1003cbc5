"""The source of every missing patch: the known patch that looks alike, is as strong, and goes on.

The similarity comes from NeuralPatchMatch. It is weighed by the strength of the detail, see `amplitude`, and
by what is known around the missing patch, see `context`.
"""

import torch
from torch import Tensor

from .context import breaks

# A mismatch of amplitudes by a factor of two nearly doubles the distance.
AMPLITUDE = 2.0
# Rounding may carry a similarity past one.
NEVER_ZERO = 1e-5


def best_source(
    queries: Tensor,
    keys: Tensor,
    hole: Tensor,
    valid: Tensor,
    found: Tensor,
    expected: Tensor,
    detail: Tensor,
    known: Tensor,
) -> Tensor:
    """The valid token most similar to each hole token, weighed by the strength of its detail.

    One patch instead of a mixture: averaging patches removes the texture that is wanted.

    Args:
        queries: ``(N, K)``, unit length.
        keys: ``(N, K)``, unit length.
        hole: int64 ``(n,)``.
        valid: int64 ``(m,)``, not empty.
        found: ``(m,)``, log amplitude of the valid tokens' detail.
        expected: ``(n,)``, log amplitude that the hole's tokens should have; where all are equal, similarity
            alone decides.
        detail: ``(N, 256)``, of every token's window; see `context.Context`.
        known: ``(N, 256)``.

    Returns:
        int64 ``(n,)``, token numbers.
    """
    transposed = keys[valid].T.contiguous()
    best = torch.empty_like(hole)
    seen, source = known[hole].any(dim=1), detail[valid]
    squares = source * source
    for near in (True, False):
        # Blocks bound each matrix to 4 MB at 4096 tokens.
        for rows in torch.split((seen == near).nonzero()[:, 0], 256):
            tokens = hole[rows]
            distance = weighed(queries[tokens] @ transposed, found, expected[rows])
            if near:
                distance += breaks(detail[tokens], known[tokens], source, squares)
            best[rows] = distance.argmin(1)
    return valid[best]


def weighed(similarity: Tensor, found: Tensor, expected: Tensor) -> Tensor:
    """Distance ``1 - similarity`` times one plus the squared mismatch of amplitudes.

    A product needs no unit: it weighs the same whatever distances a network produces. A source whose detail
    is twice too strong, or half as strong, counts as if it were twice as far away.

    Args:
        similarity: ``(n, m)``, at most 1.
        found: ``(m,)``.
        expected: ``(n,)``.

    Returns:
        ``(n, m)``, positive.
    """
    mismatch = found.reshape(1, -1) - expected.reshape(-1, 1)
    return (NEVER_ZERO + 1 - similarity) * (1 + AMPLITUDE * mismatch * mismatch)
