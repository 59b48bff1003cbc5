"""Test pairs of methods on the same images, many pairs at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.stats import wilcoxon

from .bootstrap import Array, paired_resample_counts, percentile_interval

# What is equal up to summation order is equal: rounding must not decide a sign.
_EQUAL: Final = 1e-12


@dataclass(frozen=True)
class Paired:
    """Outcome of one test of the differences between two methods, one per image.

    Attributes:
        n: images.
        mean: mean difference.
        low: lower end of the paired bootstrap interval of the mean; ``None`` for fewer than two images.
        high: its upper end.
        standardised: mean over standard deviation of the differences; ``None`` where they do not vary.
        above: images with a difference above zero.
        below: images with one below zero.
        p_bootstrap: two-sided, of the mean.
        p_wilcoxon: two-sided, of the signed ranks; exact up to 50 images without ties.
    """

    n: int
    mean: float
    low: float | None
    high: float | None
    standardised: float | None
    above: int
    below: int
    p_bootstrap: float
    p_wilcoxon: float

    @property
    def p(self) -> float:
        """Take the larger of the two: a difference counts only when mean and ranks both show it."""
        return max(self.p_bootstrap, self.p_wilcoxon)


def compare_paired(columns: Sequence[Array], level: float) -> list[Paired]:
    """Test each column of differences against zero.

    Args:
        columns: per comparison one finite difference per image; at least one image each.
        level: 1 minus the confidence of the intervals.
    """
    by_count: dict[int, list[int]] = {}
    for index, column in enumerate(columns):
        by_count.setdefault(len(column), []).append(index)
    tests: dict[int, Paired] = {}
    # Columns of equal length share their resamples: images differ, but each test stands for itself.
    for indices in by_count.values():
        together = np.stack([columns[index] for index in indices], axis=1)
        scale = np.abs(together).max(axis=0, keepdims=True)
        results = _test(np.where(np.abs(together) <= _EQUAL * scale, 0.0, together), level)
        tests |= dict(zip(indices, results, strict=True))
    return [tests[index] for index in range(len(columns))]


def _test(differences: Array, level: float) -> list[Paired]:
    n, count = differences.shape
    means = differences.mean(axis=0)
    low, high, p_bootstrap = _bootstrap(differences, level)
    p_ranks = _signed_ranks(differences)
    spread = differences.std(axis=0, ddof=1) if n > 1 else np.zeros(count)
    return [
        Paired(
            n=n,
            mean=float(means[index]),
            low=float(low[index]) if n > 1 else None,
            high=float(high[index]) if n > 1 else None,
            standardised=float(means[index] / spread[index]) if spread[index] > 0 else None,
            above=int((differences[:, index] > 0).sum()),
            below=int((differences[:, index] < 0).sum()),
            p_bootstrap=float(p_bootstrap[index]) if n > 1 else 1.0,
            p_wilcoxon=float(p_ranks[index]),
        )
        for index in range(count)
    ]


def _bootstrap(differences: Array, level: float) -> tuple[Array, Array, Array]:
    """Compute the percentile interval of each mean, and the level at which it would just hold zero."""
    n = len(differences)
    means = np.concatenate([counts @ differences for counts in paired_resample_counts(n)]) / n
    low, high = percentile_interval(means, level)
    tail = np.minimum((means <= 0).sum(axis=0), (means >= 0).sum(axis=0))
    return low, high, np.minimum(1.0, 2 * (tail + 1) / (len(means) + 1))


def _signed_ranks(differences: Array) -> Array:
    """Test each column by Wilcoxon's signed ranks; zeros are ranked and then left out (Pratt 1959)."""
    p = np.ones(differences.shape[1])
    moving = np.flatnonzero((differences != 0).any(axis=0))
    if moving.size:
        p[moving] = wilcoxon(differences[:, moving], zero_method="pratt", axis=0).pvalue
    return p


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjust the p-values of a family of tests (Holm 1979): the chance of any false finding keeps its level.

    Args:
        p_values: of all tests of the family, in any order.
    """
    adjusted = [0.0] * len(p_values)
    largest = 0.0
    for rank, index in enumerate(sorted(range(len(p_values)), key=lambda index: p_values[index])):
        largest = max(largest, min(1.0, (len(p_values) - rank) * p_values[index]))
        adjusted[index] = largest
    return adjusted
