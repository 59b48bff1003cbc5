"""Fit how cost grows: with the pixels of the picture, and with those of the hole."""

from collections.abc import Sequence

import numpy as np
from pydantic import BaseModel, ConfigDict
from scipy import stats


class Fit(BaseModel):
    """Least-squares line with 95 % intervals of Student's t.

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


def power_law(pixels: Sequence[float], costs: Sequence[float]) -> Fit | None:
    """Fit a line to log cost against log pixels: its slope is the exponent, 1 for proportional.

    Args:
        pixels: positive.
        costs: seconds or bytes, positive.

    Returns:
        ``None`` for fewer than two different numbers of pixels.
    """
    return line(np.log(pixels).tolist(), np.log(costs).tolist())


def line(x: Sequence[float], y: Sequence[float]) -> Fit | None:
    """Fit a line to points; ``None`` when their ``x`` do not differ."""
    if len(set(x)) < 2:
        return None
    fit = stats.linregress(x, y)
    low = high = None
    if len(x) > 2:
        half = float(stats.t.ppf(0.975, len(x) - 2)) * float(fit.stderr)
        low, high = float(fit.slope) - half, float(fit.slope) + half
    return Fit(
        slope=float(fit.slope),
        low=low,
        high=high,
        intercept=float(fit.intercept),
        r2=min(1.0, float(fit.rvalue) ** 2),
        points=len(x),
    )
