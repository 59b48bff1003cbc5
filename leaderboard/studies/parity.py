"""Compare two forms of one method, such as an export with its original, picture by picture."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from df8k.baselines import Inpainter
from df8k.dataset import Dataset
from df8k.leaderboard.calls.hooks import lend_inputs
from df8k.leaderboard.calls.timing import TimedCall, timed_call
from df8k.leaderboard.errors import LeaderboardError
from df8k.leaderboard.harness.decoding import tasks_in_blocks
from df8k.leaderboard.harness.evaluation import Evaluation
from df8k.leaderboard.harness.run import Progress
from df8k.leaderboard.harness.scoring import scores_of
from df8k.leaderboard.protocol.compositing import Compositor
from df8k.leaderboard.protocol.sizes import Size
from df8k.leaderboard.protocol.task import Task, fits
from df8k.leaderboard.statistics.paired import compare_paired, holm

GATE_DB: Final = 40.0  # below: an artefact that is marked
ROUNDING_DB: Final = 60.0  # above: single grey levels, as another order of summation gives
_GAIN: Final = 0.002  # contrast that rounding does not change by
# Scores of one image by reference and candidate.
_Pair = tuple[dict[str, float | None], dict[str, float | None]]


@dataclass(frozen=True)
class PictureParity:
    """Difference of two fills of one image.

    Attributes:
        id: of the image.
        size: as in an evaluation.
        psnr_db: of candidate against reference over the hole; ``None`` where they are equal.
        most: largest difference in grey levels.
        reference_s: seconds of the call.
        candidate_s: seconds of the call.
    """

    id: str
    size: Size
    psnr_db: float | None
    most: int
    reference_s: float
    candidate_s: float


@dataclass(frozen=True)
class Change:
    """Change of one metric from reference to candidate, over the images that both have.

    Attributes:
        key: ``name.region``.
        reference: mean.
        candidate: mean.
        low: lower end of the 95 % interval of the mean difference; ``None`` with too few images.
        high: its upper end.
        p: of a paired test, after Holm's correction for all metrics of the size.
    """

    key: str
    reference: float
    candidate: float
    low: float | None
    high: float | None
    p: float


@dataclass(frozen=True)
class Parity:
    """Outcome at one size.

    Attributes:
        size: as in an evaluation.
        psnr_db: of candidate against reference over the pixels of all holes; ``None`` where they are equal.
        gain: slope of candidate over reference in the holes, 1 without a change of contrast.
        offset: mean difference in the holes, in grey levels.
        pictures: image by image.
        changes: metric by metric, each against the original photographs.
        verdict: ``equal``, ``rounding``, ``differs`` or ``below the gate``.
    """

    size: Size
    psnr_db: float | None
    gain: float
    offset: float
    pictures: Sequence[PictureParity]
    changes: Sequence[Change]
    verdict: str

    @property
    def worst(self) -> PictureParity:
        """Picture with the lowest PSNR."""
        return min(self.pictures, key=lambda one: math.inf if one.psnr_db is None else one.psnr_db)

    @property
    def reference_s(self) -> float:
        """Median seconds of a call of the reference."""
        return float(np.median([one.reference_s for one in self.pictures]))

    @property
    def candidate_s(self) -> float:
        """Median seconds of a call of the candidate."""
        return float(np.median([one.candidate_s for one in self.pictures]))


@dataclass
class _Sums:
    """Running sums over the samples of all holes: count, values, squares, products."""

    n: int = 0
    sums: npt.NDArray[np.float64] = field(default_factory=lambda: np.zeros(6))

    def add(self, reference: npt.NDArray[np.uint8], candidate: npt.NDArray[np.uint8]) -> None:
        a, b = reference.astype(np.float64).ravel(), candidate.astype(np.float64).ravel()
        self.n += a.size
        self.sums += [a.sum(), b.sum(), a @ a, a @ b, b @ b, (a - b) @ (a - b)]

    @property
    def psnr_db(self) -> float | None:
        return _decibels(float(self.sums[5]), self.n)

    @property
    def gain(self) -> float:
        a, b, aa, ab, *_ = self.sums / max(1, self.n)
        variance = aa - a * a
        return float((ab - a * b) / variance) if variance > 1e-9 else 1.0

    @property
    def offset(self) -> float:
        return float(self.sums[1] - self.sums[0]) / max(1, self.n)


@dataclass
class _OfSize:
    """Differences of one size as they come in, image by image."""

    sums: _Sums = field(default_factory=_Sums)
    pictures: list[PictureParity] = field(default_factory=list)
    scores: list[_Pair] = field(default_factory=list)

    def outcome(self, size: Size) -> Parity:
        sums = self.sums
        verdict = _verdict(sums, max(picture.most for picture in self.pictures))
        changes = _changes(self.scores)
        return Parity(size, sums.psnr_db, sums.gain, sums.offset, self.pictures, changes, verdict)


def compare_forms(
    reference: Inpainter,
    candidate: Inpainter,
    dataset: Dataset,
    evaluation: Evaluation,
    progress: Progress | None = None,
) -> list[Parity]:
    """Call both forms on the same inputs and compare what they fill.

    Args:
        reference: the original, such as the fp32 network.
        candidate: the other form, such as its export.
        dataset: a split with masks.
        evaluation: sizes, metrics and images; its budget does not apply: each form is called once an image,
            after one uncounted call at each size.
        progress: called after each image.

    Raises:
        LeaderboardError: no image is large enough for any size.
        baselines.MethodFailedError: one of them does not answer.
    """
    samples = evaluation.choose(dataset)[1]
    total = {size: sum(fits(sample.metadata, size) for sample in samples) for size in evaluation.sizes}
    if not any(total.values()):
        raise LeaderboardError(f"no image is large enough for {', '.join(map(str, evaluation.sizes))}")
    of_sizes = {size: _OfSize() for size, images in total.items() if images}
    for sample, size, make_task in tasks_in_blocks(samples, evaluation.sizes):
        if not fits(sample.metadata, size):
            continue
        task, of_size = make_task(), of_sizes[size]
        if not of_size.pictures:
            for method in (reference, candidate):
                _call(method, task)
        first, second = _call(reference, task), _call(candidate, task)
        of_size.pictures.append(_picture(sample.id, size, task, first, second))
        of_size.sums.add(first.composited[task.mask], second.composited[task.mask])
        before, after = (
            scores_of(call.composited, task, evaluation, evaluation.composited) for call in (first, second)
        )
        of_size.scores.append((before, after))
        if progress is not None:
            progress(f"parity {size}", len(of_size.pictures), total[size])
    return [of_size.outcome(size) for size, of_size in of_sizes.items()]


def _call(method: Inpainter, task: Task) -> TimedCall:
    compositor = Compositor(task.target, task.mask)
    made = timed_call(method, *lend_inputs(method, *task.method_input()), compositor)
    return TimedCall(made.output.copy(), made.composited.copy(), made.times)


def _picture(image: str, size: Size, task: Task, first: TimedCall, second: TimedCall) -> PictureParity:
    apart = first.composited[task.mask].astype(np.int64) - second.composited[task.mask]
    return PictureParity(
        image,
        size,
        _decibels(float((apart * apart).sum()), apart.size),
        int(np.abs(apart).max(initial=0)),
        first.times.e2e_s,
        second.times.e2e_s,
    )


def _decibels(squares: float, samples: int) -> float | None:
    return None if squares == 0 else 10 * math.log10(255.0**2 * samples / squares)


def _changes(scores: Sequence[_Pair]) -> list[Change]:
    columns = dict(_columns(scores))
    tests = compare_paired([second - first for first, second in columns.values()], 0.05)
    adjusted = holm([test.p for test in tests])
    return [
        Change(key, float(first.mean()), float(second.mean()), test.low, test.high, p)
        for (key, (first, second)), test, p in zip(columns.items(), tests, adjusted, strict=True)
    ]


def _columns(
    scores: Sequence[_Pair],
) -> Iterator[tuple[str, tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]]]:
    for key in scores[0][0]:
        pairs = np.array([(first.get(key), second.get(key)) for first, second in scores], np.float64)
        pairs = pairs[np.isfinite(pairs).all(axis=1)]
        if len(pairs):
            yield key, (pairs[:, 0], pairs[:, 1])


def _verdict(sums: _Sums, most: int) -> str:
    """Judge: what rounding gives is spread over single grey levels, and changes no contrast."""
    if sums.psnr_db is None:
        return "equal"
    if sums.psnr_db < GATE_DB:
        return "below the gate"
    systematic = abs(sums.gain - 1) > _GAIN
    return "rounding" if sums.psnr_db >= ROUNDING_DB and most <= 1 and not systematic else "differs"
