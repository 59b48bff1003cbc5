"""How latency grows: with the pixels of the picture, and with those of the hole."""

from collections.abc import Sequence

import numpy as np
from pydantic import BaseModel, ConfigDict
from scipy import stats


class Fit(BaseModel):
    """A least-squares line with 95 % intervals of Student's t.

    The intervals say how well a line describes the points. They are absent for two points, which every line
    fits.

    Attributes:
        slope: of the line.
        low: lower end of the slope's interval.
        high: upper end.
        intercept: value of the line at zero.
        r2: share of the variance that the line explains.
        points: how many were fitted.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    slope: float
    low: float | None
    high: float | None
    intercept: float
    r2: float
    points: int


def power_law(pixels: Sequence[float], seconds: Sequence[float]) -> Fit | None:
    """Line through log latency against log pixels: its slope is the exponent, 1 for proportional.

    Args:
        pixels: positive.
        seconds: positive.

    Returns:
        ``None`` for fewer than two different numbers of pixels.
    """
    return line(np.log(pixels).tolist(), np.log(seconds).tolist())


def line(x: Sequence[float], y: Sequence[float]) -> Fit | None:
    """Line through points; ``None`` when their ``x`` do not differ."""
    if len(set(x)) < 2:
        return None
    found = stats.linregress(x, y)
    low = high = None
    if len(x) > 2:
        half = float(stats.t.ppf(0.975, len(x) - 2)) * float(found.stderr)
        low, high = float(found.slope) - half, float(found.slope) + half
    return Fit(
        slope=float(found.slope),
        low=low,
        high=high,
        intercept=float(found.intercept),
        r2=min(1.0, float(found.rvalue) ** 2),
        points=len(x),
    )
