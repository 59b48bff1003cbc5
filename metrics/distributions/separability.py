"""Paired and unpaired inception discriminative scores: can a line in feature space tell fake from real?"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from df8k.metrics.estimate import Estimate, Rows, Samples
from df8k.metrics.spec import MetricSpec


def _of(name: str, summary: str) -> MetricSpec:
    return MetricSpec(
        name=name,
        variant=f"{name}-clean-svm-v1",
        summary=summary,
        source=(
            "Zhao et al., Large Scale Image Completion via Co-Modulated Generative Adversarial Networks, 2021"
        ),
        kind="distribution",
        higher_is_better=True,
        range=(0.0, 1.0),
        weights=("inception",),
        target=f"df8k.metrics.distributions.separability:{name}",
        features="df8k.metrics.inception_features:clean",
    )


METRICS = (
    _of("pids", "share of predictions that a linear machine takes for more real than their originals"),
    _of("uids", "share of pictures that a linear machine puts on the wrong side"),
)
Vector = npt.NDArray[np.float64]


def separating_scores(fake: Rows, real: Rows) -> tuple[Vector, Vector]:
    """Fit a linear support vector machine that tells the sets apart; real is positive.

    Squared hinge loss, unit penalty, regularised intercept: the objective that scikit-learn's
    ``LinearSVC(dual=False)`` has by default. It is strictly convex, so the solver is not part of the value.

    Args:
        fake: float32 ``(n, d)``.
        real: float32 ``(n, d)``.

    Returns:
        Decision values of ``fake`` and of ``real``, float64 ``(n,)`` each.
    """
    from scipy.optimize import minimize

    rows = np.concatenate([fake, real]).astype(np.float64)
    rows = np.concatenate([rows, np.ones((len(rows), 1))], axis=1)
    sides = np.concatenate([-np.ones(len(fake)), np.ones(len(real))])

    def objective(weights: Vector) -> tuple[float, Vector]:
        slack = np.maximum(1.0 - sides * (rows @ weights), 0.0)
        return float(0.5 * weights @ weights + slack @ slack), weights - 2.0 * rows.T @ (sides * slack)

    options = {"maxiter": 10_000, "maxfun": 20_000, "ftol": 1e-15, "gtol": 1e-8}
    fit = minimize(objective, np.zeros(rows.shape[1]), jac=True, method="L-BFGS-B", options=options)
    decisions = rows @ fit.x
    return decisions[: len(fake)], decisions[len(fake) :]


def _decisions(samples: Samples) -> tuple[Vector, Vector]:
    return separating_scores(samples.predictions["features"], samples.targets["features"])


def _estimate(samples: Samples, wrong_fraction: Callable[[Vector, Vector], float]) -> Estimate:
    n, dimensions = samples.predictions["features"].shape
    if n < 2:
        return Estimate(None, n, reason=f"a line through one sample tells nothing, there are {n}")
    flags: tuple[str, ...] = ()
    if 2 * n <= dimensions:
        flags = (f"{n} pairs in {dimensions} dimensions can always be told apart: the value says nothing",)
    return Estimate(wrong_fraction(*samples.share(_decisions)), n, flags=flags)


def pids(samples: Samples) -> Estimate:
    """Estimate the fraction of pairs whose prediction looks more real than its own original.

    Source:
        Zhao et al., Large Scale Image Completion via Co-Modulated GANs, 2021, section 4.
    """
    return _estimate(samples, lambda fake, real: float((fake > real).mean()))


def uids(samples: Samples) -> Estimate:
    """Estimate the fraction of images that the line puts on the wrong side; the same source."""
    return _estimate(
        samples, lambda fake, real: (int((fake > 0).sum()) + int((real <= 0).sum())) / (2 * len(fake))
    )
