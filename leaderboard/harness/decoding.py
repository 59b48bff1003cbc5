"""Decode each image once for all sizes: a photograph of 24 megapixels takes half a second."""

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property, partial
from typing import Final

import numpy as np
import numpy.typing as npt

from df8k.dataset import Sample
from df8k.leaderboard.protocol.sizes import Size
from df8k.leaderboard.protocol.task import Task, make_task

# Ten photographs of 24 megapixels: few changes from size to size, and little beside what metrics take.
_LIMIT: Final = 768 * 2**20

MakeTask = Callable[[], Task]


def tasks_in_blocks(
    samples: Sequence[Sample], sizes: Sequence[Size], *, limit: int = _LIMIT
) -> Iterator[tuple[Sample, Size, MakeTask]]:
    """List every image at every size, in blocks of images that are decoded at most once.

    Within a block all images come at the first size, then at the next. An image is decoded when its first
    task is made, and kept until its block ends.

    Args:
        samples: images with masks.
        sizes: as in an evaluation.
        limit: bytes of decoded images that are kept at a time; a larger image has a block of its own.

    Yields:
        Image, size, and a function that makes the task.
    """
    for block in _blocks(samples, limit):
        images = [_Image(sample) for sample in block]
        for size in sizes:
            for image in images:
                yield image.sample, size, partial(image.task, size)


def _blocks(samples: Sequence[Sample], limit: int) -> Iterator[list[Sample]]:
    block: list[Sample] = []
    taken = 0
    for sample in samples:
        needed = 3 * int(sample.metadata["width"]) * int(sample.metadata["height"])
        if block and taken + needed > limit:
            yield block
            block, taken = [], 0
        block.append(sample)
        taken += needed
    if block:
        yield block


class _Image:
    """Sample that decodes once."""

    def __init__(self, sample: Sample) -> None:
        self.sample = sample

    @cached_property
    def _pixels(self) -> npt.NDArray[np.uint8]:
        return self.sample.image

    def task(self, size: Size) -> Task:
        return make_task(self.sample, size, self._pixels)
