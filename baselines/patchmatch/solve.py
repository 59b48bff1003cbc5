"""Rounds of match and vote, from the coarsest level to the finest.

Source:
    Wexler et al., Space-Time Completion of Video, 2007, and Newson et al., 2014.
"""

from typing import NamedTuple

from baselines.base import Image

from .enlargement import Shifts
from .field import finer_field, improve
from .onion import peel
from .pyramid import Level
from .seams import smooth_steps
from .threads import shared_if_long
from .vote import shifts, vote


class _Effort(NamedTuple):
    """Work on one level, and how far the closest match counts more than the others in a vote."""

    rounds: int
    sweeps: int
    radius: int
    sharpness: int


# From the finest level on; the last one stands for all coarser ones.
_EFFORT = (_Effort(1, 1, 8, 4), _Effort(3, 1, 32, 3), _Effort(5, 2, 64, 2), _Effort(8, 2, 64, 2))


def match_and_vote(levels: list[Level], seed: int) -> tuple[Image, Shifts]:
    """Fill the levels, coarsest first; their colours are changed.

    Args:
        levels: finest first, at least one.
        seed: of the random search.

    Returns:
        uint8 ``(h, w, 3)``, the finest level filled; int32 ``(h, w, 2)``, from missing pixels to sources.
    """
    # A layer and a sweep of the multigrid are short loops, and there are hundreds of them.
    with shared_if_long(0):
        field = peel(levels[-1], _key(seed, len(levels), 0))
    for depth in range(len(levels) - 1, -1, -1):
        level, effort = levels[depth], _EFFORT[min(depth, len(_EFFORT) - 1)]
        with shared_if_long(len(level.targets)):
            if depth < len(levels) - 1:
                field = finer_field(field, level, _key(seed, depth, 0))
                vote(level, field, sharpness=0)
            for turn in range(effort.rounds):
                key = _key(seed, depth, turn + 1)
                improve(level, field, sweeps=effort.sweeps, radius=effort.radius, seed=key)
                vote(level, field, sharpness=effort.sharpness)
    level = levels[0]
    with shared_if_long(0):
        origin = shifts(level, field, sharpness=_EFFORT[0].sharpness)
        return smooth_steps(level.colours, level.hole, level.missing, origin), origin


def _key(seed: int, depth: int, turn: int) -> int:
    return (seed * 2_654_435_761 + depth * 40_503 + turn * 64) % 2**27
