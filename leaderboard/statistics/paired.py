"""Test pairs of methods on the same images, many pairs at a time: the one rule of boards and comparisons."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import stdtr
from scipy.stats import permutation_test, rankdata, wilcoxon

from .intervals import Array, student_interval

# What is equal up to summation order is equal: rounding must not decide a sign.
_EQUAL: Final = 1e-12
# As scipy's own rule: ranks with ties are exact up to so many images, and approximated by the normal beyond.
_EXACT_TIES: Final = 13


@dataclass(frozen=True)
class Paired:
    """Outcome of one test of the differences between two methods, one per image.

    Attributes:
        n: images.
        mean: mean difference.
        low: lower end of Student's interval of the mean; ``None`` below `intervals.LEAST_IMAGES` images.
        high: its upper end.
        standardised: mean over standard deviation of the differences; ``None`` where they do not vary.
        above: images with a difference above zero.
        below: images with one below zero.
        p_student: two-sided, of the mean.
        p_wilcoxon: two-sided, of the signed ranks; exact up to 50 images without ties, up to 13 with them.
    """

    n: int
    mean: float
    low: float | None
    high: float | None
    standardised: float | None
    above: int
    below: int
    p_student: float
    p_wilcoxon: float

    @property
    def p(self) -> float:
        """Take the larger of the two: a difference counts only when mean and ranks both show it."""
        return max(self.p_student, self.p_wilcoxon)


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
    for indices in by_count.values():
        together = np.stack([columns[index] for index in indices], axis=1)
        scale = np.abs(together).max(axis=0, keepdims=True)
        results = _test(np.where(np.abs(together) <= _EQUAL * scale, 0.0, together), level)
        tests |= dict(zip(indices, results, strict=True))
    return [tests[index] for index in range(len(columns))]


def _test(differences: Array, level: float) -> list[Paired]:
    n, count = differences.shape
    means = differences.mean(axis=0)
    spread = differences.std(axis=0, ddof=1) if n > 1 else np.zeros(count)
    # Equal differences have a spread of rounding alone.
    spread = np.where(spread <= _EQUAL * np.abs(means), 0.0, spread)
    p_student, p_ranks = _student(means, spread, n), _signed_ranks(differences)
    intervals = [student_interval(differences[:, index], level) or (None, None) for index in range(count)]
    return [
        Paired(
            n=n,
            mean=float(means[index]),
            low=intervals[index][0],
            high=intervals[index][1],
            standardised=float(means[index] / spread[index]) if spread[index] > 0 else None,
            above=int((differences[:, index] > 0).sum()),
            below=int((differences[:, index] < 0).sum()),
            p_student=float(p_student[index]),
            p_wilcoxon=float(p_ranks[index]),
        )
        for index in range(count)
    ]


def _student(means: Array, spread: Array, n: int) -> Array:
    """Test each mean by Student's t; equal differences decide at once, a single one shows nothing."""
    p: Array = np.where(means == 0, 1.0, 0.0) if n > 1 else np.ones(len(means))
    varying = np.flatnonzero(spread > 0)
    t = np.abs(means[varying]) * np.sqrt(n) / spread[varying]
    p[varying] = 2 * stdtr(n - 1, -t)
    return p


def _signed_ranks(differences: Array) -> Array:
    """Test each column by Wilcoxon's signed ranks; zeros are ranked and then left out (Pratt 1959).

    Columns with ties or zeros are apart from the others: together, scipy would approximate all of them.
    """
    n, count = differences.shape
    sizes = np.sort(np.abs(differences), axis=0)
    tied = (sizes[:1] == 0).any(axis=0) | (np.diff(sizes, axis=0) == 0).any(axis=0)
    moving = (differences != 0).any(axis=0)
    p = np.ones(count)
    for columns, test in ((~tied & moving, _ranks), (tied & moving, _flips if n <= _EXACT_TIES else _ranks)):
        if columns.any():
            p[columns] = test(differences[:, columns])
    return p


def _ranks(differences: Array) -> Array:
    return np.asarray(wilcoxon(differences, zero_method="pratt", axis=0).pvalue)


def _flips(differences: Array) -> Array:
    """Compare the sum of positive ranks with that of all changes of sign."""
    ranks = np.sign(differences) * rankdata(np.abs(differences), axis=0)

    def positive(signed: Array, axis: int) -> Array:
        return np.asarray(np.where(signed > 0, signed, 0).sum(axis=axis))

    return np.asarray(permutation_test((ranks,), positive, permutation_type="samples", axis=0).pvalue)


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
