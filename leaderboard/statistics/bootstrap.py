"""Percentile bootstrap intervals, which results written before Student's t hold: they are still checked.

A mean over drawn images is the product of counts and values. The draws are the same in every process, for
every metric and method.
"""

from functools import cache
from hashlib import sha256
from typing import Final

import numpy as np

from .intervals import Array

_RESAMPLES: Final = 2000


def percentile_interval(values: Array) -> tuple[float, float] | None:
    """Give the 95 % percentile interval of the mean, or ``None`` for a single image.

    Args:
        values: float64 ``(images,)``, one finite value per image.
    """
    if len(values) < 2:
        return None
    low, high = np.quantile(_resample_weights(len(values)) @ values, [0.025, 0.975], axis=0)
    return float(low), float(high)


@cache
def _resample_weights(images: int) -> Array:
    """Give the weight of each image in each resample, ``(2000, images)``; rows sum to 1."""
    seed = int.from_bytes(sha256(f"bootstrap|{images}".encode()).digest()[:16])
    drawn = np.random.Generator(np.random.Philox(key=seed)).integers(0, images, (_RESAMPLES, images))
    flat = (drawn + images * np.arange(_RESAMPLES)[:, None]).ravel()
    counts = np.bincount(flat, minlength=_RESAMPLES * images).reshape(_RESAMPLES, images)
    weights: Array = counts / images
    return weights
