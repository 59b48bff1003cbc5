"""Measures of an inpainted image against its original: named variants, exact, bounded in memory at 8K.

Example:
    >>> import numpy as np
    >>> from df8k import metrics
    >>> target = np.zeros((32, 32, 3), np.uint8)
    >>> mask = np.zeros((32, 32), bool)
    >>> mask[8:16, 8:16] = True
    >>> prediction = target.copy()
    >>> prediction[mask] = 51
    >>> round(metrics.compute(prediction, target, mask, names=["psnr"])["psnr.hole"], 3)
    13.979
"""

from _df8k.short_names import join

join(__name__)

from ._registry import get, list_metrics  # noqa: E402 - one module has one name
from .accumulator import Accumulator, accumulate  # noqa: E402
from .assess import assess  # noqa: E402
from .compute import Scores, compute  # noqa: E402
from .errors import MetricError, UnavailableError, UnknownMetricError  # noqa: E402
from .estimate import Estimate  # noqa: E402
from .spec import MetricSpec  # noqa: E402

__all__ = [
    "Accumulator",
    "Estimate",
    "MetricError",
    "MetricSpec",
    "Scores",
    "UnavailableError",
    "UnknownMetricError",
    "accumulate",
    "assess",
    "compute",
    "get",
    "list_metrics",
]
