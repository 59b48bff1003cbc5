"""Kernel Inception distance: unbiased squared maximum mean discrepancy under a cubic kernel."""

from math import inf

import numpy as np
import numpy.typing as npt

from df8k.metrics.estimate import Estimate, Rows, Samples
from df8k.metrics.spec import MetricSpec

from .jackknife import own, pseudo_values


def _of(name: str, variant: str, summary: str, features: str) -> MetricSpec:
    return MetricSpec(
        name=name,
        variant=variant,
        summary=f"kernel distance {summary}",
        source="Bińkowski et al., Demystifying MMD GANs, 2018",
        kind="distribution",
        higher_is_better=False,
        range=(-inf, inf),
        weights=("inception",),
        target="df8k.metrics.distributions.kernel_distance:kid",
        features=f"df8k.metrics.inception_features:{features}",
    )


METRICS = (
    _of("kid-clean", "kid-clean-100x1000-v1", "with deviation, pictures resized as clean-fid does", "clean"),
    _of("patch-kid", "patch-kid-299-8-v1", "of 8 native patches around the hole of every picture", "patches"),
)
_SUBSETS = 100
_SUBSET_SIZE = 1000
_FEW = 50
Matrix = npt.NDArray[np.float64]


def _kernel(x: Rows, y: Rows) -> Matrix:
    product = x.astype(np.float64) @ y.astype(np.float64).T
    kernel: Matrix = (product / x.shape[1] + 1.0) ** 3
    return kernel


def _discrepancy(xx: float, yy: float, xy: float, m: int) -> float:
    """Unbiased estimate from sums over pairs of different samples (xx, yy) and over all pairs (xy)."""
    return (xx + yy) / (m * (m - 1)) - 2 * xy / (m * m)


def kernel_distance(x: Rows, y: Rows) -> tuple[float, float]:
    """Estimate the distance and its standard deviation.

    Above 1000 samples: mean and deviation over 100 subsets of 1000, as Bińkowski et al. do. Up to 1000 every
    subset would be the whole set, so the value uses all samples once and the deviation is the jackknife's.

    Args:
        x: float32 ``(n, d)``, n >= 2.
        y: float32 ``(n, d)``.
    """
    n = len(x)
    if n <= _SUBSET_SIZE:
        return _jackknife(x, y)
    generator = np.random.Generator(np.random.Philox(0))
    values = []
    for _ in range(_SUBSETS):
        a, b = (rows[generator.permutation(n)[:_SUBSET_SIZE]] for rows in (x, y))
        xx, yy, xy = _kernel(a, a), _kernel(b, b), _kernel(a, b)
        values.append(
            _discrepancy(
                float(xx.sum() - np.trace(xx)), float(yy.sum() - np.trace(yy)), float(xy.sum()), _SUBSET_SIZE
            )
        )
    return float(np.mean(values)), float(np.std(values))


def _jackknife(x: Rows, y: Rows) -> tuple[float, float]:
    n = len(x)
    xx, yy, xy = _kernel(x, x), _kernel(y, y), _kernel(x, y)
    for kernel in (xx, yy):
        np.fill_diagonal(kernel, 0.0)
    total_x, total_y, total = float(xx.sum()), float(yy.sum()), float(xy.sum())
    value = _discrepancy(total_x, total_y, total, n)
    if n < 3:
        return value, float("nan")
    # Leaving image i out of both sets takes its row and column from every sum.
    less_x, less_y = total_x - 2 * xx.sum(axis=1), total_y - 2 * yy.sum(axis=1)
    less = total - xy.sum(axis=1) - xy.sum(axis=0) + np.diagonal(xy)
    m = n - 1
    left_out = (less_x + less_y) / (m * (m - 1)) - 2 * less / (m * m)
    return value, float(np.sqrt((n - 1) * np.var(left_out)))


def kid(samples: Samples) -> Estimate:
    """Estimate the kernel distance of Inception features, with its deviation.

    Source:
        Bińkowski et al., Demystifying MMD GANs, 2018, section 4: cubic kernel (xᵀy / d + 1)³.
    """
    x, y = samples.predictions["features"], samples.targets["features"]
    n = len(x)
    if n < 2:
        return Estimate(None, n, reason=f"the estimate needs two samples, there are {n}")
    value, deviation = kernel_distance(x, y)
    flags = [f"{n} samples are few: read the deviation before the value"] if n < _FEW else []
    subsets = {"subsets": 1 if n <= _SUBSET_SIZE else _SUBSETS, "subset_size": min(n, _SUBSET_SIZE)}
    known_deviation = None if np.isnan(deviation) else deviation
    pseudo = _pseudo_values(samples, value) if samples.owners and 2 < n <= _SUBSET_SIZE else ()
    return Estimate(value, n, known_deviation, tuple(flags), settings=subsets, pseudo_values=pseudo)


def _pseudo_values(samples: Samples, value: float) -> tuple[float, ...]:
    """Leave out each picture in turn, with all its rows."""
    x, y = samples.predictions["features"], samples.targets["features"]
    xx, yy, xy = _kernel(x, x), _kernel(y, y), _kernel(x, y)
    for kernel in (xx, yy):
        np.fill_diagonal(kernel, 0.0)
    total_x, total_y, total = float(xx.sum()), float(yy.sum()), float(xy.sum())
    without = np.empty(samples.pictures)
    for picture, rows in enumerate(own(samples, "features")):
        inside = np.ix_(rows, rows)
        less_x, less_y = (
            whole - 2 * float(kernel[rows].sum()) + float(kernel[inside].sum())
            for kernel, whole in ((xx, total_x), (yy, total_y))
        )
        less = total - float(xy[rows].sum()) - float(xy[:, rows].sum()) + float(xy[inside].sum())
        left = len(x) - len(rows)
        if left < 2:
            return ()
        without[picture] = _discrepancy(less_x, less_y, less, left)
    return pseudo_values(value, value, without)
