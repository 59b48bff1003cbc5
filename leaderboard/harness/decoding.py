"""Decode each image once for all sizes: a photograph of 24 megapixels takes half a second."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from functools import cached_property, partial
from itertools import pairwise
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
    samples: Sequence[Sample], sizes: Sequence[Size], *, limit: int = _LIMIT, ahead: bool = False
) -> Iterator[tuple[Sample, Size, MakeTask]]:
    """List every image at every size, in blocks of images that are decoded at most once.

    Within a block all images come at the first size, then at the next. An image is decoded when its first
    task is made, and kept until its block ends.

    Args:
        samples: images with masks.
        sizes: as in an evaluation.
        limit: bytes of decoded images that are kept at a time; a larger image has a block of its own.
        ahead: decode the next image of a block beside what is done with one; for untimed work alone.

    Yields:
        Image, size, and a function that makes the task.
    """
    with ThreadPoolExecutor(1) as pool:
        for block in _blocks(samples, limit):
            images = [_Image(sample, pool) for sample in block]
            if ahead:
                for image, following in pairwise(images):
                    image.following = following
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
    """Sample that decodes once.

    Attributes:
        sample: the image.
        following: begins to decode when this one is decoded.
    """

    def __init__(self, sample: Sample, pool: Executor) -> None:
        self.sample, self._pool = sample, pool
        self.following: _Image | None = None
        self._begun: Future[npt.NDArray[np.uint8]] | None = None
        self._untouched = True

    @cached_property
    def _pixels(self) -> npt.NDArray[np.uint8]:
        self._untouched = False
        pixels = self.sample.image if self._begun is None else self._begun.result()
        self._begun = None
        if self.following is not None:
            self.following.begin()
        return pixels

    def begin(self) -> None:
        """Decode while something else is done, unless that was begun or done before."""
        if self._untouched:
            self._untouched = False
            self._begun = self._pool.submit(lambda: self.sample.image)

    def task(self, size: Size) -> Task:
        return make_task(self.sample, size, self._pixels)
