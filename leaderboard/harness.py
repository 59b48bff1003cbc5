"""Run one method over a dataset: the loop in which a method never sees the ground truth."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from importlib.metadata import version
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

import metrics
from baselines import Inpainter
from df8k.dataset import Dataset, Sample
from df8k.examine import encode_png
from df8k.files import atomic_path, write_bytes

from .aggregate import aggregate_size
from .environment import describe_environment
from .errors import LeaderboardError
from .journal import Journal
from .protocol import Task, fits, square_task
from .results import DatasetUsed, Method, Protocol, Result, per_image_path, write_result
from .timing import Budget, measure, warm_up

# Called with the name of a stage, the images done and the images in all.
Progress = Callable[[str, int, int | None], None]

_FIXED_COLUMNS: dict[str, pa.DataType] = {
    "id": pa.string(),
    "size": pa.int32(),
    "status": pa.string(),
    "error": pa.string(),
    "hole_pixels": pa.int64(),
    "known_drift": pa.float64(),
    "peak_memory_bytes": pa.int64(),
    "seconds": pa.list_(pa.float64()),
}


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """What to measure, and within which budget.

    Attributes:
        sizes: side lengths in pixels, each once.
        metrics: registered pairwise metrics.
        limit: use only the first images of the split, by ID.
        budget: how often calls are repeated for timing.
        spec: the SPEC that the method was loaded by; defaults to its name.
        device: where the method runs.
    """

    sizes: Sequence[int] = (512, 1024, 2048)
    metrics: Sequence[str] = ("l1", "psnr", "ssim")
    limit: int | None = None
    budget: Budget = field(default_factory=Budget)
    spec: str | None = None
    device: str = "cpu"

    def __post_init__(self) -> None:
        """Check what can be checked before the expensive part.

        Raises:
            LeaderboardError: no size, or a size that is doubled or below 16.
            metrics.MetricError: an unknown metric.
        """
        if not self.sizes or len(set(self.sizes)) != len(self.sizes) or min(self.sizes) < 16:
            raise LeaderboardError(f"sizes must be distinct and at least 16 px; got {list(self.sizes)}")
        for name in self.metrics:
            if metrics.get(name).kind != "pairwise":
                raise LeaderboardError(f"{name!r} is no pairwise metric and cannot be scored per image")

    @property
    def columns(self) -> list[str]:
        """Keys of the metrics, in order."""
        return [key for name in self.metrics for key in metrics.get(name).keys]


def evaluate(
    inpaint: Inpainter,
    dataset: Dataset,
    sizes: Sequence[int] | None = None,
    *,
    evaluation: Evaluation | None = None,
    out: Path | None = None,
    predictions: Path | None = None,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> Result:
    """Run a method over a dataset and measure quality, latency and memory.

    A method that raises, or returns something other than a uint8 RGB image of the input's size, fails on that
    image alone; the run goes on and the result counts the failure.

    Args:
        inpaint: the method.
        dataset: a split with masks.
        sizes: shorthand for ``evaluation.sizes``.
        evaluation: what to measure.
        out: RESULT.json; the values of each image go to a parquet file beside it. An interrupted run with the
            same ``out`` goes on where it stopped.
        predictions: folder for the composited pictures, ``SIZE/ID.png``.
        overwrite: replace a result that ``out`` holds already.
        progress: called after each image.

    Raises:
        LeaderboardError: the options do not fit, or ``out`` is taken.
        df8k.DatasetError: the dataset is damaged.
    """
    evaluation = evaluation or (Evaluation(sizes=sizes) if sizes else Evaluation())
    return _Run(inpaint, dataset, evaluation, predictions).run(out, overwrite, progress)


class _Run:
    """One evaluation."""

    def __init__(
        self, inpaint: Inpainter, dataset: Dataset, evaluation: Evaluation, predictions: Path | None
    ) -> None:
        self._inpaint, self._dataset, self._evaluation = inpaint, dataset, evaluation
        self._predictions = predictions
        self._samples = list(dataset[: evaluation.limit])
        card = asdict(inpaint.card)
        self._method = Method(**card, spec=evaluation.spec or inpaint.card.name, device=evaluation.device)
        self._protocol = Protocol(
            sizes=list(evaluation.sizes),
            metrics={name: metrics.get(name).variant for name in evaluation.metrics},
            warmup=(evaluation.budget.warmup_runs, evaluation.budget.warmup_s),
            timing=(evaluation.budget.runs, evaluation.budget.seconds),
        )
        self._used = DatasetUsed(
            name=dataset.description.name,
            version=dataset.description.version,
            fingerprint=dataset.description.fingerprint,
            split=dataset.split,
            ids=[sample.id for sample in self._samples],
        )
        self._warm: set[int] = set()

    def run(self, out: Path | None, overwrite: bool, progress: Progress | None) -> Result:
        if out is None:
            return self._result(list(self._rows([], progress)))
        if out.suffix != ".json":
            raise LeaderboardError(f"{out}: a result's name ends with .json")
        if out.exists() and not overwrite:
            raise LeaderboardError(f"{out} exists; give another name, or --overwrite to replace it")
        journal = Journal(out.with_suffix(".partial.jsonl"), self._head())
        try:
            for row in self._rows(journal.rows, progress):
                journal.add(row)
            result = self._result(journal.rows)
            write_per_image(per_image_path(out), journal.rows, self._evaluation.columns)
            write_result(result, out)
        except BaseException:
            journal.close()
            raise
        journal.remove()
        return result

    def _head(self) -> str:
        """Names the run: rows of another method, dataset, protocol or version must not be mixed in."""
        parts = (self._method, self._used, self._protocol)
        text = version("df8k") + "".join(part.model_dump_json() for part in parts)
        return sha256(text.encode()).hexdigest()

    def _rows(self, known: list[dict[str, Any]], progress: Progress | None) -> Iterator[dict[str, Any]]:
        done = {(row["size"], row["id"]) for row in known}
        work = list(product(self._evaluation.sizes, self._samples))
        for count, (size, sample) in enumerate(work, 1):
            if (size, sample.id) not in done:
                yield self._row(sample, size)
            if progress is not None:
                progress(
                    f"{self._method.name} {size}", (count - 1) % len(self._samples) + 1, len(self._samples)
                )

    def _row(self, sample: Sample, size: int) -> dict[str, Any]:
        row: dict[str, Any] = {"id": sample.id, "size": size}
        row |= dict.fromkeys([*list(_FIXED_COLUMNS)[2:], *self._evaluation.columns])
        if not fits(sample.metadata, size):
            return row | {"status": "left-out"}
        task = square_task(sample, size)
        row["hole_pixels"] = int(np.count_nonzero(task.mask))
        try:
            return row | self._score(task, sample.id, size)
        except _WrongOutputError as error:
            return row | {"status": "wrong-output", "error": str(error)}
        except _MethodFailedError as failure:
            cause = failure.error
            # torch's own error by name, so that classical methods run without torch.
            out_of_memory = isinstance(cause, MemoryError) or type(cause).__name__ == "OutOfMemoryError"
            status = "out-of-memory" if out_of_memory else "error"
            return row | {"status": status, "error": f"{type(cause).__name__}: {cause}"}

    def _score(self, task: Task, image_id: str, size: int) -> dict[str, Any]:
        def call() -> tuple[Any, Any]:
            output = self._call(task)
            return output, task.composite(output)

        if size not in self._warm:
            warm_up(call, self._evaluation.budget)
            self._warm.add(size)
        measured = measure(call, self._evaluation.budget)
        output, composited = measured.output
        if self._predictions is not None:
            write_bytes(self._predictions / str(size) / f"{image_id}.png", encode_png(composited))
        scores = metrics.compute(composited, task.target, task.mask, names=self._evaluation.metrics)
        return {
            "status": "ok",
            "known_drift": task.known_drift(output),
            "peak_memory_bytes": measured.peak_bytes,
            "seconds": measured.seconds,
            **scores,
        }

    def _call(self, task: Task) -> Any:
        image, mask = task.method_input()
        try:
            output = self._inpaint(image, mask)
        except Exception as error:  # a stranger's method may raise anything
            raise _MethodFailedError(error) from error
        found = np.asarray(output)
        if found.dtype != np.uint8 or found.shape != task.target.shape:
            raise _WrongOutputError(
                f"returned {found.dtype} {found.shape}, expected uint8 {task.target.shape}"
            )
        return found

    def _result(self, rows: list[dict[str, Any]]) -> Result:
        sizes = [
            aggregate_size(size, [row for row in rows if row["size"] == size], self._evaluation.columns)
            for size in self._evaluation.sizes
        ]
        return Result(
            method=self._method,
            dataset=self._used,
            protocol=self._protocol,
            environment=describe_environment(),
            df8k_version=version("df8k"),
            sizes=sizes,
        )


class _MethodFailedError(Exception):
    """Carries what a method raised past our own error handling."""

    def __init__(self, error: Exception) -> None:
        super().__init__(error)
        self.error = error


class _WrongOutputError(Exception):
    """A method returned something other than an image of the input's size."""


def write_per_image(path: Path, rows: Sequence[dict[str, Any]], columns: Sequence[str]) -> None:
    """Write the per-image table as parquet, ordered by size and ID, atomically."""
    schema = pa.schema(_FIXED_COLUMNS | dict.fromkeys(columns, pa.float64()))
    ordered = sorted(rows, key=lambda row: (row["size"], row["id"]))
    with atomic_path(path) as temporary:
        pq.write_table(pa.Table.from_pylist(ordered, schema=schema), temporary, compression="zstd")


def read_per_image(path: Path) -> list[dict[str, Any]]:
    """Read the per-image table beside a result.

    Raises:
        LeaderboardError: absent, or not such a table.
    """
    try:
        table = pq.read_table(path)
    except (OSError, pa.ArrowException) as error:
        raise LeaderboardError(
            f"{path} cannot be read: {error}; a result needs its per-image file beside it"
        ) from error
    missing = set(_FIXED_COLUMNS) - set(table.column_names)
    if missing:
        raise LeaderboardError(f"{path} lacks the columns {', '.join(sorted(missing))}")
    rows: list[dict[str, Any]] = table.to_pylist()
    return rows
