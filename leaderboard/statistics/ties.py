"""Which methods the images cannot tell from the best one."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from .aggregate import resamples


def tied_with_best(values: Mapping[str, npt.NDArray[np.float64]], *, higher_is_better: bool) -> set[str]:
    """Methods whose paired mean difference from the best has a 95 % bootstrap interval that holds zero.

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
    weights = resamples(len(difference))
    # One product for all methods; a resample's mean is over those of its images that both methods have.
    counts = weights @ shared
    totals = weights @ np.where(shared, difference, 0.0)
    found = {best}
    for place, name in enumerate(others):
        drawn = counts[:, place] > 0
        if shared[:, place].sum() < 2:
            continue
        low, high = np.quantile(totals[drawn, place] / counts[drawn, place], [0.025, 0.975])
        if low <= 0 <= high:
            found.add(name)
    return found


def tie_groups(order: Sequence[str], told_apart: set[frozenset[str]]) -> list[list[str]]:
    """Sets of methods no two of which are told apart, as large as possible (Piepho 2004, insert and absorb).

    Args:
        order: all methods, best first.
        told_apart: pairs that differ significantly.
    """
    found = [frozenset(order)]
    for pair in sorted(told_apart, key=sorted):
        split = [group - {name} for group in found if pair <= group for name in pair]
        candidates = [group for group in found if not pair <= group] + split
        found = []
        for group in sorted(candidates, key=len, reverse=True):
            if not any(group <= larger for larger in found):
                found.append(group)
    place = {name: index for index, name in enumerate(order)}
    return sorted(
        (sorted(group, key=place.__getitem__) for group in found),
        key=lambda names: [place[name] for name in names],
    )
