"""Run a result again, and tell whether it agrees."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

import numpy as np

from df8k.baselines import Inpainter
from df8k.dataset import Dataset
from df8k.leaderboard.calls.timing import Budget
from df8k.leaderboard.errors import LeaderboardError
from df8k.leaderboard.harness.evaluation import Evaluation
from df8k.leaderboard.harness.predictions import score
from df8k.leaderboard.harness.run import Progress, describe_method, evaluate
from df8k.leaderboard.protocol.sizes import Size
from df8k.leaderboard.results.per_image import PerImage, read_arrays
from df8k.leaderboard.results.schema import Method, Result
from df8k.leaderboard.statistics.tolerance import ROUNDING, metric_tolerance, value_tolerance

from .comparable import check_dataset, check_metric_variants
from .validate import read_sound

Verdict = Literal["exact", "within tolerance", "within interval", "differs"]


@dataclass(frozen=True)
class Agreement:
    """One metric at one size, then and now.

    Attributes:
        size: side length in pixels, a frame, or ``native``.
        metric: ``name.region``, or the name of a metric of sets.
        claimed: mean, or value, of the result.
        found: the same, now.
        low: lower end of the result's interval; ``None`` where it has none.
        high: its upper end.
        largest: largest difference of an image; ``None`` for metrics of sets.
        verdict: ``exact`` up to rounding of the last bits; ``within tolerance``, every image within
            `metric_tolerance`; ``within interval``, the mean inside the result's 95 % interval; or
            ``differs``.
    """

    size: Size
    metric: str
    claimed: float | None
    found: float | None
    low: float | None
    high: float | None
    largest: float | None
    verdict: Verdict


@dataclass(frozen=True)
class Reproduction:
    """Outcome of `reproduce`.

    Attributes:
        claimed: the result that was run again.
        found: the new one.
        agreements: every metric at every size.
        outcomes: images that failed then and not now, or the other way round, in words.
        notes: what differs besides and need not matter, in words; latency among it.
    """

    claimed: Result
    found: Result
    agreements: Sequence[Agreement]
    outcomes: Sequence[str]
    notes: Sequence[str]

    @property
    def agrees(self) -> bool:
        """Tell whether every metric agrees and the same images failed."""
        return not self.outcomes and all(agreement.verdict != "differs" for agreement in self.agreements)


def evaluation_of(result: Result) -> Evaluation:
    """Plan the evaluation that repeats a result: the same sizes, metrics, images and budget."""
    (warmup_runs, warmup_s), (runs, seconds) = result.protocol.warmup, result.protocol.timing
    shard = result.dataset.shard
    return Evaluation(
        sizes=result.protocol.sizes,
        metrics=tuple(result.protocol.metrics),
        ids=shard.of if shard else result.dataset.ids,
        shard=(shard.index, shard.count) if shard else None,
        budget=Budget(warmup_runs=warmup_runs, warmup_s=warmup_s, runs=runs, seconds=seconds),
        spec=result.method.spec,
        device=result.method.device,
    )


def check_method(claimed: Method, now: Method) -> list[str]:
    """Refuse another method.

    Returns:
        What differs and need not matter, in words.

    Raises:
        LeaderboardError: weights or settings differ.
    """
    if claimed.weights_sha256 != now.weights_sha256:
        raise LeaderboardError(
            f"the result's weights have SHA-256 {claimed.weights_sha256}, these {now.weights_sha256}: "
            "give the weights that it names"
        )
    if dict(claimed.settings) != dict(now.settings):
        raise LeaderboardError(
            f"the result's settings are {dict(claimed.settings)}, these {dict(now.settings)}: set them alike"
        )
    if claimed.version != now.version:
        return [f"the method's version was {claimed.version}, is now {now.version}"]
    return []


def reproduce(
    path: Path,
    dataset: Dataset,
    source: Inpainter | Path,
    *,
    out: Path | None = None,
    progress: Progress | None = None,
) -> Reproduction:
    """Measure what a result says again.

    Args:
        path: RESULT.json with its per-image file.
        dataset: the dataset that it names.
        source: the method; for a result of ``df8k score`` the folder of the pictures.
        out: RESULT.json of the new measurement; an interrupted one goes on. ``None`` keeps none.
        progress: called after each image.

    Raises:
        LeaderboardError: the result is damaged, or dataset, weights, settings or metrics are other ones.
    """
    claimed = read_sound(path)
    if claimed.samples is not None:
        count, draw = len(claimed.samples.seeds), f"{path.stem}.samples/seed-0.json"
        raise LeaderboardError(
            f"{path} holds the means of {count} draws: run df8k evaluate --samples again, or see {draw}"
        )
    check_dataset(path, claimed, dataset)
    check_metric_variants(path, claimed)
    evaluation = evaluation_of(claimed)
    notes = []
    if not isinstance(source, Path):
        notes = check_method(claimed.method, describe_method(source, claimed.method.spec, evaluation.device))
    with TemporaryDirectory() as folder:
        fresh = Path(folder) / "again.json" if out is None else out
        if isinstance(source, Path):
            name = claimed.method.name
            score(source, dataset, name=name, evaluation=evaluation, out=fresh, progress=progress)
        else:
            evaluate(source, dataset, evaluation=evaluation, out=fresh, progress=progress)
        repeated = read_sound(fresh)
        then, now = read_arrays(path, claimed), read_arrays(fresh, repeated)
    return Reproduction(
        claimed,
        repeated,
        _agreements(claimed, repeated, then, now),
        _outcomes(then, now),
        [*notes, *_notes(claimed, repeated)],
    )


def _agreements(
    claimed: Result, repeated: Result, then: dict[Size, PerImage], now: dict[Size, PerImage]
) -> list[Agreement]:
    agreements = []
    for before, after in zip(claimed.sizes, repeated.sizes, strict=True):
        for key in dict.fromkeys([*before.metrics, *after.metrics]):
            old, new = before.metrics.get(key), after.metrics.get(key)
            largest = _largest(then[before.size], now[before.size], key)
            low, high = (old.low, old.high) if old else (None, None)
            means = (old.mean if old else None, new.mean if new else None)
            verdict = _verdict(*means, low, high, largest, metric_tolerance(key))
            agreements.append(Agreement(before.size, key, *means, low, high, largest, verdict))
        for key, value in before.distributions.items():
            again = after.distributions[key].value if key in after.distributions else None
            # Where a metric tells how far subsets of the pictures scatter, that is its interval.
            around = 1.96 * value.deviation if value.deviation is not None else None
            low = value.value - around if value.value is not None and around is not None else None
            high = value.value + around if value.value is not None and around is not None else None
            verdict = _verdict(value.value, again, low, high, None, value_tolerance(value.value))
            agreements.append(Agreement(before.size, key, value.value, again, low, high, None, verdict))
    return agreements


def _largest(then: PerImage, now: PerImage, key: str) -> float | None:
    """Find the largest difference of an image; infinite where only one of the two has a value."""
    if key not in then.values or key not in now.values:
        return None
    old, new = then.values[key], now.values[key]
    if not np.array_equal(np.isfinite(old), np.isfinite(new)):
        return float("inf")
    known = np.isfinite(old)
    return float(np.abs(old - new)[known].max()) if known.any() else 0.0


def _verdict(
    claimed: float | None,
    repeated: float | None,
    low: float | None,
    high: float | None,
    largest: float | None,
    allowed: float,
) -> Verdict:
    if claimed is None or repeated is None:
        return "exact" if claimed is repeated else "differs"
    distance = abs(claimed - repeated) if largest is None else largest
    if distance <= ROUNDING * max(1.0, abs(claimed)):
        return "exact"
    if distance <= allowed:
        return "within tolerance"
    inside = low is not None and high is not None and low <= repeated <= high
    return "within interval" if inside else "differs"


def _outcomes(then: dict[Size, PerImage], now: dict[Size, PerImage]) -> list[str]:
    return [
        f"size {size}, image {image}: was {before}, is now {after}"
        for size, values in then.items()
        for image, before, after in zip(values.ids, values.status, now[size].status, strict=True)
        if before != after
    ]


def _notes(claimed: Result, repeated: Result) -> list[str]:
    """Tell software and machine that differ, and latency, which they decide."""
    notes = []
    for name, old, new in (
        ("df8k", claimed.provenance.df8k_version, repeated.provenance.df8k_version),
        ("commit", claimed.provenance.commit, repeated.provenance.commit),
        (
            "machine",
            claimed.environment.gpu or claimed.environment.cpu,
            repeated.environment.gpu or repeated.environment.cpu,
        ),
        ("threads", str(claimed.environment.threads), str(repeated.environment.threads)),
        *(
            (library, version, repeated.environment.libraries.get(library))
            for library, version in claimed.environment.libraries.items()
        ),
    ):
        if old != new:
            notes.append(f"{name} was {old or 'not recorded'}, is now {new or 'not recorded'}")
    for before, after in zip(claimed.sizes, repeated.sizes, strict=True):
        if before.latency and after.latency:
            ratio = after.latency.median_s / before.latency.median_s
            notes.append(
                f"size {before.size}: median latency was {1e3 * before.latency.median_s:.4g} ms, is now "
                f"{1e3 * after.latency.median_s:.4g} ms, {ratio:.2f} times"
            )
    return notes
