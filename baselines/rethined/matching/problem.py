"""Everything that decides which known patch a patch of the hole takes its detail from."""

from dataclasses import dataclass

from torch import Tensor

from baselines.rethined.tokens import Pixels, Tokens

from .context import Context


@dataclass(frozen=True)
class MatchProblem:
    """Matching of one image: ``n`` hole tokens, ``m`` valid sources, ``N`` tokens in all.

    Attributes:
        queries: float32 ``(N, K)``, unit length, on the network's device.
        keys: float32 ``(N, K)``, unit length, on the same device.
        hole: int64 ``(n,)``, tokens of the hole, in row order.
        valid: int64 ``(m,)``, tokens that detail may be taken from, at least one.
        source_amplitude: float32 ``(m,)``, log amplitude of the valid tokens' detail.
        expected_amplitude: float32 ``(n,)``, log amplitude that the hole's tokens should have; where all
            amplitudes are equal, similarity and context alone decide.
        context: windows of all tokens.
        grid: rows and columns of the tokens.
    """

    queries: Tensor
    keys: Tensor
    hole: Tokens
    valid: Tokens
    source_amplitude: Pixels
    expected_amplitude: Pixels
    context: Context
    grid: tuple[int, int]
