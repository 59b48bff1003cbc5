"""Compare results: paired tests of which methods the images can tell apart."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from df8k import metrics
from df8k.leaderboard.errors import LeaderboardError
from df8k.leaderboard.protocol.ranking import PIXEL_ERROR, metric_of, ranking_key
from df8k.leaderboard.protocol.sizes import Size, size_order
from df8k.leaderboard.results.per_image import PerImage, read_arrays
from df8k.leaderboard.results.schema import Result
from df8k.leaderboard.statistics.groups import groups
from df8k.leaderboard.statistics.paired import Paired, holm
from df8k.leaderboard.statistics.ties import pairwise_tests, tie_groups

from .comparable import check_one_table
from .validate import read_sound


@dataclass(frozen=True)
class Comparison:
    """Two methods by one metric at one size.

    Attributes:
        metric: key of the metric.
        size: side length in pixels, a frame, or ``native``.
        group: label of the group of images; empty for all of them.
        first: name of a method.
        second: name of the other.
        paired: the test of first minus second, on the images that both have.
        only_first: images that the first has a value of and the second lacks.
        only_second: the other way round.
        p: adjusted for all comparisons of the call.
        better: the better method where the difference is significant and the metric has a direction.
        significant: whether ``p`` is below the level.
    """

    metric: str
    size: Size
    group: str
    first: str
    second: str
    paired: Paired
    only_first: int
    only_second: int
    p: float = 1.0
    significant: bool = False
    better: str | None = None


@dataclass(frozen=True)
class Standing:
    """Methods of one metric, size and group of images.

    Attributes:
        metric: key of the metric.
        size: see `Comparison`.
        group: see `Comparison`.
        means: method → mean over its own images, best first.
        images: method → how many images that are.
        ties: sets of methods no two of which differ significantly, as large as possible, best first; empty
            where not every pair was tested.
    """

    metric: str
    size: Size
    group: str
    means: Mapping[str, float]
    images: Mapping[str, int]
    ties: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Report:
    """Outcome of `compare`.

    Attributes:
        level: of significance, after correction.
        comparisons: every pair at every size.
        standings: one per metric, size and group.
    """

    level: float
    comparisons: Sequence[Comparison]
    standings: Sequence[Standing]


def compare(
    paths: Sequence[Path],
    *,
    metric: str | None = None,
    sizes: Sequence[Size] | None = None,
    by: str | None = None,
    against: str | None = None,
    level: float = 0.05,
) -> Report:
    """Test every pair of methods on the images that both have.

    A difference is significant when both Student's t of the mean and Wilcoxon's signed ranks say so, after
    Holm's correction for all comparisons of the call.

    Args:
        paths: RESULT.json files with their per-image files.
        metric: ``name.region``, or a metric of sets that has pseudo-values; by default the one that ranks the
            results, `l1.hole` where no perceptual one was measured.
        sizes: which sizes; by default all that at least two results have.
        by: split the images by one of `groups.GROUPINGS`.
        against: compare only with the method of this name.
        level: of significance.

    Raises:
        LeaderboardError: fewer than two results, a damaged one, results of different datasets or protocols, a
            metric or size that fewer than two of them have.
    """
    if len(paths) < 2:
        raise LeaderboardError("give at least two results to compare")
    if not 0 < level < 1:
        raise LeaderboardError(f"the level must lie between 0 and 1; got {level}")
    results = [read_sound(path) for path in paths]
    if metric is None:
        keys = [size_result.metrics for result in results for size_result in result.sizes if size_result.n]
        metric = ranking_key(keys) or PIXEL_ERROR
    check_one_table(paths, results, metric=_spec(metric).name, remedy="measure both alike")
    names = _names(paths, results)
    if against is not None and against not in names:
        raise LeaderboardError(f"no result is of {against!r}: there are {', '.join(names)}")
    arrays = [read_arrays(path, result) for path, result in zip(paths, results, strict=True)]
    comparisons: list[Comparison] = []
    tables: list[tuple[Size, str, dict[str, npt.NDArray[np.float64]]]] = []
    for size in _sizes(results, sizes):
        of_size = {
            name: by_size[size] for name, by_size in zip(names, arrays, strict=True) if size in by_size
        }
        for group, values in _grouped(of_size, metric, by):
            tables.append((size, group, values))
            comparisons += [
                Comparison(
                    metric,
                    size,
                    group,
                    pair.first,
                    pair.second,
                    pair.paired,
                    pair.only_first,
                    pair.only_second,
                )
                for pair in pairwise_tests(values, level, against=against)
            ]
    if not comparisons:
        raise LeaderboardError(
            f"no two results have {metric} on the same images: see their protocol and sizes"
        )
    comparisons = _adjusted(comparisons, level, _spec(metric).higher_is_better)
    standings = [
        _standing(metric, size, group, values, comparisons, against) for size, group, values in tables
    ]
    return Report(level, comparisons, standings)


def _spec(metric: str) -> metrics.MetricSpec:
    """Look up the metric that a key such as ``l1.hole`` or ``swd`` belongs to."""
    spec = metric_of(metric)
    if metric not in spec.keys:
        raise LeaderboardError(f"{metric!r} is no value of an image: {spec.name} has {', '.join(spec.keys)}")
    return spec


def _names(paths: Sequence[Path], results: Sequence[Result]) -> list[str]:
    """Name the methods; results of one method are told apart by their files."""
    counts = Counter(result.method.name for result in results)
    names = [
        name if counts[name := result.method.name] == 1 else f"{name} ({path.stem})"
        for path, result in zip(paths, results, strict=True)
    ]
    if len(set(names)) != len(names):
        raise LeaderboardError("the same result is given twice: give each once")
    return names


def _sizes(results: Sequence[Result], requested: Sequence[Size] | None) -> list[Size]:
    counts = Counter(size_result.size for result in results for size_result in result.sizes)
    shared = sorted((size for size, count in counts.items() if count > 1), key=size_order)
    if missing := [size for size in requested or () if size not in shared]:
        raise LeaderboardError(
            f"fewer than two results have size {missing[0]}: sizes of at least two are "
            f"{', '.join(map(str, shared)) or 'none'}"
        )
    return shared if requested is None else list(requested)


def _grouped(
    of_size: Mapping[str, PerImage], metric: str, by: str | None
) -> list[tuple[str, dict[str, npt.NDArray[np.float64]]]]:
    """Group label → method → one value per image, of the same images in the same order."""
    ids = sorted({image for values in of_size.values() for image in values.ids})
    grouped: dict[str, dict[str, npt.NDArray[np.float64]]] = {}
    for name, values in of_size.items():
        if metric not in values.values:
            continue
        rows = np.searchsorted(ids, values.ids)
        members = {"": np.ones(len(values.ids), bool)} if by is None else groups(values, by)
        for label, of_group in members.items():
            aligned = np.full(len(ids), np.nan)
            aligned[rows[of_group]] = values.values[metric][of_group]
            grouped.setdefault(label, {})[name] = aligned
    if by is not None and not grouped:
        raise LeaderboardError(f"these results do not record the {by} of their images: measure them again")
    return list(grouped.items())


def _adjusted(
    comparisons: Sequence[Comparison], level: float, higher_is_better: bool | None
) -> list[Comparison]:
    decided = []
    p_values = holm([comparison.paired.p for comparison in comparisons])
    for comparison, p in zip(comparisons, p_values, strict=True):
        better = None
        if p < level and higher_is_better is not None:
            first = (comparison.paired.mean > 0) == higher_is_better
            better = comparison.first if first else comparison.second
        decided.append(replace(comparison, p=p, significant=p < level, better=better))
    return decided


def _standing(
    metric: str,
    size: Size,
    group: str,
    values: Mapping[str, npt.NDArray[np.float64]],
    comparisons: Sequence[Comparison],
    against: str | None,
) -> Standing:
    means = {name: float(np.nanmean(array)) for name, array in values.items() if np.isfinite(array).any()}
    descending = bool(_spec(metric).higher_is_better)
    order = sorted(means, key=lambda name: (means[name] * (-1 if descending else 1), name))
    told_apart = {
        frozenset((pair.first, pair.second))
        for pair in comparisons
        if (pair.size, pair.group) == (size, group) and pair.significant
    }
    return Standing(
        metric,
        size,
        group,
        {name: means[name] for name in order},
        {name: int(np.isfinite(values[name]).sum()) for name in order},
        tie_groups(order, told_apart) if against is None else [],
    )
