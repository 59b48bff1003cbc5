"""Draw the stages of a method for the images of an evaluation."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from _df8k.gate import checked_id, joined
from df8k.baselines import Inpainter, MethodError, WithOptions, roles
from df8k.baselines.base import unwrap
from df8k.dataset import Sample
from df8k.leaderboard.errors import LeaderboardError
from df8k.leaderboard.protocol.sizes import Size
from df8k.leaderboard.protocol.task import fits, make_task


def explain(
    inpaint: Inpainter,
    samples: Sequence[Sample],
    sizes: Sequence[Size],
    folder: Path,
    progress: Callable[[str, int, int | None], None] | None = None,
) -> None:
    """Write ``SIZE/ID.png`` for each image that a size fits.

    Args:
        inpaint: a method whose stages can be shown.
        samples: images with masks.
        sizes: as in an evaluation.
        folder: created when absent.
        progress: called after each image.

    Raises:
        LeaderboardError: the method shows no stages.
    """
    run = explainer(inpaint)
    for size in sizes:
        for count, sample in enumerate(samples, 1):
            if fits(sample.metadata, size):
                image, mask = make_task(sample, size).method_input()
                path = joined(folder, str(size), f"{checked_id(sample.id)}.png")
                path.parent.mkdir(parents=True, exist_ok=True)
                run(image, mask, path)
            if progress is not None:
                progress(f"explaining {size}", count, len(samples))


def explainer(inpaint: Inpainter) -> Callable[..., object]:
    """Find the function that shows a method's stages, of an image and a mask, in a file.

    Raises:
        LeaderboardError: there is none.
    """
    method = unwrap(inpaint, WithOptions)
    try:
        return partial(roles.explainer(method.card.name), method)
    except MethodError as error:
        raise LeaderboardError(str(error)) from error
