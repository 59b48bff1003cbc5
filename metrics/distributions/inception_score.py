"""Inception score of the predictions: here for comparison with old tables, not because it says much."""

import numpy as np

from df8k.metrics.estimate import Estimate, Rows, Samples
from df8k.metrics.spec import MetricSpec

METRICS = (
    MetricSpec(
        name="is",
        variant="is-clean-10-v1",
        summary="Inception score of the predictions, ten splits; uninformative, for old tables",
        source="Salimans et al., Improved Techniques for Training GANs, 2016",
        kind="distribution",
        higher_is_better=True,
        range=(1.0, 1008.0),
        weights=("inception",),
        target="df8k.metrics.distributions.inception_score:score",
        features="df8k.metrics.inception_features:clean",
    ),
)
_SPLITS = 10
_USUAL = 5000


def inception_score(logits: Rows, splits: int = _SPLITS) -> tuple[float, float]:
    """Compute mean and deviation over splits of exp(E KL(p(y|x) || p(y))).

    Args:
        logits: float32 ``(n, classes)``, in the order in which they are split.
        splits: parts of consecutive rows; n >= splits.

    Source:
        Salimans et al., Improved Techniques for Training GANs, 2016, section 4.
    """
    from scipy.special import log_softmax

    log_p = log_softmax(logits.astype(np.float64), axis=1)
    n = len(log_p)
    scores = []
    for split in range(splits):
        chunk = log_p[split * n // splits : (split + 1) * n // splits]
        marginal = np.log(np.exp(chunk).mean(axis=0))
        scores.append(np.exp((np.exp(chunk) * (chunk - marginal)).sum(axis=1).mean()))
    return float(np.mean(scores)), float(np.std(scores))


def score(samples: Samples) -> Estimate:
    """Score the predictions over ten splits in the order of the keys."""
    logits = samples.predictions["logits"]
    n = len(logits)
    if n < _SPLITS:
        return Estimate(None, n, reason=f"{_SPLITS} splits need as many pictures, there are {n}")
    value, deviation = inception_score(logits)
    flags = ["uninformative for inpainting: it never looks at the originals"]
    if n < _USUAL:
        flags.append(f"{n} pictures: a split has fewer samples than classes, and the value grows with n")
    return Estimate(value, n, deviation, tuple(flags))
