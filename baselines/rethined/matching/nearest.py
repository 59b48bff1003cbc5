"""Source of every missing patch: the known patch that looks alike, is as strong, and goes on.

The similarity comes from NeuralPatchMatch. It is weighted by the strength of the detail, see `amplitude`, and
by what is known around the missing patch, see `context`.
"""

import torch
from torch import Tensor

from baselines.rethined.tokens import Tokens

from .context import breaks
from .problem import MatchProblem

# A mismatch of amplitudes by a factor of two nearly doubles the distance.
AMPLITUDE = 2.0
# Rounding may carry a similarity past one.
NEVER_ZERO = 1e-5


def best_source(problem: MatchProblem) -> Tokens:
    """Match every hole token to the most similar valid token, weighted by the strength of its detail.

    One patch instead of a mixture: averaging patches removes the texture that is wanted.

    Args:
        problem: of one image.

    Returns:
        int64 ``(n,)``, numbers of valid tokens.
    """
    queries, keys = problem.queries, problem.keys
    arrays = (
        problem.hole,
        problem.valid,
        problem.source_amplitude,
        problem.expected_amplitude,
        *problem.context,
    )
    with torch.inference_mode():
        hole, valid, amplitude, expected, detail, known = (
            torch.from_numpy(array).to(queries.device) for array in arrays
        )
        transposed = keys[valid].T.contiguous()
        best = torch.empty_like(hole)
        seen, source = known[hole].any(dim=1), detail[valid]
        squares = source * source
        for near in (True, False):
            # Blocks bound each matrix to 4 MB at 4096 tokens.
            for rows in torch.split((seen == near).nonzero()[:, 0], 256):
                tokens = hole[rows]
                distance = weighted_distance(queries[tokens] @ transposed, amplitude, expected[rows])
                if near:
                    distance += breaks(detail[tokens], known[tokens], source, squares)
                best[rows] = distance.argmin(1)
        sources: Tokens = valid[best].cpu().numpy()
    return sources


def weighted_distance(similarity: Tensor, source_amplitude: Tensor, expected_amplitude: Tensor) -> Tensor:
    """Multiply the distance ``1 - similarity`` by one plus the squared mismatch of amplitudes.

    A product needs no unit: it weighs the same whatever distances a network produces. A source whose detail
    is twice too strong, or half as strong, counts as if it were twice as far away.

    Args:
        similarity: ``(n, m)``, at most 1.
        source_amplitude: ``(m,)``.
        expected_amplitude: ``(n,)``.

    Returns:
        ``(n, m)``, positive.
    """
    mismatch = source_amplitude.reshape(1, -1) - expected_amplitude.reshape(-1, 1)
    return (NEVER_ZERO + 1 - similarity) * (1 + AMPLITUDE * mismatch * mismatch)
