"""Paired and unpaired inception discriminative scores: can a line in feature space tell fake from real?"""

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from .estimate import Estimate, Rows, Samples

Vector = npt.NDArray[np.float64]


def separating_scores(fake: Rows, real: Rows) -> tuple[Vector, Vector]:
    """Decision values of a linear support vector machine fitted to tell the sets apart; real is positive.

    Squared hinge loss, unit penalty, regularised intercept: the objective that scikit-learn's
    ``LinearSVC(dual=False)`` has by default. It is strictly convex, so the solver is not part of the value.

    Args:
        fake: float32 ``(n, d)``.
        real: float32 ``(n, d)``.
    """
    rows = np.concatenate([fake, real]).astype(np.float64)
    rows = np.concatenate([rows, np.ones((len(rows), 1))], axis=1)
    sides = np.concatenate([-np.ones(len(fake)), np.ones(len(real))])

    def objective(weights: Vector) -> tuple[float, Vector]:
        slack = np.maximum(1.0 - sides * (rows @ weights), 0.0)
        return float(0.5 * weights @ weights + slack @ slack), weights - 2.0 * rows.T @ (sides * slack)

    options = {"maxiter": 10_000, "maxfun": 20_000, "ftol": 1e-15, "gtol": 1e-8}
    found = minimize(objective, np.zeros(rows.shape[1]), jac=True, method="L-BFGS-B", options=options)
    decisions = rows @ found.x
    return decisions[: len(fake)], decisions[len(fake) :]


def _estimate(samples: Samples, value: float, n: int) -> Estimate:
    dimensions = samples.predictions["features"].shape[1]
    flags: tuple[str, ...] = ()
    if 2 * n <= dimensions:
        flags = (f"{n} pairs in {dimensions} dimensions can always be told apart: the value says nothing",)
    return Estimate(value, n, flags=flags)


def pids(samples: Samples) -> Estimate:
    """Share of pairs whose prediction looks more real than its own original.

    Source:
        Zhao et al., Large Scale Image Completion via Co-Modulated GANs, 2021, section 4.
    """
    n = len(samples.predictions["features"])
    if n < 2:
        return Estimate(None, n, reason=f"a line through one sample tells nothing, there are {n}")
    fake, real = separating_scores(samples.predictions["features"], samples.targets["features"])
    return _estimate(samples, float((fake > real).mean()), n)


def uids(samples: Samples) -> Estimate:
    """Share of pictures that the line puts on the wrong side; the same source."""
    n = len(samples.predictions["features"])
    if n < 2:
        return Estimate(None, n, reason=f"a line through one sample tells nothing, there are {n}")
    fake, real = separating_scores(samples.predictions["features"], samples.targets["features"])
    wrong = int((fake > 0).sum()) + int((real <= 0).sum())
    return _estimate(samples, wrong / (2 * n), n)
