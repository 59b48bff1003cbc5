"""Sliced Wasserstein distance between sets of patches: a distribution metric without weights."""

from math import inf

import numpy as np
import numpy.typing as npt

from metrics.estimate import Estimate, Rows, Samples
from metrics.spec import MetricSpec

METRICS = (
    MetricSpec(
        name="swd",
        variant="swd-laplace-4x32-7-v1",
        summary="sliced Wasserstein distance of Laplacian-pyramid patches around the hole, x 1000",
        source="Karras et al., Progressive Growing of GANs, 2018",
        kind="distribution",
        higher_is_better=False,
        range=(0.0, inf),
        target="metrics.distributions.sliced:swd",
        features="metrics.pyramid_patches:laplacian_patches",
    ),
)
_DIRECTIONS = 512
_CHANNELS = 3
_FEW = 1000
_SCALE = 1000.0


def sliced_distance(x: Rows, y: Rows) -> float:
    """Average the 1-Wasserstein distance between the projected sets over random directions.

    Args:
        x: float32 ``(n, d)``.
        y: float32 ``(n, d)``.
    """
    generator = np.random.Generator(np.random.Philox(0))
    directions = generator.standard_normal((x.shape[1], _DIRECTIONS))
    directions /= np.linalg.norm(directions, axis=0)
    a, b = (np.sort(rows.astype(np.float64) @ directions, axis=0) for rows in (x, y))
    return float(np.abs(a - b).mean())


def _whiten(rows: Rows) -> npt.NDArray[np.float32]:
    """Give every colour channel of the set zero mean and unit deviation; channels are interleaved."""
    values = rows.astype(np.float64).reshape(len(rows), -1, _CHANNELS)
    deviation = values.std(axis=(0, 1))
    deviation[deviation == 0] = 1.0
    whitened: npt.NDArray[np.float32] = (
        ((values - values.mean(axis=(0, 1))) / deviation).reshape(len(rows), -1).astype(np.float32)
    )
    return whitened


def swd(samples: Samples) -> Estimate:
    """Average the sliced distance over pyramid levels, times 1000; 0 for identical sets.

    Source:
        Karras et al., Progressive Growing of GANs, 2018, section 5; patches are drawn around the hole instead
        of anywhere, and levels are the image's own size and three halvings.
    """
    levels = [name for name, rows in samples.predictions.items() if len(rows)]
    if not levels:
        return Estimate(None, 0, reason="no picture has a hole that a patch could be drawn from")
    distances = {
        level: _SCALE * sliced_distance(_whiten(samples.predictions[level]), _whiten(samples.targets[level]))
        for level in levels
    }
    n = min(len(samples.predictions[level]) for level in levels)
    flags = (f"{n} patches a level are few: the value is biased upwards",) if n < _FEW else ()
    return Estimate(float(np.mean(list(distances.values()))), n, flags=flags, settings=distances)
