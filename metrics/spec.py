"""Description of a metric, readable before anything is computed."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class MetricSpec:
    """Registered metric.

    Attributes:
        name: what users type, and the first half of every key: ``ssim`` gives ``ssim.full``, ``ssim.hole``.
        variant: full name with everything that moves a digit, and a version; result files store this one.
        summary: one line for lists.
        source: paper or implementation that defines it.
        kind: ``pairwise`` compares one image with its original, ``distribution`` two sets of images;
            ``no-reference`` looks at a filled image and its mask alone.
        higher_is_better: ``None`` where neither direction is better as such.
        range: lowest and highest possible value; identical images may have their own documented value.
        unit: ``1`` for plain numbers, ``dB``, ...
        regions: parts of the image that get a value each, see `metrics.regions`; empty for distributions.
        weights: names of the weights it needs, as `metrics.weights` lists them.
        target: ``module:function``; imported when the metric is first computed. A distribution one
            maps `Samples` to an `Estimate`, any other a `Pair` to a value per region.
        features: for distributions, ``module:function`` that maps a `Pair` and a key to rows of features;
            saved states hold this name, so its module stays where it is.
    """

    name: str
    variant: str
    summary: str
    source: str
    kind: Literal["pairwise", "distribution", "no-reference"]
    higher_is_better: bool | None
    range: tuple[float, float]
    unit: str = "1"
    regions: tuple[str, ...] = ()
    weights: tuple[str, ...] = ()
    target: str
    features: str = ""

    @property
    def keys(self) -> tuple[str, ...]:
        """List the keys that `metrics.compute` answers with; a distribution has one, its name."""
        return tuple(f"{self.name}.{region}" for region in self.regions) or (self.name,)
