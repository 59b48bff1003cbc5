"""What Python makes of a picture that the page fills, and where two answers are as good as each other.

onnxruntime sums in another order in WebAssembly than on a processor, and on each kind of processor. Where two
sources of a patch are alike to the last bits of their likeness, that order decides between them; all else of
the page is Python's bit for bit. So both answers are computed, and no pixel is left out.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

import numpy as np
import numpy.typing as npt

from df8k import baselines
from df8k.baselines.base import Image, Mask, MethodCard, unwrap
from df8k.baselines.patchmatch.enlargement import paint
from df8k.baselines.rethined.matching.nearest import best_source, cell_shifts, copied_cells
from df8k.baselines.rethined.tokens import Tokens, hole_tokens, reduce, valid_tokens

if TYPE_CHECKING:
    from df8k.baselines.rethined.method import Rethined

SPEC: Final = "rethined,coherence=off"
WORKING_RESOLUTION: Final = 512
# Fraction of the hole's pixels that are at most one grey level from one of Python's two answers.
AGREEING: Final = 0.999
# Likeness is a sum of 256 products in float32; two builds of onnxruntime differ by a few 1e-7 in it.
_UNDECIDED: Final = 1e-6


@dataclass(frozen=True)
class Answers:
    """Python's result.

    Attributes:
        first: uint8 ``(H, W, 3)``, what `SPEC` makes.
        other: the same, with the runner-up of every patch between whose two best sources rounding decides.
        undecided: how many such patches there are.
    """

    first: Image
    other: Image
    undecided: int

    def agreement(self, filled: Image, image: Image, mask: Mask) -> float:
        """Find the fraction of the hole within one grey level of either; 0 where a known pixel changed."""
        if not np.array_equal(filled[~mask], image[~mask]):
            return 0.0
        apart = [
            np.abs(filled[mask].astype(np.int16) - answer[mask]).max(axis=1, initial=0)
            for answer in (self.first, self.other)
        ]
        return float((np.minimum(*apart) <= 1).mean()) if mask.any() else 1.0


class Reference:
    """The page's method in Python."""

    def __init__(self) -> None:
        self._method = baselines.open_method(SPEC)

    @property
    def card(self) -> MethodCard:
        """Card of the method."""
        return self._method.card

    def __call__(self, image: Image, mask: Mask) -> Answers:
        """Fill a picture, uint8 ``(H, W, 3)``, where bool ``(H, W)`` is true."""
        first = self._method(image, mask)
        working = reduce(image, mask, WORKING_RESOLUTION)
        hole, valid = hole_tokens(working), valid_tokens(working)
        if not hole.size or not valid.size:
            return Answers(first, first, 0)
        description = cast("Rethined", unwrap(self._method)).describe(working)
        sources = best_source(description.queries, description.keys, hole, valid)
        others = _runners_up(description.queries, description.keys, hole, valid, sources)
        undecided = int((others != sources).sum())
        if not undecided:
            return Answers(first, first, 0)
        shifts = cell_shifts(working, hole, others)
        other = image.copy()
        paint(other, mask, working.cells, copied_cells(working, description.low, shifts), shifts)
        return Answers(first, other, undecided)


def _runners_up(
    queries: npt.NDArray[np.float32],
    keys: npt.NDArray[np.float32],
    hole: Tokens,
    valid: Tokens,
    sources: Tokens,
) -> Tokens:
    """Give each token its second best source where rounding decides, else its own."""
    likeness = queries[hole].astype(np.float64) @ keys[valid].astype(np.float64).T
    if valid.size < 2:
        return sources
    two = np.argpartition(likeness, -2, axis=1)[:, -2:]
    values = np.take_along_axis(likeness, two, axis=1)
    undecided = np.abs(values[:, 0] - values[:, 1]) < _UNDECIDED
    tokens = valid[two]
    rival = np.where(tokens[:, 0] == sources, tokens[:, 1], tokens[:, 0])
    runners_up: Tokens = np.where(undecided, rival, sources)
    return runners_up
