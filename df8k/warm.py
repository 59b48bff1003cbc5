"""Compile the loops of all methods and metrics once, beside the package, so that no first call waits for it.

``python -m df8k.warm`` does it at installation; where the package's folder cannot be written, numba keeps the
loops in the user's cache.
"""

import sys
from time import perf_counter
from typing import Final

import numpy as np
import numpy.typing as npt

from df8k import metrics
from df8k.baselines.warm import warm_methods

# Those with loops of their own; the others are networks or numpy.
_METRICS: Final = ("l1", "psnr", "ssim", "ms-ssim", "gmsd", "haarpsi", "energy", "seam")
_SIDE: Final = 256


def warm() -> float:
    """Fill and score small pictures.

    Returns:
        Seconds that it took.
    """
    start = perf_counter()
    warm_methods()
    random = np.random.default_rng(0)
    target, prediction = (random.integers(0, 256, (_SIDE, _SIDE, 3), np.uint8) for _ in range(2))
    mask: npt.NDArray[np.bool_] = np.zeros((_SIDE, _SIDE), np.bool_)
    mask[80:150, 60:190] = True
    for writeable in (True, False):  # to numba another type of array; originals of datasets are not writeable
        target.flags.writeable = writeable
        metrics.compute(prediction, target, mask, names=list(_METRICS))
    return perf_counter() - start


if __name__ == "__main__":
    sys.stderr.write("compiling the loops of methods and metrics, once ...\n")
    sys.stderr.write(f"done in {warm():.0f} s\n")
