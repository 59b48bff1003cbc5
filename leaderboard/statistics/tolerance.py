"""Decide whether two values are the same but for rounding."""

from typing import Final

import numpy as np

from df8k.leaderboard.protocol.ranking import metric_of

# The order of a sum may change between versions of numpy, and with it the last bits.
ROUNDING: Final = 1e-9
_DECIBEL: Final = 0.01
_FRACTION_OF_RANGE: Final = 1e-4


def close(first: float, second: float, *, within: float) -> bool:
    """Compare two numbers, relatively to the larger one."""
    return abs(first - second) <= within * max(abs(first), abs(second))


def alike(first: object, second: object, *, within: float, integers: bool = False) -> bool:
    """Compare two values exactly, their floats relatively, through mappings and lists.

    Args:
        first: a number, text, ``None``, or a mapping or list of such.
        second: another.
        within: largest difference of two floats, over the larger one.
        integers: whether whole numbers, counts usually, are compared relatively too.
    """
    if isinstance(first, dict) and isinstance(second, dict):
        return first.keys() == second.keys() and all(
            alike(first[key], second[key], within=within, integers=integers) for key in first
        )
    if isinstance(first, list) and isinstance(second, list):
        return len(first) == len(second) and all(
            alike(*pair, within=within, integers=integers) for pair in zip(first, second, strict=True)
        )
    numeric = (int, float) if integers else float
    if isinstance(first, numeric) and isinstance(second, numeric):
        return close(float(first), float(second), within=within)
    return first == second


def metric_tolerance(key: str) -> float:
    """Tell the difference of one image that rounding in other libraries and processors may make.

    Args:
        key: ``name.region``, or the name of a metric of sets.

    Returns:
        0.01 dB for metrics in decibel, else 0.0001 of the metric's range; 0.0001 where that has no end.

    Raises:
        metrics.MetricError: no metric is called so.
    """
    spec = metric_of(key)
    if spec.unit == "dB":
        return _DECIBEL
    width = spec.range[1] - spec.range[0]
    return _FRACTION_OF_RANGE * (width if np.isfinite(width) else 1.0)


def value_tolerance(value: float | None) -> float:
    """Tell the difference that a metric of sets may have: 0.0001 of its value."""
    return _FRACTION_OF_RANGE * abs(value or 0.0)
