"""Group images: by how much is missing, by the shape of the hole, by category."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

from _df8k.hints import unknown_name
from df8k.leaderboard.errors import LeaderboardError
from df8k.leaderboard.results.per_image import PerImage
from df8k.masks.statistics import COVERAGE_BINS

Members = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Grouping:
    """Way to group images.

    Attributes:
        name: what users type.
        heading: what tables say.
        group: label → which images belong to it, ``(images,)``; empty groups are left out, and so are images
            of which nothing is known.
    """

    name: str
    heading: str
    group: Callable[[PerImage], dict[str, Members]]


def _edges(
    measure: str, edges: tuple[float, ...], labels: tuple[str, ...]
) -> Callable[..., dict[str, Members]]:
    """Group by ``low <= x < high``; a value on an edge belongs to the group above it."""

    def group(values: PerImage) -> dict[str, Members]:
        measures = values.masks.get(measure)
        if measures is None:
            return {}
        bins = np.minimum(np.searchsorted(edges, measures, side="right") - 1, len(labels) - 1)
        known = np.isfinite(measures)
        return _filled({label: known & (bins == index) for index, label in enumerate(labels)})

    return group


def _categories(values: PerImage) -> dict[str, Members]:
    names = np.array([name or "" for name in values.categories])
    return _filled({name: names == name for name in sorted(set(names.tolist()) - {""})})


def _filled(groups: Mapping[str, Members]) -> dict[str, Members]:
    return {label: members for label, members in groups.items() if members.any()}


def _percent(edges: tuple[float, ...]) -> tuple[str, ...]:
    return tuple(f"{100 * low:g}–{100 * high:g} %" for low, high in pairwise(edges))


# A disc of depth d is 2 d wide: below 0.05 lie strokes of up to a tenth of the short side.
_DEPTHS: Final = (0.0, 0.05, 0.1, 0.2)
_COUNTS: Final = (0.0, 2.0, 5.0, 17.0)
_SIDES: Final = (0.0, 1.0, 3.0)

GROUPINGS: Final = {
    grouping.name: grouping
    for grouping in (
        Grouping("coverage", "missing share", _edges("coverage", COVERAGE_BINS, _percent(COVERAGE_BINS))),
        Grouping(
            "depth",
            "depth of the hole in short sides",
            _edges("depth", _DEPTHS, ("below 0.05", "0.05–0.1", "0.1–0.2", "0.2 and more")),
        ),
        Grouping(
            "holes", "connected holes", _edges("components", _COUNTS, ("1", "2–4", "5–16", "17 and more"))
        ),
        Grouping(
            "border",
            "sides of the frame that the hole reaches",
            _edges("sides", _SIDES, ("none", "1 or 2", "3 or 4")),
        ),
        Grouping("category", "category", _categories),
    )
}


def groups(values: PerImage, name: str) -> dict[str, Members]:
    """Group the images of one size, by label in the grouping's order.

    Raises:
        LeaderboardError: no split is called so.
    """
    if name not in GROUPINGS:
        raise LeaderboardError(unknown_name("split", name, GROUPINGS))
    return GROUPINGS[name].group(values)
