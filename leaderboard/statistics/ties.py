"""Find the methods that the images cannot tell apart: from the best one, or from each other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np

from .intervals import Array
from .paired import Paired, compare_paired, holm

LEVEL: Final = 0.05


@dataclass(frozen=True)
class Pair:
    """Two methods on the images that both have a value of.

    Attributes:
        first: name of a method.
        second: name of the other.
        paired: the test of first minus second.
        only_first: images that the first has a value of and the second lacks.
        only_second: the other way round.
    """

    first: str
    second: str
    paired: Paired
    only_first: int
    only_second: int


def pairwise_tests(
    values: Mapping[str, Array], level: float = LEVEL, *, against: str | None = None
) -> list[Pair]:
    """Test every pair of methods that share an image.

    Args:
        values: method → float64 ``(images,)``, the same images in the same order; NaN where there is none.
        level: 1 minus the confidence of the intervals.
        against: compare only with the method of this name.
    """
    names, differences, alone = [], [], []
    for first, second in combinations(values, 2):
        if against not in {None, first, second}:
            continue
        in_first, in_second = np.isfinite(values[first]), np.isfinite(values[second])
        if (in_first & in_second).any():
            names.append((first, second))
            differences.append((values[first] - values[second])[in_first & in_second])
            alone.append((int((in_first & ~in_second).sum()), int((in_second & ~in_first).sum())))
    return [
        Pair(*pair, paired, *counts)
        for pair, paired, counts in zip(names, compare_paired(differences, level), alone, strict=True)
    ]


def corrected_tests(values: Mapping[str, Array], level: float = LEVEL) -> list[tuple[Pair, float]]:
    """Test every pair of methods, each with its p after Holm's correction for all of them.

    Args:
        values: see `pairwise_tests`.
        level: 1 minus the confidence of the intervals.
    """
    pairs = pairwise_tests(values, level)
    return list(zip(pairs, holm([pair.paired.p for pair in pairs]), strict=True))


def tied_with_best(
    values: Mapping[str, Array],
    *,
    higher_is_better: bool,
    level: float = LEVEL,
    tests: Sequence[tuple[Pair, float]] | None = None,
) -> set[str]:
    """Find the methods that do not differ significantly from the best one.

    The rule is that of `df8k compare` over the same methods, metric and size: both tests of `Paired`, after
    Holm's correction for every pair.

    Args:
        values: method → one value per image, the same images in the same order; NaN where there is none.
        higher_is_better: direction of the metric.
        level: of significance, after correction.
        tests: `corrected_tests` of these values, where they are at hand.

    Returns:
        The best method and those tied with it; a method without values, or that shares fewer than two
        images with the best, is not tied.
    """
    means = {name: float(np.nanmean(array)) for name, array in values.items() if np.isfinite(array).any()}
    if not means:
        return set()
    best = (max if higher_is_better else min)(means, key=lambda name: (means[name], name))
    tied = {best}
    for pair, p in corrected_tests(values, level) if tests is None else tests:
        if best in {pair.first, pair.second} and p >= level and pair.paired.n > 1:
            tied |= {pair.first, pair.second}
    return tied


def tie_groups(order: Sequence[str], told_apart: set[frozenset[str]]) -> list[list[str]]:
    """Find sets of methods no two of which are told apart, as large as possible.

    Insert and absorb (Piepho 2004).

    Args:
        order: all methods, best first.
        told_apart: pairs that differ significantly.
    """
    tied = [frozenset(order)]
    for pair in sorted(told_apart, key=sorted):
        split = [group - {name} for group in tied if pair <= group for name in pair]
        candidates = [group for group in tied if not pair <= group] + split
        tied = []
        for group in sorted(candidates, key=len, reverse=True):
            if not any(group <= larger for larger in tied):
                tied.append(group)
    rank = {name: index for index, name in enumerate(order)}
    return sorted(
        (sorted(group, key=rank.__getitem__) for group in tied),
        key=lambda names: [rank[name] for name in names],
    )
