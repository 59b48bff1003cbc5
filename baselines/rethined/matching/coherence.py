"""Coherence of the sources: rounds of matching and voting from the attention's choice on.

Attention looks once, at patches side by side whose detail is unknown. Neighbours that it gives unrelated
sources do not continue one another, and where the coarse result is flat one source is taken again and again.
So its choice is the start of PatchMatch: overlapping patches are matched whole, with what is known around the
hole, and vote. The coarse result goes on deciding the low band, but for pictures that repeat themselves: of
tiles and joints it knows the mean.

Source:
    Wexler et al., Space-Time Completion of Video, 2007; Barnes et al., PatchMatch, 2009.
"""

import numpy as np

from df8k.baselines.base import Image
from df8k.baselines.patchmatch.enlargement import Shifts
from df8k.baselines.patchmatch.method import TEXTURE
from df8k.baselines.patchmatch.prior import Prior
from df8k.baselines.patchmatch.solve import match_and_vote
from df8k.baselines.patchmatch.texture import described
from df8k.baselines.rethined.tokens import Pixels, Working

# Of the frequency cut: between it and this patches know more of a texture than the coarse result, which has
# the joints of a wall no more.
_WIDER = 2.0


def coherent_sources(
    working: Working, coarse: Pixels, shifts: Shifts, *, cut_px: float, seed: int
) -> tuple[Image, Shifts] | None:
    """Improve the sources of all missing cells together.

    Args:
        working: the image at the working resolution.
        coarse: float32 ``(h, w, 3)`` in [0, 1], padded as the working image.
        shifts: int32 over the cells, the attention's; 0 where it has none.
        cut_px: standard deviation of the frequency cut in cells.
        seed: of the random search.

    Returns:
        uint8 ``(h, w, 3)``, the filled fine cells, and int32 ``(h, w, 2)``, their shifts; ``None`` where too
        little is known for a single patch.
    """
    cells, fine = working.cells, working.fine
    height, width = cells.hole.shape
    fill = np.ascontiguousarray(np.float32(255) * coarse[:height, :width])
    prior = Prior(fill, shifts, cut_px=_WIDER * cut_px, cell=cells.scale, pixel=fine.scale)
    return match_and_vote(described(fine, TEXTURE), fine.hole, fine.usable, seed=seed, prior=prior)
