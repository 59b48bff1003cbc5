"""Score a folder of pictures that were filled elsewhere."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from baselines import MethodFailedError
from df8k.dataset import Dataset
from df8k.images import Rejected, decode
from leaderboard.calls.timing import checked_output
from leaderboard.errors import LeaderboardError
from leaderboard.protocol.sizes import Size
from leaderboard.protocol.task import Task
from leaderboard.results.schema import Method, Result

from .evaluation import Evaluation
from .producers import Filled
from .run import EvaluationRun, Progress

_LOSSLESS: Final = frozenset({".png", ".tif", ".tiff", ".bmp"})
_LOSSY: Final = frozenset({".jpg", ".jpeg", ".webp"})


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
    """Predictions ``SIZE/ID.png``, or ``ID.png`` where one size is scored; paired by ID, never by order."""

    def __init__(self, root: Path, sizes: list[Size]) -> None:
        """Open the folder.

        Raises:
            LeaderboardError: it does not exist, lacks a size, or names an ID twice.
        """
        if not root.is_dir():
            raise LeaderboardError(f"{root} is not a folder of predictions")
        self._root = root
        self._files = {size: self._list(size, flat=len(sizes) == 1) for size in sizes}
        self.inverted: list[str] = []

    def _list(self, size: Size, *, flat: bool) -> dict[str, Path]:
        folder = self._root / str(size)
        if not folder.is_dir():
            if not flat:
                raise LeaderboardError(
                    f"{self._root} has no folder {size}: with several sizes each needs its own, {size}/ID.png"
                )
            folder = self._root
        files: dict[str, Path] = {}
        for path in sorted(folder.iterdir()):
            if path.suffix.lower() not in _LOSSLESS | _LOSSY:
                continue
            if path.stem in files:
                raise LeaderboardError(f"{files[path.stem]} and {path} are both for {path.stem}: keep one")
            files[path.stem] = path
        return files

    def orphans(self, ids: set[str]) -> list[str]:
        """List files that belong to no image."""
        files = [path for by_id in self._files.values() for name, path in by_id.items() if name not in ids]
        return [path.relative_to(self._root).as_posix() for path in files]

    def lossy(self) -> int:
        """Count files of a lossy format."""
        return sum(path.suffix.lower() in _LOSSY for by_id in self._files.values() for path in by_id.values())

    def produce(self, task: Task, image_id: str, size: Size) -> Filled:
        """Read the picture of one image.

        Raises:
            MethodFailedError: absent, not decodable, or of another size.
        """
        path = self._files[size].get(image_id)
        if path is None:
            raise MethodFailedError("missing", f"no {size}/{image_id}.png")
        try:
            output = checked_output(decode(path.read_bytes()), task.mask.shape)
        except Rejected as rejection:
            raise MethodFailedError("unreadable", f"{path.name}: {rejection.detail}") from rejection
        if _looks_inverted(output, task):
            self.inverted.append(path.name)
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
    folder = Folder(Path(root), list(evaluation.sizes))
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
    result = run.run(None if out is None else Path(out), overwrite=overwrite, progress=progress)
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
