"""Samples, which a distribution metric compares, and its estimate."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.float32]
T = TypeVar("T")


@dataclass(frozen=True)
class Samples:
    """Features of two sets of images, in the order of the images' keys.

    Attributes:
        predictions: float32 ``(n, d)`` by name of the feature.
        targets: the same for the originals; row i belongs to row i of ``predictions``.
        pictures: number of images that they come from.
        without: number of images that gave no row.
        owners: int64 ``(n,)`` by name of the feature, the index of the image that each row comes from; empty
            where nobody asks for the jackknife.
    """

    predictions: Mapping[str, Rows]
    targets: Mapping[str, Rows]
    pictures: int
    without: int
    owners: Mapping[str, npt.NDArray[np.int64]] = field(default_factory=dict)
    _shared: dict[Any, Any] = field(default_factory=dict, repr=False, compare=False)

    def share(self, make: Callable[["Samples"], T]) -> T:
        """Compute something once for all the metrics that need it.

        Args:
            make: a module-level function of the samples; it is also the key.
        """
        if make not in self._shared:
            self._shared[make] = make(self)
        result: T = self._shared[make]
        return result


@dataclass(frozen=True)
class Estimate:
    """Value of a distribution metric.

    Attributes:
        value: the number, or ``None`` where there is none.
        n: samples on each side: images, or patches of images.
        deviation: its standard deviation, where the metric has one.
        flags: cautions to read before comparing the value with another.
        reason: of a missing value.
        settings: that the value was computed with.
        pseudo_values: of the jackknife, one per image in the order of the keys; empty where there are none.
    """

    value: float | None
    n: int
    deviation: float | None = None
    flags: tuple[str, ...] = ()
    reason: str = ""
    settings: Mapping[str, float | str] = field(default_factory=dict)
    pseudo_values: tuple[float, ...] = ()
