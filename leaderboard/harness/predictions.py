"""Score a folder of pictures that were filled elsewhere."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from _df8k.store import locate
from df8k.dataset import Dataset
from df8k.leaderboard.calls.timing import checked_output
from df8k.leaderboard.protocol.sizes import Size
from df8k.leaderboard.protocol.task import Task
from df8k.leaderboard.results.filled_pictures import FilledPictures, is_lossy
from df8k.leaderboard.results.schema import Method, Result
from df8k.leaderboard.results.staging import staged

from .evaluation import Evaluation
from .producers import Filled
from .run import EvaluationRun, Progress


@dataclass(frozen=True)
class Scored:
    """Outcome of scoring a folder.

    Attributes:
        result: as of an evaluation, without latency and memory.
        orphans: files that belong to no image of the dataset, relative to the folder.
        warnings: what makes the scores doubtful, in words.
    """

    result: Result
    orphans: list[str]
    warnings: list[str]


class Folder:
    """Producer of the pictures of a folder."""

    def __init__(self, root: Path, sizes: list[Size]) -> None:
        """Open the folder.

        Raises:
            LeaderboardError: it does not exist, lacks a size, or names an ID twice.
        """
        self._pictures = FilledPictures(root, sizes)
        self.inverted: list[str] = []

    def orphans(self, ids: set[str]) -> list[str]:
        """List files that belong to no image."""
        root = self._pictures.root
        return [path.relative_to(root).as_posix() for path in self._pictures if path.stem not in ids]

    def lossy(self) -> int:
        """Count files that went through a lossy code."""
        return sum(map(is_lossy, self._pictures))

    def produce(self, task: Task, image_id: str, size: Size) -> Filled:
        """Read the picture of one image.

        Raises:
            MethodFailedError: absent, not decodable, or of another size.
        """
        output = checked_output(self._pictures.decode(size, image_id), task.mask.shape)
        if _looks_inverted(output, task):
            self.inverted.append(image_id)
        return Filled(output)


def _looks_inverted(output: np.ndarray[tuple[int, ...], np.dtype[np.uint8]], task: Task) -> bool:
    """Tell whether known pixels were filled and the hole kept: an exchanged polarity does that."""
    if not task.mask.any() or task.mask.all():
        return False
    black = not output[task.mask].any()  # the hole as the method got it, or the original's: both mean kept
    kept = black or np.array_equal(output[task.mask], task.target[task.mask])
    return bool(kept and task.known_drift(output) > 1.0)


def score(
    root: str | Path,
    dataset: Dataset,
    *,
    name: str,
    evaluation: Evaluation,
    out: str | Path | None = None,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> Scored:
    """Score a folder of predictions against a dataset.

    Args:
        root: pictures named by image ID, composited or not: known pixels are put back before scoring.
        dataset: a split with masks.
        name: the method's name in tables.
        evaluation: sizes and metrics; its budget does not apply.
        out: RESULT.json, as in `leaderboard.evaluate`; an interrupted scoring goes on where it stopped.
        overwrite: replace a result that ``out`` holds already.
        progress: called after each image.

    Raises:
        LeaderboardError: the folder or the options do not fit.
    """
    folder = Folder(locate(root), list(evaluation.sizes))
    method = Method(
        name=name,
        version="not stated",
        summary="pictures filled elsewhere",
        source="not stated",
        licence="not stated",
        parameters=None,
        weights_sha256=None,
        untrained=False,
        settings={},
        spec="predictions",
        device="not stated",
    )
    run = EvaluationRun(folder, method, dataset, evaluation)
    with staged(None if out is None else locate(out), overwrite=overwrite) as path:
        result = run.run(path, overwrite=overwrite, progress=progress)
    shard = result.dataset.shard
    warnings = []
    if count := folder.lossy():
        warnings.append(
            f"{count} pictures are of a lossy format: their known pixels and holes carry its error"
        )
    if folder.inverted:
        warnings.append(
            f"{len(folder.inverted)} pictures, such as {folder.inverted[0]}, keep the hole and change the "
            "known region: the method was probably given masks of the other polarity (here 255 = missing)"
        )
    return Scored(result, folder.orphans(set(shard.of if shard else result.dataset.ids)), warnings)
