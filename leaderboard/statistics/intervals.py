"""Intervals of a mean over images: Student's t, and how few images carry none."""

from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import special

Array = npt.NDArray[np.float64]

# Below this the coverage of an interval hangs on the shape of noise that so few images cannot show.
LEAST_IMAGES: Final = 8


@cache
def student_quantile(images: int, level: float = 0.05) -> float:
    """Give the quantile of Student's t that bounds a two-sided interval of confidence ``1 - level``.

    Args:
        images: how many values the mean is of, at least two.
        level: 1 minus the confidence.
    """
    return float(special.stdtrit(images - 1, 1 - level / 2))


def student_interval(
    values: Array, level: float = 0.05, *, centre: float | None = None
) -> tuple[float, float] | None:
    """Give the interval of the mean, or ``None`` below `LEAST_IMAGES` values.

    Args:
        values: float64 ``(images,)``, one finite value per image.
        level: 1 minus the confidence.
        centre: middle of the interval; by default the mean. The pseudo-values of a statistic of sets have
            the statistic itself in the middle.

    Source:
        Student, The Probable Error of a Mean, 1908. Its coverage at the sizes of this board is simulated by
        ``benchmarks/bench_significance.py``.
    """
    images = len(values)
    if images < LEAST_IMAGES:
        return None
    middle = float(values.mean()) if centre is None else centre
    half = student_quantile(images, level) * float(values.std(ddof=1)) / float(np.sqrt(images))
    return middle - half, middle + half
