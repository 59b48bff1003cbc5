"""Run one method over a dataset: the loop in which a method never sees the ground truth."""

import warnings
from collections.abc import Callable, Container, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict, replace
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from _df8k.gate import checked_id, joined
from _df8k.store import locate
from df8k import metrics
from df8k.baselines import Function, Inpainter, MethodFailedError, as_inpainter
from df8k.dataset import Dataset, Sample
from df8k.leaderboard.calls.failures import kind_and_message
from df8k.leaderboard.errors import LeaderboardError, refuse_existing
from df8k.leaderboard.protocol.mask_measures import mask_columns
from df8k.leaderboard.protocol.sizes import Size
from df8k.leaderboard.protocol.task import fits
from df8k.leaderboard.protocol.versions import declared_preset, default_sizes, headline_of, version_of
from df8k.leaderboard.results.content_hashes import write_sealed
from df8k.leaderboard.results.distribution_states import Features, features_path
from df8k.leaderboard.results.environment import describe_environment
from df8k.leaderboard.results.journal import Journal, journal_path
from df8k.leaderboard.results.per_image import ImageRow, checked_rows, per_image_path, write_per_image
from df8k.leaderboard.results.provenance import describe_provenance, metric_weights
from df8k.leaderboard.results.schema import (
    DatasetUsed,
    Method,
    Protocol,
    Provenance,
    Result,
    Shard,
)
from df8k.leaderboard.results.staging import staged
from df8k.leaderboard.statistics.aggregate import aggregate
from df8k.pool import open_workers

from .decoding import MakeTask, tasks_in_blocks
from .evaluation import Evaluation
from .producers import Caller, Producer
from .scoring import Answer, ScoredRow, score_answer

# Called with the name of a stage, the images done and the images in all.
Progress = Callable[[str, int, int | None], None]

# What of the machine must stay the same over the sessions of one run; a new kernel need not stop it.
_MACHINE: Final = {"cpu", "cores", "threads", "python", "libraries"}


def evaluate(
    inpaint: str | Inpainter | Function,
    dataset: Dataset,
    sizes: Sequence[Size] | None = None,
    *,
    evaluation: Evaluation | None = None,
    out: str | Path | None = None,
    predictions: str | Path | None = None,
    overwrite: bool = False,
    progress: Progress | None = None,
    name: str | None = None,
    warn: Callable[[str], None] = warnings.warn,
) -> Result:
    """Run a method over a dataset and measure quality and latency.

    A method that raises, or returns something other than a uint8 RGB image of the input's size, fails on that
    image alone; the run goes on and the result counts the failure.

    Args:
        inpaint: the method; a SPEC or a plain function will do, see `baselines.as_inpainter`.
        dataset: a split with masks.
        sizes: shorthand for ``Evaluation(sizes=sizes)``; not together with ``evaluation``. Without either,
            `default_sizes` of the dataset.
        evaluation: what to measure.
        out: RESULT.json; the values of each image go to a parquet file beside it. An interrupted run with the
            same ``out`` goes on where it stopped.
        predictions: folder for the composited pictures, ``SIZE/ID.png``.
        overwrite: replace a result that ``out`` holds already.
        progress: called after each image.
        name: what tables call the method; its own name by default.
        warn: called with what makes the times doubtful, in words.

    Raises:
        LeaderboardError: the options do not fit, or ``out`` is taken.
        baselines.MethodError: it is no method, or cannot be opened.
        df8k.DatasetError: the dataset is damaged.
    """
    if sizes and evaluation is not None:
        raise LeaderboardError(
            f"sizes were given twice, {list(sizes)} and {list(evaluation.sizes)} of the evaluation: give "
            "sizes, or evaluation=Evaluation(sizes=...)"
        )
    evaluation = evaluation or Evaluation(sizes=sizes or default_sizes(dataset))
    if evaluation.workers > 1 and evaluation.budget.timed:
        raise LeaderboardError(
            f"{evaluation.workers} workers would score while calls are timed: measure quality alone "
            "(budget=UNTIMED, --quality-only), or use one"
        )
    opened = as_inpainter(inpaint, name)
    spec = evaluation.spec or (inpaint if isinstance(inpaint, str) else opened.card.name)
    method = describe_method(opened, spec, evaluation.device)
    caller = Caller(opened, evaluation.budget)
    folder = None if predictions is None else locate(predictions)
    run = EvaluationRun(caller, method, dataset, evaluation, folder)
    with staged(None if out is None else locate(out), overwrite=overwrite) as path:
        result = run.run(path, overwrite=overwrite, progress=progress)
    for doubt in caller.doubts:
        warn(doubt)
    return result


def describe_method(inpaint: Inpainter, spec: str, device: str) -> Method:
    """Describe a method as results do.

    Args:
        inpaint: the method.
        spec: the SPEC that it was loaded by.
        device: where it runs.
    """
    card = asdict(inpaint.card)
    card["settings"] = {"strategy": "native"} | card["settings"]
    return Method(**card, spec=spec, device=device)


