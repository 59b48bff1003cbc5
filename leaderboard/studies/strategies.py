"""Run a network of a fixed size under every strategy at every size: quality against time and memory."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np

from _df8k.gate import joined
from df8k.baselines import Inpainter
from df8k.baselines.base import Closable
from df8k.dataset import Dataset
from df8k.leaderboard.calls.memory import MemoryPeak
from df8k.leaderboard.errors import LeaderboardError
from df8k.leaderboard.harness.evaluation import Evaluation
from df8k.leaderboard.harness.run import Progress, evaluate
from df8k.leaderboard.protocol.ranking import PIXEL_ERROR, metric_of, ranking_key
from df8k.leaderboard.protocol.sizes import Size
from df8k.leaderboard.protocol.task import fits, make_task
from df8k.leaderboard.results.per_image import PerImage, read_arrays
from df8k.leaderboard.results.schema import Result, SizeResult, read_result
from df8k.leaderboard.statistics.groups import groups
from df8k.leaderboard.statistics.ties import tied_with_best

# Opens the method under the strategy of this text.
Open = Callable[[str], Inpainter]
METRICS: Final = ("l1", "psnr", "ssim", "haarpsi", "seam")


def usual_strategies(side: int) -> tuple[str, ...]:
    """List the strategies that a network of this size in pixels is run under."""
    return (f"resize:{side}", f"crop:{side}", f"tile:{side}:{max(1, side // 8)}")


@dataclass(frozen=True)
class Row:
    """One strategy at one size.

    Attributes:
        size: as in an evaluation.
        strategy: its text.
        values: metric key → mean over images.
        low: lower end of the interval of the ranking metric; ``None`` with too few images.
        high: its upper end.
        by_hole: missing share, as a range in words → mean of the ranking metric over its images.
        images: that were scored.
        failures: that failed.
        seconds: median per image; ``None`` where nothing was timed.
        memory_bytes: peak of one call above what was taken before; ``None`` where no system tells.
        tied: whether the images cannot tell it from the best.
        cheapest: whether it is the quickest of the tied.
    """

    size: Size
    strategy: str
    values: Mapping[str, float]
    low: float | None
    high: float | None
    by_hole: Mapping[str, float]
    images: int
    failures: int
    seconds: float | None
    memory_bytes: int | None
    tied: bool = False
    cheapest: bool = False


@dataclass(frozen=True)
class Report:
    """Outcome of `compare_strategies`.

    Attributes:
        method: its name without a strategy.
        metric: key that ranks.
        higher_is_better: its direction.
        rows: by size, then in the order of the strategies.
        machine: its processor and threads in words.
    """

    method: str
    metric: str
    higher_is_better: bool
    rows: Sequence[Row]
    machine: str

    def cheapest(self) -> dict[Size, Row]:
        """Name the quickest strategy within a tie of the best, for each size where anything was scored."""
        return {row.size: row for row in self.rows if row.cheapest}


def compare_strategies(
    open_under: Open,
    strategies: Sequence[str],
    dataset: Dataset,
    evaluation: Evaluation,
    folder: Path,
    *,
    pictures: bool = False,
    progress: Progress | None = None,
) -> Report:
    """Evaluate a method under each strategy and say which is worth its time.

    Each strategy is one `leaderboard.evaluate` with a result of its own in ``folder/results``: the numbers
    are those.

    Args:
        open_under: opens the method under a strategy.
        strategies: texts of `baselines.Strategy`.
        dataset: a split with masks.
        evaluation: sizes, metrics, images.
        folder: for results and, with ``pictures``, the filled pictures.
        pictures: whether to keep them.
        progress: as of `leaderboard.evaluate`.

    Raises:
        LeaderboardError: no strategies, one twice, or a method that failed throughout.
        baselines.MethodError: it cannot be opened under one of them.
    """
    if not strategies or len(set(strategies)) != len(strategies):
        raise LeaderboardError(f"strategies must be distinct; got {', '.join(strategies) or 'none'}")
    results: dict[str, Result] = {}
    memory: dict[tuple[str, Size], int | None] = {}
    for strategy in strategies:
        tag = strategy.replace(":", "-")
        method = open_under(strategy)
        path = result_path(folder, strategy)
        kept = joined(folder, "pictures", tag) if pictures else None
        try:
            evaluate(
                method,
                dataset,
                evaluation=evaluation,
                out=path,
                predictions=kept,
                overwrite=True,
                progress=progress,
                warn=lambda _: None,
            )
            for size in evaluation.sizes:
                memory[strategy, size] = _peak_bytes(method, dataset, evaluation, size)
        finally:
            if isinstance(method, Closable):
                method.close()
        results[strategy] = read_result(path)
    arrays = {
        strategy: read_arrays(result_path(folder, strategy), result) for strategy, result in results.items()
    }
    return report(results, arrays, memory)


def result_path(folder: Path, strategy: str) -> Path:
    """Name the RESULT.json of a strategy in the folder of a report."""
    return joined(folder, "results", f"{strategy.replace(':', '-')}.json")


def report(
    results: Mapping[str, Result],
    arrays: Mapping[str, Mapping[Size, PerImage]],
    memory: Mapping[tuple[str, Size], int | None],
) -> Report:
    """Lay results side by side; see `compare_strategies`.

    Args:
        results: strategy → its result.
        arrays: strategy → size → values of each image.
        memory: strategy and size → peak bytes of a call.

    Raises:
        LeaderboardError: nothing was scored.
    """
    scored = [row.metrics for result in results.values() for row in result.sizes if row.n]
    if not scored:
        raise LeaderboardError(
            "no image was filled under any strategy: run 'df8k method check' on the method"
        )
    key = ranking_key(scored) or PIXEL_ERROR
    higher = bool(metric_of(key).higher_is_better)
    rows: list[Row] = []
    for size in next(iter(results.values())).protocol.sizes:
        of_size = [
            _row(size, strategy, _of(result, size), arrays[strategy][size], key, memory.get((strategy, size)))
            for strategy, result in results.items()
        ]
        rows += _judged(of_size, {name: arrays[name][size] for name in results}, key, higher=higher)
    first = next(iter(results.values()))
    tag = next(iter(results)).replace(":", "-")
    machine = f"{first.environment.cpu}, {first.environment.threads} threads"
    return Report(first.method.name.removesuffix(f"-{tag}"), key, higher, rows, machine)


def _of(result: Result, size: Size) -> SizeResult:
    return next(row for row in result.sizes if row.size == size)


def _row(
    size: Size, strategy: str, row: SizeResult, values: PerImage, key: str, memory_bytes: int | None
) -> Row:
    ranked = row.metrics.get(key)
    of_images = values.values.get(key)
    by_hole = {}
    if of_images is not None:
        for label, members in groups(values, "coverage").items():
            if np.isfinite(of_images[members]).any():
                by_hole[label] = float(np.nanmean(of_images[members]))
    return Row(
        size,
        strategy,
        {name: estimate.mean for name, estimate in row.metrics.items()},
        None if ranked is None else ranked.low,
        None if ranked is None else ranked.high,
        by_hole,
        row.n,
        sum(row.failures.values()),
        None if row.latency is None else row.latency.median_s,
        memory_bytes,
    )


def _judged(rows: Sequence[Row], values: Mapping[str, PerImage], key: str, *, higher: bool) -> list[Row]:
    """Mark the strategies that are tied with the best, and the quickest of them."""
    of_images = {
        row.strategy: values[row.strategy].values[key] for row in rows if row.images and not row.failures
    }
    tied = tied_with_best(of_images, higher_is_better=higher)
    timed = [row for row in rows if row.strategy in tied and row.seconds is not None]
    quickest = min(timed, key=lambda row: row.seconds or 0.0).strategy if timed else None
    return [replace(row, tied=row.strategy in tied, cheapest=row.strategy == quickest) for row in rows]


def _peak_bytes(method: Inpainter, dataset: Dataset, evaluation: Evaluation, size: Size) -> int | None:
    """Call the method once more on the first image that a size fits, and read the peak of memory."""
    sample = next((one for one in evaluation.choose(dataset)[1] if fits(one.metadata, size)), None)
    if sample is None:
        return None
    image, mask = make_task(sample, size).method_input()
    peak = MemoryPeak(descendants=True)
    try:
        method(image, mask)
    except Exception:  # noqa: BLE001 - the evaluation has counted the failure
        return None
    return peak.call_bytes()
