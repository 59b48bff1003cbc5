"""Measure how a method bears sloppy masks: what it gets is grown, shrunk or softened, the score is not."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from df8k.baselines import Inpainter, MethodFailedError
from df8k.dataset import Dataset
from df8k.leaderboard.calls.hooks import lend_inputs
from df8k.leaderboard.calls.timing import timed_call
from df8k.leaderboard.harness.decoding import tasks_in_blocks
from df8k.leaderboard.harness.evaluation import Evaluation
from df8k.leaderboard.harness.run import Progress
from df8k.leaderboard.harness.scoring import scores_of
from df8k.leaderboard.protocol.compositing import Compositor
from df8k.leaderboard.protocol.sizes import Size
from df8k.leaderboard.protocol.task import Task, fits
from df8k.leaderboard.results.mask_sweep import SlipKind, SweepRow
from df8k.leaderboard.statistics.aggregate import estimate

Image = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]
_Scores = dict[str, float | None] | None  # of one call; none where it failed


@dataclass(frozen=True)
class Slip:
    """One way in which a mask is off.

    Attributes:
        kind: ``exact``; ``dilate`` takes known pixels away; ``erode`` leaves a rim of what was to be removed;
            ``feather`` fades the picture softly and cuts the mask at a half.
        fraction: radius in short sides of the picture.
    """

    kind: SlipKind
    fraction: float = 0.0

    def radius(self, mask: Mask) -> int:
        """Convert the radius to pixels, one at least."""
        return max(1, round(self.fraction * int(min(mask.shape))))


SLIPS: Final = (
    Slip("exact"),
    *(Slip("dilate", fraction) for fraction in (0.005, 0.01, 0.02, 0.04)),
    *(Slip("erode", fraction) for fraction in (0.005, 0.01, 0.02)),
    *(Slip("feather", fraction) for fraction in (0.005, 0.01, 0.02)),
)


def slipped_input(task: Task, slip: Slip) -> tuple[Image, Mask]:
    """Make what a method gets when the mask is off.

    No pixel of the hole is ever shown. Where an eroded mask leaves a rim, there stands foreign content as of
    an object that was to be removed: the known picture turned by 180 degrees.

    Args:
        task: the image with its exact mask.
        slip: how the mask is off.

    Returns:
        uint8 RGB ``(H, W, 3)``, and bool ``(H, W)``, ``True`` = missing.
    """
    image, mask = task.method_input()
    if slip.kind == "exact" or not mask.any() or mask.all():
        return image, mask
    radius = slip.radius(mask)
    if slip.kind == "dilate":
        grown = _distance(~mask) <= radius
        image[grown] = 0
        return image, grown
    if slip.kind == "erode":
        core = _distance(mask) > radius
        rim = mask & ~core
        image[rim] = _foreign(image, mask)[rim]
        return image, core
    # A soft brush of this radius: two standard deviations of a Gaussian.
    alpha = cv2.GaussianBlur(mask.astype(np.float32), (0, 0), radius / 2)
    faded = np.rint(image * (1 - alpha[..., None])).astype(np.uint8)
    return faded, np.asarray(alpha >= 0.5)


def _distance(region: Mask) -> npt.NDArray[np.float32]:
    """Measure the distance of each pixel of a region to the nearest pixel outside; 0 outside."""
    return np.asarray(
        cv2.distanceTransform(region.view(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE), np.float32
    )


def _foreign(image: Image, mask: Mask) -> Image:
    turned, missing = image[::-1, ::-1].copy(), mask[::-1, ::-1]
    turned[missing] = image[~mask].mean(axis=0).astype(np.uint8)
    return turned


def sweep_masks(
    inpaint: Inpainter,
    dataset: Dataset,
    evaluation: Evaluation,
    slips: Sequence[Slip] = SLIPS,
    progress: Progress | None = None,
) -> list[SweepRow]:
    """Call a method with each slip and score the hole as it should have been; nothing is timed.

    Args:
        inpaint: the method.
        dataset: a split with masks.
        evaluation: sizes, metrics of pictures, and images.
        slips: ways in which masks are off.
        progress: called after each image.
    """
    samples = evaluation.choose(dataset)[1]
    total = {size: sum(fits(sample.metadata, size) for sample in samples) for size in evaluation.sizes}
    values: dict[Size, list[Sequence[_Scores]]] = {size: [] for size in evaluation.sizes}
    for sample, size, make_task in tasks_in_blocks(samples, evaluation.sizes):
        if not fits(sample.metadata, size):
            continue
        task = make_task()
        values[size].append([_score(inpaint, task, slip, evaluation) for slip in slips])
        if progress is not None:
            progress(f"sloppy masks {size}", len(values[size]), total[size])
    return [
        _row(size, slip, [of_image[index] for of_image in of_size])
        for size, of_size in values.items()
        for index, slip in enumerate(slips)
    ]


def _score(inpaint: Inpainter, task: Task, slip: Slip, evaluation: Evaluation) -> _Scores:
    image, mask = slipped_input(task, slip)
    if not mask.any() and task.mask.any():
        return None
    try:
        call = timed_call(inpaint, *lend_inputs(inpaint, image, mask), Compositor(task.target, task.mask))
    except MethodFailedError:
        return None
    return scores_of(call.composited, task, evaluation, evaluation.composited)


def _row(size: Size, slip: Slip, scores: Sequence[_Scores]) -> SweepRow:
    scored = [one for one in scores if one is not None]
    means = {}
    for key in scored[0] if scored else ():
        values = [value for one in scored if (value := one[key]) is not None and np.isfinite(value)]
        if values:
            means[key] = estimate(values)
    return SweepRow(
        size=size,
        kind=slip.kind,
        fraction=slip.fraction,
        images=len(scored),
        failures=len(scores) - len(scored),
        metrics=means,
    )
