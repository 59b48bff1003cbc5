"""Find the methods that the images cannot tell apart: from the best one, or from each other."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from .bootstrap import percentile_interval, resample_weights


def tied_with_best(values: Mapping[str, npt.NDArray[np.float64]], *, higher_is_better: bool) -> set[str]:
    """Find methods whose paired mean difference from the best has a 95 % bootstrap interval around zero.

    Images are resampled together, so what makes an image hard for every method cancels. Each method meets
    the best one alone: with many methods a few will be tied, or not, by chance.

    Args:
        values: method → one value per image, the same images in the same order; NaN where there is none.
        higher_is_better: direction of the metric.

    Returns:
        The best method and those tied with it; a method without values, or that shares fewer than two
        images with the best, is not tied.
    """
    means = {name: float(np.nanmean(array)) for name, array in values.items() if np.isfinite(array).any()}
    if not means:
        return set()
    best = (max if higher_is_better else min)(means, key=lambda name: (means[name], name))
    others = [name for name in means if name != best]
    difference = np.stack([values[name] - values[best] for name in [*others, best]], axis=1)
    shared = np.isfinite(difference)
    weights = resample_weights(len(difference))
    # One product for all methods; a resample's mean is over those of its images that both methods have.
    counts = weights @ shared
    totals = weights @ np.where(shared, difference, 0.0)
    tied = {best}
    for column, name in enumerate(others):
        drawn = counts[:, column] > 0
        if shared[:, column].sum() < 2:
            continue
        low, high = percentile_interval(totals[drawn, column] / counts[drawn, column])
        if low <= 0 <= high:
            tied.add(name)
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
