"""Jackknife of metrics of sets: what each picture contributes, from values of the set without it."""

import numpy as np
import numpy.typing as npt

from df8k.metrics.estimate import Rows, Samples

Values = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]


def pseudo_values(value: float, whole: float, without: Values) -> tuple[float, ...]:
    """Turn values of the set without each picture into pseudo-values (Quenouille 1956, Tukey 1958).

    Their spread over the root of their number is the standard error of the metric; their mean is the metric
    with its bias of order 1 / n taken out. They are rounded to nine digits: the last bits of sums follow
    where arrays lie in memory, and equal sets must give equal results.

    Args:
        value: the metric over all pictures.
        whole: the same by the computation that ``without`` was made by, which may be a faster one.
        without: float64 ``(pictures,)``.
    """
    return tuple(float(f"{pseudo:.9g}") for pseudo in value + (len(without) - 1) * (whole - without))


def left_in(samples: Samples, name: str) -> list[Places]:
    """List for each picture the rows of a feature that are not its own."""
    owners = samples.owners[name]
    return [np.flatnonzero(owners != picture) for picture in range(samples.pictures)]


def own(samples: Samples, name: str) -> list[Places]:
    """List for each picture the rows of a feature that are its own."""
    owners = samples.owners[name]
    return [np.flatnonzero(owners == picture) for picture in range(samples.pictures)]


def rows_of(samples: Samples, name: str) -> tuple[Rows, Rows]:
    """Give the rows of a feature on either side."""
    return samples.predictions[name], samples.targets[name]
