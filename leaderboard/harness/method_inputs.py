"""What a method is given, as files: for methods that run elsewhere."""

from pathlib import Path
from typing import TYPE_CHECKING

from _df8k.files import write_bytes
from _df8k.gate import checked_id, joined
from df8k import masks
from df8k.dataset import Dataset
from df8k.images import png_buffer
from df8k.leaderboard.protocol.task import fits, make_task

from .evaluation import Evaluation

if TYPE_CHECKING:
    from .run import Progress


def write_inputs(
    dataset: Dataset, evaluation: Evaluation, out: str | Path, progress: "Progress | None" = None
) -> dict[str, int]:
    """Write the picture and mask of every image at every size, as `leaderboard.evaluate` hands them over.

    ``SIZE/images/ID.png`` has its hole zeroed; ``SIZE/masks/ID.png`` has 255 where pixels are missing. Files
    that exist are kept, so that an interrupted call goes on.

    Args:
        dataset: a split with masks.
        evaluation: sizes and images; its metrics and budget do not apply.
        out: folder.
        progress: called after each image.

    Returns:
        Size → images that are large enough for it and were written.

    Raises:
        LeaderboardError: the sizes or images do not fit.
        df8k.DatasetError: the dataset is damaged.
        OSError: a file cannot be written.
    """
    samples = evaluation.choose(dataset)[1]
    counts: dict[str, int] = {}
    for size in evaluation.sizes:
        folder = joined(Path(out), str(size))
        large = [sample for sample in samples if fits(sample.metadata, size)]
        for done, sample in enumerate(large, 1):
            picture, hole = (
                joined(folder, kind, f"{checked_id(sample.id)}.png") for kind in ("images", "masks")
            )
            if not (picture.exists() and hole.exists()):
                image, mask = make_task(sample, size).method_input()
                write_bytes(hole, masks.encode_png(mask))
                write_bytes(picture, png_buffer(image))
            if progress is not None:
                progress(f"writing {size}", done, len(large))
        counts[str(size)] = len(large)
    return counts
