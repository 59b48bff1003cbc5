"""What a distribution metric is given, and what it answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Samples:
    """Features of two sets of pictures, in the order of the pictures' keys.

    Attributes:
        predictions: float32 ``(n, d)`` by name of the feature.
        targets: the same for the originals; row i belongs to row i of ``predictions``.
        pictures: how many pictures they come from.
        without: how many pictures gave no row.
    """

    predictions: Mapping[str, Rows]
    targets: Mapping[str, Rows]
    pictures: int
    without: int


@dataclass(frozen=True)
class Estimate:
    """Value of a distribution metric.

    Attributes:
        value: the number, or ``None`` where there is none.
        n: samples on each side: pictures, or patches of pictures.
        deviation: its standard deviation, where the metric has one.
        flags: what a reader must know before comparing the value with another.
        reason: why there is no value.
        settings: what the value was computed with.
    """

    value: float | None
    n: int
    deviation: float | None = None
    flags: tuple[str, ...] = ()
    reason: str = ""
    settings: Mapping[str, float | str] = field(default_factory=dict)
