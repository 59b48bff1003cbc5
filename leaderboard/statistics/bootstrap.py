"""Resample images with replacement: the same draws in every process, for every metric and method.

One resample serves all columns at once: a mean over drawn images is the product of counts and values.
"""

from functools import cache
from hashlib import sha256
from typing import Final

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

_RESAMPLES: Final = 2000
# A tail of 2.5 % after correction for many comparisons needs more of them; blocks bound the memory.
_PAIRED_RESAMPLES: Final = 10_000
_BLOCK: Final = 1000


@cache
def resample_weights(images: int) -> Array:
    """Give the weight of each image in each resample, ``(2000, images)``; rows sum to 1."""
    return _draw_counts(f"bootstrap|{images}", images, _RESAMPLES) / images


@cache
def paired_resample_counts(images: int) -> tuple[npt.NDArray[np.float32], ...]:
    """Count how often each image is drawn, in 10 blocks of ``(1000, images)``."""
    return tuple(
        _draw_counts(f"paired|{images}|{block}", images, _BLOCK).astype(np.float32)
        for block in range(_PAIRED_RESAMPLES // _BLOCK)
    )


def percentile_interval(means: Array, level: float = 0.05) -> tuple[Array, Array]:
    """Give the ends of the percentile interval of confidence ``1 - level``, over the first axis."""
    low, high = np.quantile(means, [level / 2, 1 - level / 2], axis=0)
    return low, high


def _draw_counts(key: str, images: int, resamples: int) -> npt.NDArray[np.int64]:
    seed = int.from_bytes(sha256(key.encode()).digest()[:16])
    drawn = np.random.Generator(np.random.Philox(key=seed)).integers(0, images, (resamples, images))
    flat = (drawn + images * np.arange(resamples)[:, None]).ravel()
    return np.bincount(flat, minlength=resamples * images).reshape(resamples, images)
