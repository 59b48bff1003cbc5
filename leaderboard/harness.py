"""Run one method over a dataset: the loop in which a method never sees the ground truth."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

import numpy as np

import metrics
from baselines import Inpainter
from df8k.dataset import Dataset, Sample
from df8k.examine import encode_png
from df8k.files import write_bytes
from metrics.weights import Store

from .aggregate import aggregate_size
from .environment import describe_environment
from .errors import LeaderboardError
from .features import Features
from .journal import Journal
from .mask_shape import mask_columns
from .per_image import FIXED_COLUMNS, Row, write_per_image
from .production import Caller, Producer, ProductionError
from .protocol import Size, extent, fits, make_task
from .provenance import describe_provenance
from .results import DatasetUsed, Method, Protocol, Result, features_path, per_image_path
from .seal import write_sealed
from .timing import Budget

# Called with the name of a stage, the images done and the images in all.
Progress = Callable[[str, int, int | None], None]


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """What to measure, and within which budget.

    Attributes:
        sizes: side lengths in pixels, frames such as ``3840x2160``, or ``native``, each once.
        metrics: registered metrics, of pairs and of sets of pictures.
        limit: use only the first images of the split, by ID.
        budget: how often calls are repeated for timing.
        spec: the SPEC that the method was loaded by; defaults to its name.
        device: where the method runs.
        memory: bytes that metrics may use beyond the picture, its original and the mask.
        fetch_weights: fetch weights that metrics lack; otherwise such metrics are reported as unavailable.
        command: the command line as it was typed, for the result.
    """

    sizes: Sequence[Size] = (512, 1024, 2048)
    metrics: Sequence[str] = ("l1", "psnr", "ssim")
    limit: int | None = None
    budget: Budget = field(default_factory=Budget)
    spec: str | None = None
    device: str = "cpu"
    memory: int = 2 * 2**30
    fetch_weights: bool = False
    command: Sequence[str] | None = None

    def __post_init__(self) -> None:
        """Check what can be checked before the expensive part.

        Raises:
            LeaderboardError: no size, or a size that is doubled or below 16.
            metrics.MetricError: an unknown metric.
        """
        small = any(min(extent(size) or (16,)) < 16 for size in self.sizes)
        if not self.sizes or len(set(self.sizes)) != len(self.sizes) or small:
            raise LeaderboardError(f"sizes must be distinct and at least 16 px; got {list(self.sizes)}")
        for name in self.metrics:
            metrics.get(name)

    @property
    def pairwise(self) -> list[str]:
        """Metrics of one picture."""
        return [name for name in self.metrics if metrics.get(name).kind == "pairwise"]

    @property
    def composited(self) -> list[str]:
        """Metrics of one picture after compositing."""
        return [name for name in self.pairwise if name not in self.raw]

    @property
    def raw(self) -> list[str]:
        """Metrics that look at what a method returned, before compositing hides it."""
        return [name for name in self.pairwise if metrics.get(name).name == "known-drift"]

    @property
    def distributions(self) -> list[str]:
        """Metrics of sets of pictures."""
        return [name for name in self.metrics if metrics.get(name).kind == "distribution"]

    @property
    def columns(self) -> list[str]:
        """Keys of the pairwise metrics, in order."""
        return [key for name in self.pairwise for key in metrics.get(name).keys]

    def unavailable(self) -> dict[str, str]:
        """Metrics whose weights are not on this machine, with the remedy."""
        store = Store(fetch=self.fetch_weights)
        missing = {}
        for name in self.metrics:
            try:
                for needed in metrics.get(name).weights:
                    store.require(needed)
            except metrics.UnavailableError as error:
                missing[name] = str(error)
        return missing


def evaluate(
    inpaint: Inpainter,
    dataset: Dataset,
    sizes: Sequence[Size] | None = None,
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
    spec = evaluation.spec or inpaint.card.name
    card = asdict(inpaint.card)
    card["settings"] = {"strategy": "native"} | card["settings"]
    method = Method(**card, spec=spec, device=evaluation.device)
    caller = Caller(inpaint, evaluation.budget)
    return Run(caller, method, dataset, evaluation, predictions).run(
        out, overwrite=overwrite, progress=progress
    )


class Run:
    """One evaluation of one producer."""

    def __init__(
        self,
        producer: Producer,
        method: Method,
        dataset: Dataset,
        evaluation: Evaluation,
        predictions: Path | None = None,
    ) -> None:
        """Plan the run; nothing is computed yet.

        Args:
            producer: where the answers come from.
            method: what results say of them.
            dataset: a split with masks.
            evaluation: what to measure.
            predictions: folder for the composited pictures.
        """
        self._producer, self._method = producer, method
        self._evaluation, self._predictions = evaluation, predictions
        self._samples = list(dataset[: evaluation.limit])
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

    def run(self, out: Path | None, *, overwrite: bool = False, progress: Progress | None = None) -> Result:
        """Run or resume; see `evaluate`."""
        features = Features(
            self._evaluation.distributions,
            None if out is None else features_path(out),
            memory=self._evaluation.memory,
            fetch_weights=self._evaluation.fetch_weights,
        )
        if out is None:
            return self._result(list(self._rows([], features, progress)), features)
        if out.suffix != ".json":
            raise LeaderboardError(f"{out}: a result's name ends with .json")
        if out.exists() and not overwrite:
            raise LeaderboardError(f"{out} exists; give another name, or --overwrite to replace it")
        journal = Journal(out.with_suffix(".partial.jsonl"), self._head())
        try:
            for row in self._rows(list(journal.rows), features, progress):
                journal.add(row)
            result = self._result(journal.rows, features)
            write_per_image(per_image_path(out), journal.rows, self._evaluation.columns)
            result = write_sealed(result, out)
        except BaseException:
            journal.close()
            raise
        journal.remove()
        features.tidy()
        return result

    def _head(self) -> str:
        """Names the run: rows of another method, dataset, protocol or version must not be mixed in."""
        parts = (self._method, self._used, self._protocol)
        text = version("df8k") + "".join(part.model_dump_json() for part in parts)
        return sha256(text.encode()).hexdigest()

    def _rows(self, known: list[Row], features: Features, progress: Progress | None) -> Iterator[Row]:
        done = {(row["size"], row["id"]) for row in known}
        total = len(self._samples)
        for size in self._evaluation.sizes:
            for count, sample in enumerate(self._samples, 1):
                if (str(size), sample.id) not in done:
                    yield self._row(sample, size, features)
                if progress is not None:
                    progress(f"{self._method.name} {size}", count, total)

    def _row(self, sample: Sample, size: Size, features: Features) -> Row:
        row: Row = {"id": sample.id, "size": str(size)}
        row |= dict.fromkeys([*list(FIXED_COLUMNS)[2:], *self._evaluation.columns])
        row["category"] = sample.metadata.get("category")
        if not fits(sample.metadata, size):
            return row | {"status": "left-out"}
        task = make_task(sample, size)
        row |= mask_columns(sample, size, task) | {"hole_pixels": int(np.count_nonzero(task.mask))}
        try:
            produced = self._producer.produce(task, sample.id, size)
        except ProductionError as failure:
            return row | {"status": failure.status, "error": str(failure)}
        composited = task.composite(produced.output)
        if self._predictions is not None:
            write_bytes(self._predictions / str(size) / f"{sample.id}.png", encode_png(composited))
        plan = self._evaluation
        scores: dict[str, float | None] = {}
        for picture, names in ((composited, plan.composited), (produced.output, plan.raw)):
            scores |= metrics.compute(
                picture,
                task.target,
                task.mask,
                names=names,
                memory=plan.memory,
                fetch_weights=plan.fetch_weights,
            )
        # A row is journalled after its features are stored, so a journalled picture never lacks them.
        features.add(size, sample.id, composited, task.target, task.mask)
        return row | {
            "status": "ok",
            "known_drift": task.known_drift(produced.output),
            "peak_memory_bytes": produced.peak_bytes,
            "seconds": produced.seconds,
            **scores,
        }

    def _result(self, rows: list[Row], features: Features) -> Result:
        sizes = []
        for size in self._evaluation.sizes:
            of_size = [row for row in rows if row["size"] == str(size)]
            scored = [row["id"] for row in of_size if row["status"] == "ok"]
            found = features.summarise(size, scored)
            sizes.append(aggregate_size(size, of_size, self._evaluation.columns, found))
        return Result(
            method=self._method,
            dataset=self._used,
            protocol=self._protocol,
            environment=describe_environment(),
            provenance=describe_provenance(self._evaluation.metrics, self._evaluation.command),
            unavailable=self._evaluation.unavailable(),
            sizes=sizes,
        )
