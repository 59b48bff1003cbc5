"""Rounds of match and vote, from the coarsest level to the finest.

Source:
    Wexler et al., Space-Time Completion of Video, 2007, and Newson et al., 2014.
"""

from typing import NamedTuple

import cv2
import numpy as np

from _df8k.kernels import shared_if_long
from df8k.baselines.base import Image, Mask

from .enlargement import Shifts
from .field import Field, finer_field, improve
from .halving import halve
from .prior import Prior
from .pyramid import PATCH, Colours, Level, finest, pyramid
from .seams import smooth_steps
from .start import Lattice, lattice, peel, refine
from .vote import copy, shifts, vote


class _Effort(NamedTuple):
    """Work on one level, and how far the closest match counts more than the others in a vote."""

    rounds: int
    sweeps: int
    radius: int
    sharpness: int


# From the finest level on that is matched throughout; the last one stands for all coarser ones.
_EFFORT = (_Effort(1, 1, 8, 4), _Effort(3, 1, 32, 3), _Effort(5, 2, 64, 2), _Effort(8, 2, 64, 2))
# Longer side up to which a level is matched throughout. Above it patches stand apart, by up to half their
# side: what they look for is known from the level below.
_THROUGHOUT_PX = 512
# Longer side at most of the level on which repetition is sought: coarser ones blur what repeats.
_LATTICE_PX = 128
# A prior says where to begin: fewer rounds reach as far.
_EFFORT_WITH_PRIOR = (_Effort(1, 1, 8, 4), _Effort(2, 1, 32, 3), _Effort(3, 1, 64, 2), _Effort(4, 2, 64, 2))

_NO_LATTICE: Lattice = np.zeros((0, 2), np.int32)


def match_and_vote(
    colours: Colours, hole: Mask, usable: Mask, *, seed: int, prior: Prior | None = None
) -> tuple[Image, Shifts] | None:
    """Fill a picture at its working resolution.

    Args:
        colours: uint8 ``(h, w, 4)``: red, green, blue and texture strength; not read under the hole.
        hole: bool ``(h, w)`` with a missing pixel, ``True`` = missing.
        usable: bool ``(h, w)``, known pixels that may be copied.
        seed: of the random search.
        prior: where the search starts and what the low band is held to. Without one, and in a picture that
            repeats itself, the hole is filled from its boundary inwards, and patches alone decide.

    Returns:
        uint8 ``(h, w, 3)``, filled; int32 ``(h, w, 2)``, from missing pixels to sources. ``None`` where too
        little is known for a single patch.
    """
    spacing = _spacing(max(hole.shape))
    level = finest(colours, hole, usable, spacing=spacing)
    if level is None:
        return None
    repeats, depth, patterned = _repetition(colours, hole, usable)
    levels = pyramid(level, spread=not patterned)  # a blurred pattern is lost
    top = len(levels) - 1
    if len(repeats) and depth <= top:
        top, prior = depth, None
    else:
        repeats = _NO_LATTICE
    with shared_if_long(0):  # a layer is a short loop, and there are hundreds
        key = _key(seed, len(levels), 0)
        field = prior.start(levels[top], top, key) if prior else peel(levels[top], key, repeats)
    efforts, thinned = _EFFORT_WITH_PRIOR if prior else _EFFORT, spacing.bit_length() - 1
    for depth in range(top, -1, -1):
        level, effort = levels[depth], efforts[min(max(depth - thinned, 0), len(efforts) - 1)]
        with shared_if_long(len(level.targets)):
            if depth < top:
                field = finer_field(field, level, _key(seed, depth, 0))
                if len(repeats):
                    repeats = refine(repeats, field, level)
            if depth < top or prior:
                _estimate(level, field, 0, prior, depth)
            for turn in range(effort.rounds):
                key = _key(seed, depth, turn + 1)
                improve(level, field, sweeps=effort.sweeps, radius=effort.radius, seed=key)
                # What the last vote would say a copy says again.
                if not prior or depth or turn < effort.rounds - 1:
                    _estimate(level, field, effort.sharpness, prior, depth)
    level = levels[0]
    with shared_if_long(len(level.targets)):
        origin = shifts(level, field, sharpness=efforts[0].sharpness)
        if prior:
            copy(level, origin)
        smooth_steps(level.colours, level.hole, level.missing, origin)
        if prior:
            prior.settle(level)
    return np.asarray(cv2.cvtColor(level.colours, cv2.COLOR_RGBA2RGB), np.uint8), origin


def _spacing(side: int) -> int:
    """Space the targets of the finest level so that they are as many as a smaller level has throughout."""
    spacing = 1
    while side > _THROUGHOUT_PX * spacing and spacing < PATCH // 2:
        spacing *= 2
    return spacing


def _repetition(colours: Colours, hole: Mask, usable: Mask) -> tuple[Lattice, int, bool]:
    """Find the shifts by which the picture repeats itself, their level, and whether it has a pattern."""
    depth = 0
    while max(hole.shape) > _LATTICE_PX:
        colours, hole, usable = halve(colours, hole, usable, spread=False)
        depth += 1
    if hole.all():
        return _NO_LATTICE, depth, False
    repeats, patterned = lattice(colours, hole)
    return repeats, depth, patterned


def _estimate(level: Level, field: Field, sharpness: int, prior: Prior | None, depth: int) -> None:
    vote(level, field, sharpness=sharpness)
    if prior:
        prior.pull(level, depth)


def _key(seed: int, depth: int, turn: int) -> int:
    return (seed * 2_654_435_761 + depth * 40_503 + turn * 64) % 2**27
