"""What a preset is: a law of drawings, where it comes from and what each of its masks promises."""

from collections.abc import Callable
from dataclasses import dataclass

from .acceptance import Rules
from .drawing import Drawing
from .lattice import Frame
from .seeding import Stream

# Draws from two streams: one for choices that redraws must not change, one for everything else.
Sampler = Callable[[Stream, Stream, Frame], Drawing]


@dataclass(frozen=True)
class Preset:
    """One entry of the catalogue.

    Attributes:
        name: without version, lower-kebab.
        version: counts from 1.
        content: what it draws, for people.
        source: where the law comes from.
        sampler: draws shapes from random integers.
        rules: what each mask is held to; includes the coverage band.
        target: range in 1 / 100,000 that the wanted coverage is drawn from, or None where the law decides.
        prefix: whether the solver may leave shapes out to meet the target.
        attempts: drawings that are tried before the preset gives up with an error.
    """

    name: str
    version: int
    content: str
    source: str
    sampler: Sampler
    rules: Rules
    target: tuple[int, int] | None = None
    prefix: bool = False
    attempts: int = 200

    @property
    def full_name(self) -> str:
        """Name with version, as masks record it."""
        return f"{self.name}-v{self.version}"
