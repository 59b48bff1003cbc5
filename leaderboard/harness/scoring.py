"""Score what a method answered for one image at one size, in this process or in another."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from _df8k.files import write_bytes
from df8k import metrics
from df8k.baselines.base import Image
from df8k.images import encode_png
from df8k.leaderboard.protocol.task import Task
from df8k.leaderboard.results.distribution_states import picture_state
from df8k.leaderboard.results.per_image import ImageRow

from .evaluation import Evaluation
from .producers import Filled


@dataclass(frozen=True, kw_only=True)
class Answer:
    """Answer of a method, on its way to a row.

    Attributes:
        row: what is known before scoring.
        task: the image at the size; ``None`` where the row is complete: left out or failed.
        filled: what the method made of it; ``None`` with ``task``.
        picture: file for the composited picture, where it is kept.
    """

    row: ImageRow
    task: Task | None = None
    filled: Filled | None = None
    picture: Path | None = None


@dataclass(frozen=True)
class ScoredRow:
    """Finished row.

    Attributes:
        row: to be journalled once the state is stored.
        state: of the distribution metrics; ``None`` where there is nothing to store.
    """

    row: ImageRow
    state: bytes | None = None


def score_answer(evaluation: Evaluation, answer: Answer) -> ScoredRow:
    """Score an answer; the same numbers come out in any process.

    Args:
        evaluation: what is measured.
        answer: of a method.
    """
    task, filled = answer.task, answer.filled
    if task is None or filled is None:
        return ScoredRow(answer.row)
    composited = task.composite(filled.output)
    if answer.picture is not None:
        write_bytes(answer.picture, encode_png(composited))
    scores: dict[str, float | None] = {}
    for picture, names in ((composited, evaluation.composited), (filled.output, evaluation.raw)):
        scores |= scores_of(picture, task, evaluation, names)
    state = picture_state(
        evaluation.distributions,
        composited,
        task.target,
        task.mask,
        key=answer.row.id,
        memory=evaluation.memory,
        fetch_weights=evaluation.fetch_weights,
    )
    return ScoredRow(_with_scores(answer.row, task, filled, scores), state)


def scores_of(
    picture: Image, task: Task, evaluation: Evaluation, names: Sequence[str]
) -> dict[str, float | None]:
    """Score one picture by some of an evaluation's metrics, within its memory.

    Args:
        picture: uint8 ``(H, W, 3)``, of the task's size.
        task: original and hole.
        evaluation: memory, and whether weights may be fetched.
        names: metrics of pictures.
    """
    return dict(
        metrics.compute(
            picture,
            task.target,
            task.mask,
            names=names,
            memory=evaluation.memory,
            fetch_weights=evaluation.fetch_weights,
        )
    )


def _with_scores(row: ImageRow, task: Task, filled: Filled, scores: Mapping[str, float | None]) -> ImageRow:
    return replace(
        row,
        status="ok",
        known_drift=task.known_drift(filled.output),
        seconds=filled.seconds,
        model_seconds=filled.model_seconds,
        scores={**row.scores, **scores},
    )
