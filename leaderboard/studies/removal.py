"""Score removals against the scene without the object: the whole picture, the hole, what else was to go."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from df8k import metrics
from df8k.baselines import Inpainter, MethodFailedError
from df8k.leaderboard.calls.failures import kind_and_message
from df8k.leaderboard.calls.timing import checked_output
from df8k.leaderboard.results.schema import Estimate
from df8k.leaderboard.statistics.aggregate import estimate
from df8k.removal import RemovalPair, RemovalSet

Image = npt.NDArray[np.uint8]
# Fills a pair: the answer as the method gave it, nothing put back.
Fill = Callable[[str, RemovalPair], Image]


@dataclass(frozen=True)
class RemovalScores:
    """Outcome over a set.

    Attributes:
        metrics: ``name.region`` → mean with interval; the regions are ``full``, ``hole`` and ``effects``.
        pairs: ID → values.
        failures: ID → what went wrong.
    """

    metrics: Mapping[str, Estimate]
    pairs: Mapping[str, Mapping[str, float | None]]
    failures: Mapping[str, str]


def score_removal(
    fill: Fill, pairs: RemovalSet, names: Sequence[str] = ("l1", "psnr", "ssim", "haarpsi")
) -> RemovalScores:
    """Fill and score every pair.

    Nothing is put back before scoring: a method that removes a shadow has to change known pixels, and one
    that spoils them pays for it in ``full``.

    Args:
        fill: gives the picture of a pair.
        pairs: the set.
        names: metrics of pictures.
    """
    values: dict[str, dict[str, float | None]] = {}
    failures: dict[str, str] = {}
    for row, pair in zip(pairs.rows, pairs, strict=True):
        try:
            output = checked_output(fill(row.id, pair), pair.mask.shape)
        except MethodFailedError as failure:
            failures[row.id] = ": ".join(kind_and_message(failure))
            continue
        values[row.id] = _scores(output, pair, names)
    keys = dict.fromkeys(key for scores in values.values() for key in scores)
    means = {}
    for key in keys:
        finite = [value for scores in values.values() if (value := scores.get(key)) is not None]
        finite = [value for value in finite if np.isfinite(value)]
        if finite:
            means[key] = estimate(finite)
    return RemovalScores(means, values, failures)


def method_fill(inpaint: Inpainter) -> Fill:
    """Call a method as on any picture: with the object zeroed, as the contract has it."""

    def fill(_: str, pair: RemovalPair) -> Image:
        image = pair.image.copy()
        image[pair.mask] = 0
        try:
            return np.asarray(inpaint(image, pair.mask.copy()))
        except MethodFailedError:
            raise
        except Exception as error:  # a foreign method may raise anything
            raise MethodFailedError(*kind_and_message(error)) from error

    return fill


def _scores(output: Image, pair: RemovalPair, names: Sequence[str]) -> dict[str, float | None]:
    scores = dict(metrics.compute(output, pair.clean, pair.mask, names=list(names)))
    if pair.effects is not None and pair.effects.any():
        of_effects = metrics.compute(output, pair.clean, pair.effects, names=list(names))
        scores |= {
            key.replace(".hole", ".effects"): value
            for key, value in of_effects.items()
            if key.endswith(".hole")
        }
    return scores
