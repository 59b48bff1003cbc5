"""Evaluate a stochastic method: several draws, their mean and spread; the best of them apart."""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from _df8k.gate import joined
from df8k import metrics
from df8k.baselines import Inpainter
from df8k.baselines.seeding import Seeded
from df8k.dataset import Dataset
from df8k.leaderboard.calls.timing import UNTIMED
from df8k.leaderboard.errors import LeaderboardError, refuse_existing
from df8k.leaderboard.protocol.ranking import metric_of
from df8k.leaderboard.results.content_hashes import write_sealed
from df8k.leaderboard.results.distribution_states import features_path
from df8k.leaderboard.results.journal import journal_path
from df8k.leaderboard.results.per_image import ImageRow, per_image_path, read_per_image, write_per_image
from df8k.leaderboard.results.samples import Samples, Spread
from df8k.leaderboard.results.schema import (
    Result,
    read_result,
)
from df8k.leaderboard.statistics.aggregate import aggregate

from .evaluation import Evaluation
from .run import Progress, evaluate


def evaluate_samples(
    inpaint: Inpainter,
    dataset: Dataset,
    evaluation: Evaluation,
    out: Path,
    *,
    samples: int,
    predictions: Path | None = None,
    overwrite: bool = False,
    progress: Progress | None = None,
    name: str | None = None,
) -> Result:
    """Evaluate a method with the seeds 0 to ``samples`` - 1, and write one result of their means.

    Each draw is a result of its own in ``OUT.samples/``, so an interrupted call goes on. In the result each
    image counts with its mean over draws, and that is what ranks; the spread between draws and the best draw
    of each image stand beside it and never rank.

    Args:
        inpaint: the method; see `baselines.seeding.Seeded`.
        dataset: a split with masks.
        evaluation: what to measure; metrics of sets are left out, a set has one draw of each image.
        out: RESULT.json.
        samples: draws, 2 at least.
        predictions: folder for the pictures of the first draw.
        overwrite: replace a result that ``out`` holds already.
        progress: as of `leaderboard.evaluate`.
        name: what tables call the method.

    Raises:
        LeaderboardError: fewer than two draws, a metric of sets, or ``out`` is taken.
    """
    if samples < 2:
        raise LeaderboardError(f"a spread needs two samples at least; got {samples}")
    if evaluation.distributions:
        raise LeaderboardError(
            f"{', '.join(evaluation.distributions)} compares sets of pictures: measure it without samples"
        )
    refuse_existing(out, overwrite=overwrite)
    folder = out.with_suffix(".samples")
    if overwrite and out.exists():
        shutil.rmtree(folder, ignore_errors=True)
    paths = [joined(folder, f"seed-{seed}.json") for seed in range(samples)]
    for seed, path in enumerate(paths):  # the first is timed as any method, the others are not
        if path.exists() and not journal_path(path).exists():
            continue
        evaluate(
            Seeded(inpaint, seed),
            dataset,
            evaluation=evaluation if seed == 0 else replace(evaluation, budget=UNTIMED),
            out=path,
            predictions=predictions if seed == 0 else None,
            overwrite=True,
            progress=progress,
            name=name,
            warn=lambda _: None,
        )
    return combine(paths, out)


def combine(paths: Sequence[Path], out: Path) -> Result:
    """Write the result of several draws of one method; see `evaluate_samples`.

    Args:
        paths: RESULT.json of each draw, by seed.
        out: RESULT.json to write.
    """
    first = read_result(paths[0])
    draws = [{(row.id, row.size): row for row in read_per_image(per_image_path(path))} for path in paths]
    keys = [key for key in first.protocol.metrics for key in metrics.get(key).keys]
    rows = [_mean_row([draw[key] for draw in draws], keys) for key in draws[0]]
    sizes = aggregate(first.protocol.sizes, rows, keys, lambda *_: {})
    spreads = {
        str(size.size): {
            key: spread
            for key in keys
            if (spread := _spread([_values(draw, str(size.size), key) for draw in draws], key)) is not None
        }
        for size in sizes
    }
    result = first.model_copy(
        update={
            "sizes": sizes,
            "samples": Samples(seeds=list(range(len(paths))), spreads=spreads),
            "seal": None,
        }
    )
    write_per_image(per_image_path(out), rows, keys)
    shutil.rmtree(features_path(out), ignore_errors=True)
    return write_sealed(result, out)


def _mean_row(rows: Sequence[ImageRow], keys: Sequence[str]) -> ImageRow:
    """Average the scores of an image over its draws; a draw that failed fails the image."""
    failed = next((row for row in rows if row.status != "ok"), None)
    if failed is not None:
        return failed
    scores: dict[str, float | None] = {}
    for key in keys:
        values = [row.scores.get(key) for row in rows]
        scores[key] = None if None in values else float(np.mean(np.array(values, np.float64)))
    drift = [row.known_drift for row in rows if row.known_drift is not None]
    return replace(rows[0], scores=scores, known_drift=float(np.mean(drift)) if drift else None)


def _values(draw: Mapping[tuple[str, str], ImageRow], size: str, key: str) -> list[float]:
    """List the values of one draw at a size by image; NaN where there is none."""
    rows = sorted((row for row in draw.values() if row.size == size), key=lambda row: row.id)
    return [np.nan if (value := row.scores.get(key)) is None else value for row in rows]


def _spread(draws: Sequence[Sequence[float]], key: str) -> Spread | None:
    values = np.array(draws, np.float64)
    values = values[:, np.isfinite(values).all(axis=0)]
    if not values.size:
        return None
    higher = metric_of(key).higher_is_better
    best = None if higher is None else float((values.max(axis=0) if higher else values.min(axis=0)).mean())
    return Spread(
        of_images=float(np.sqrt(values.var(axis=0, ddof=1).mean())),
        of_mean=float(values.mean(axis=1).std(ddof=1)),
        best=best,
    )


def repeats(inpaint: Inpainter, dataset: Dataset, evaluation: Evaluation) -> bool:
    """Tell whether a method gives one picture for one input: the first image is filled twice more.

    A method that fails is taken to repeat itself: its failures are counted elsewhere.
    """
    from df8k.leaderboard.protocol.task import fits, make_task

    sample, size = next(
        (
            (sample, size)
            for size in evaluation.sizes
            for sample in evaluation.choose(dataset)[1]
            if fits(sample.metadata, size)
        ),
        (None, None),
    )
    if sample is None or size is None:
        return True
    task = make_task(sample, size)
    try:
        pictures = [np.array(inpaint(*task.method_input())) for _ in range(2)]
    except Exception:  # noqa: BLE001 - a foreign method may raise anything
        return True
    return bool(np.array_equal(pictures[0][task.mask], pictures[1][task.mask]))


def note_unrepeatable(result: Result, out: Path) -> Result:
    """Write into a result that its values are one draw of a method that does not repeat itself."""
    return write_sealed(result.model_copy(update={"repeatable": False}), out)
