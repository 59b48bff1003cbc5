"""Fréchet distance between Gaussians fitted to two sets of features."""

from math import inf

import numpy as np
import numpy.typing as npt

from df8k.metrics.estimate import Estimate, Rows, Samples
from df8k.metrics.spec import MetricSpec

from .jackknife import left_in, pseudo_values


def _of(name: str, variant: str, summary: str, features: str) -> MetricSpec:
    return MetricSpec(
        name=name,
        variant=variant,
        summary=f"Fréchet distance{summary}",
        source="Heusel et al., GANs Trained by a Two Time-Scale Update Rule, 2017",
        kind="distribution",
        higher_is_better=False,
        range=(0.0, inf),
        weights=("inception",),
        target="df8k.metrics.distributions.frechet:fid",
        features=f"df8k.metrics.inception_features:{features}",
    )


METRICS = (
    _of("fid-clean", "fid-clean-v1", ", pictures resized as clean-fid does", "clean"),
    _of(
        "fid-pytorch",
        "fid-pytorch-v1",
        ", pictures resized as pytorch-fid does (not antialiased)",
        "pytorch",
    ),
    _of(
        "patch-fid", "patch-fid-299-8-v1", " of 8 native patches around the hole of every picture", "patches"
    ),
)
Matrix = npt.NDArray[np.float64]
# Rows up to which the jackknife is made: it costs as many decompositions as there are pictures.
_JACKKNIFE_ROWS = 512


def frechet_distance(x: Rows, y: Rows) -> float:
    """Compute the squared Fréchet distance of Gaussians with the sets' means and sample covariances.

    With centred rows A and B, tr((Sx Sy)^½) is the sum of singular values of A Bᵀ: no matrix root is taken,
    so there is no imaginary part to drop and no offset to add when covariances are singular.

    Args:
        x: float32 ``(n, d)``, n >= 2.
        y: float32 ``(m, d)``, m >= 2.

    Source:
        Heusel et al., GANs Trained by a Two Time-Scale Update Rule, 2017, equation 6.
    """
    (mean_x, root_x), (mean_y, root_y) = _fit(x), _fit(y)
    cross = np.linalg.svd(root_x @ root_y.T, compute_uv=False).sum()
    spread = (root_x**2).sum() + (root_y**2).sum()
    return float(max(((mean_x - mean_y) ** 2).sum() + spread - 2 * cross, 0.0))


def _fit(rows: Rows) -> tuple[Matrix, Matrix]:
    """Mean, and a matrix R of at most d rows with RᵀR = sample covariance."""
    values = rows.astype(np.float64)
    mean = values.mean(axis=0)
    centred = (values - mean) / np.sqrt(len(values) - 1)
    if len(values) > values.shape[1]:
        centred = np.asarray(np.linalg.qr(centred, mode="r"))
    return mean, centred


def fid(samples: Samples) -> Estimate:
    """Estimate the Fréchet distance of features; flagged where the covariances cannot have full rank."""
    x, y = samples.predictions["features"], samples.targets["features"]
    n, dimensions = x.shape
    if n < 2:
        return Estimate(None, n, reason=f"a covariance needs two samples, there are {n}")
    flags = []
    if n <= dimensions:
        flags.append(
            f"{n} samples for {dimensions} dimensions: the covariances are singular and the value is biased "
            "upwards; compare only at equal n, prefer kid"
        )
    value = frechet_distance(x, y)
    pseudo: tuple[float, ...] = ()
    if samples.owners and samples.pictures > 2 and n <= _JACKKNIFE_ROWS:
        pseudo = _pseudo_values(samples, value)
    return Estimate(value, n, flags=tuple(flags), pseudo_values=pseudo)


def _pseudo_values(samples: Samples, value: float) -> tuple[float, ...]:
    x, y = samples.predictions["features"], samples.targets["features"]
    kept = left_in(samples, "features")
    if min(map(len, kept)) < 2:
        return ()
    return pseudo_values(value, value, np.array([frechet_distance(x[rows], y[rows]) for rows in kept]))
