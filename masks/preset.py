"""Preset: a law of drawings, its source, and the rules that each of its masks keeps."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from .acceptance import Rules
from .raster.lattice import Frame
from .samplers.drawing import Drawing
from .seeding import Stream

# Draws from two streams: one for choices that redraws must not change, one for everything else.
Sampler = Callable[[Stream, Stream, Frame], Drawing]

# Distance that target coverages keep from the ends of a band, in 1 / 100,000: several times the most that a
# mask's coverage moves between sizes.
_KEEP: Final = 250


def coverage_inside(band: tuple[int, int]) -> tuple[int, int]:
    """Give the range of coverage to aim at, in 1 / 100,000, for masks that must stay inside a band.

    Args:
        band: promised coverage in 1 / 1000.
    """
    return 100 * band[0] + _KEEP, 100 * band[1] - _KEEP


@dataclass(frozen=True)
class Preset:
    """Entry of the catalogue.

    Attributes:
        name: without version, lower-kebab.
        version: counts from 1.
        content: summary of its shapes, for people.
        source: of the law.
        sampler: draws shapes from random integers.
        rules: limits on each mask; includes the coverage band.
        target: range in 1 / 100,000 that the target coverage is drawn from, or None where the law decides.
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
    def band(self) -> tuple[float, float]:
        """Give the coverage that the preset declares: least and greatest fraction of missing pixels."""
        return self.rules.band[0] / 1000, self.rules.band[1] / 1000

    def declares(self, missing: int, pixels: int) -> bool:
        """Tell whether a count of missing pixels lies in the declared band, both ends included."""
        low, high = self.rules.band
        return low * pixels <= 1000 * missing <= high * pixels

    @property
    def full_name(self) -> str:
        """Join name and version, as masks record them."""
        return f"{self.name}-v{self.version}"
