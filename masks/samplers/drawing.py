"""A random drawing before its coverage is settled: ordered shapes and one knob that widens all of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from df8k.masks.raster.primitives import Primitive, scaled

LEVELS: Final = 1024


@dataclass(frozen=True)
class Drawing:
    """Drawing of a sampler, for the solver.

    Attributes:
        family: kind of drawing, among those of the preset.
        primitives: shapes in drawing order; a prefix of them is a drawing too.
        widen: gives a shape's form at a level from 0 to ``LEVELS``; higher levels contain lower ones.
        neutral: the level at which the shapes are as listed in ``primitives``.
    """

    family: str
    primitives: Sequence[Primitive]
    widen: Callable[[int, int], Primitive]
    neutral: int

    def at(self, level: int, count: int) -> list[Primitive]:
        """List the first ``count`` shapes at a level."""
        return [self.widen(index, level) for index in range(count)]


def plain(family: str, primitives: Sequence[Primitive]) -> Drawing:
    """Make a drawing that is taken as it is."""
    return Drawing(family, primitives, lambda index, _level: primitives[index], 0)


def scalable(family: str, primitives: Sequence[Primitive], low: int, high: int) -> Drawing:
    """Make a drawing whose widths may be multiplied by ``low`` / 1024 to ``high`` / 1024.

    Args:
        family: kind of drawing, among those of the preset.
        primitives: shapes at scale 1.
        low: smallest scale, in 1 / 1024.
        high: largest scale, in 1 / 1024.
    """

    def widen(index: int, level: int) -> Primitive:
        return scaled(primitives[index], low + (high - low) * level // LEVELS)

    return Drawing(family, primitives, widen, (1024 - low) * LEVELS // (high - low))