class EvaluationRun:
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

        Raises:
            LeaderboardError: the method has no name.
        """
        if not method.name.strip():
            raise LeaderboardError("the method has no name: tables need one, such as --name NAME gives")
        self._producer, self._method = producer, method
        self._evaluation, self._predictions = evaluation, predictions
        everything, self._samples = evaluation.choose(dataset)
        self._protocol = Protocol(
            version=version_of(dataset),
            sizes=list(evaluation.sizes),
            metrics={name: metrics.get(name).variant for name in evaluation.metrics},
            warmup=(evaluation.budget.warmup_runs, evaluation.budget.warmup_s),
            timing=(evaluation.budget.runs, evaluation.budget.seconds),
            least_runs=evaluation.budget.least_runs,
            intervals="student-t",
        )
        self._used = DatasetUsed(
            name=dataset.description.name,
            version=dataset.description.version,
            fingerprint=dataset.description.fingerprint,
            split=dataset.split,
            ids=[sample.id for sample in self._samples],
            shard=None
            if evaluation.shard is None
            else Shard(
                index=evaluation.shard[0],
                count=evaluation.shard[1],
                of=[sample.id for sample in everything],
            ),
            preset=declared_preset(dataset) or None,
            headline=headline_of(dataset),
        )
        self._environment = describe_environment()

    def run(self, out: Path | None, *, overwrite: bool = False, progress: Progress | None = None) -> Result:
        """Run or resume; see `evaluate`."""
        features = Features(
            self._evaluation.distributions,
            None if out is None else features_path(out),
            memory=self._evaluation.memory,
            fetch_weights=self._evaluation.fetch_weights,
        )
        if out is None:
            return self._result(list(self._rows([], features, progress)), features, self._provenance())
        if out.suffix != ".json":
            raise LeaderboardError(f"{out}: a result's name ends with .json")
        # A run that was killed between writing its result and removing its journal is not done yet.
        refuse_existing(out, overwrite=overwrite or journal_path(out).exists())
        with Journal(journal_path(out), self._head()) as journal:
            provenance = journal.session(self._provenance())
            rows = checked_rows(journal.rows, journal_path(out))
            for row in self._rows(list(rows), features, progress):
                journal.add(row.record())
                rows.append(row)
            result = self._result(rows, features, provenance)
            write_per_image(per_image_path(out), rows, self._evaluation.columns)
            result = write_sealed(result, out)
            journal.remove()
        features.tidy()
        return result

    def _head(self) -> dict[str, Any]:
        """Name the run: rows of another method, dataset, protocol or machine must not be mixed in."""
        machine = self._environment.model_dump(mode="json", include=_MACHINE)
        models = {"method": self._method, "dataset": self._used, "protocol": self._protocol}
        return {
            "df8k": version("df8k"),
            **{name: model.model_dump(mode="json") for name, model in models.items()},
            "machine": machine,
            # Weights that came meanwhile would give later images scores that earlier ones lack.
            "unavailable": sorted(self._evaluation.unavailable()),
        }

    def _provenance(self) -> Provenance:
        return describe_provenance(self._evaluation.command)

    def _rows(
        self, known: list[ImageRow], features: Features, progress: Progress | None
    ) -> Iterator[ImageRow]:
        done = {(row.size, row.id) for row in known}
        total = len(self._samples) * len(self._evaluation.sizes)
        count = len(done)
        if progress is not None and done:
            progress(self._method.name, count, total)
        with ExitStack() as stack:
            for scored in self._scored(self._answers(done), stack):
                if scored.state is not None:
                    # A row is journalled after its state is stored, so a journalled picture never lacks it.
                    features.store(scored.row.size, scored.row.id, scored.state)
                yield scored.row
                count += 1
                if progress is not None:
                    progress(self._method.name, count, total)

    def _scored(self, answers: Iterator[Answer], stack: ExitStack) -> Iterator[ScoredRow]:
        """Score in this process; beside an untimed method on as many as the plan says."""
        score = partial(score_answer, self._evaluation)
        if self._evaluation.workers == 1:
            return map(score, answers)
        return stack.enter_context(open_workers(self._evaluation.workers)).map(score, answers)

    def _answers(self, done: Container[tuple[str, str]]) -> Iterator[Answer]:
        ahead = self._evaluation.workers > 1  # then nothing is timed
        for sample, size, make_task in tasks_in_blocks(self._samples, self._evaluation.sizes, ahead=ahead):
            if (str(size), sample.id) not in done:
                yield self._answer(sample, size, make_task)

    def _answer(self, sample: Sample, size: Size, make_task: MakeTask) -> Answer:
        evaluation = self._evaluation
        row = ImageRow(
            id=sample.id,
            size=str(size),
            status="left-out",
            category=category if isinstance(category := sample.metadata.get("category"), str) else None,
            scores=dict.fromkeys(evaluation.columns),
        )
        if not fits(sample.metadata, size):
            return Answer(row=row)
        task = make_task()
        row = replace(row, **mask_columns(sample, size, task))
        try:
            filled = self._producer.produce(task, sample.id, size)
        except MethodFailedError as failure:
            kind, message = kind_and_message(failure)
            return Answer(row=replace(row, status=kind, error=message))
        picture = None
        if self._predictions is not None:
            picture = joined(self._predictions, str(size), f"{checked_id(sample.id)}.png")
        return Answer(row=row, task=task, filled=filled, picture=picture)

    def _result(self, rows: list[ImageRow], features: Features, provenance: Provenance) -> Result:
        evaluation = self._evaluation
        return Result(
            method=self._method,
            dataset=self._used,
            protocol=self._protocol,
            environment=self._environment,
            provenance=provenance.model_copy(update={"metric_weights": metric_weights(evaluation.metrics)}),
            unavailable=evaluation.unavailable(),
            sizes=aggregate(evaluation.sizes, rows, evaluation.columns, features.summarise),
        )
