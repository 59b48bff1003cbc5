"""From a dataset image to what a method sees at one size."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from df8k.dataset import Sample
from leaderboard.errors import LeaderboardError

from .sizes import Size, extent


@dataclass(frozen=True)
class Task:
    """One image at one size.

    Attributes:
        target: the original, uint8 ``(H, W, 3)``; methods never see it.
        mask: bool ``(H, W)``, ``True`` = missing.
    """

    target: npt.NDArray[np.uint8]
    mask: npt.NDArray[np.bool_]

    def method_input(self) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.bool_]]:
        """Fresh copies for one call: the image with its hole zeroed, and the mask."""
        image = np.zeros_like(self.target)
        cv2.copyTo(self.target, (~self.mask).view(np.uint8), image)
        return image, self.mask.copy()

    def composite(
        self, output: npt.NDArray[np.uint8], canvas: npt.NDArray[np.uint8] | None = None
    ) -> npt.NDArray[np.uint8]:
        """The output in the hole, the original's known pixels elsewhere.

        Args:
            output: uint8 ``(H, W, 3)``.
            canvas: a copy of the target, from an earlier call or not, whose hole is written over in place;
                a new one where none is given.
        """
        if canvas is None:
            canvas = self.target.copy()
        rows, columns = self._hole
        mask = self.mask[rows, columns].view(np.uint8)
        cv2.copyTo(output[rows, columns], mask, canvas[rows, columns])
        return canvas

    @cached_property
    def _hole(self) -> tuple[slice, slice]:
        """Rows and columns that the hole spans."""
        spans = []
        for axis in (1, 0):
            found = np.flatnonzero(self.mask.any(axis=axis))
            spans.append(slice(int(found[0]), int(found[-1]) + 1) if found.size else slice(0))
        return spans[0], spans[1]

    def known_drift(self, output: npt.NDArray[np.uint8]) -> float:
        """Mean absolute change of the known pixels in grey levels; 0 when nothing is known."""
        known = ~self.mask
        if not known.any():
            return 0.0
        # Only methods that redraw known pixels differ anywhere, and most do not.
        difference = cv2.absdiff(output, self.target)
        return float(difference[known].mean())


def fits(metadata: dict[str, Any], size: Size) -> bool:
    """Whether an image is large enough for the size: nothing is ever enlarged."""
    found = extent(size)
    return found is None or (int(metadata["width"]) >= found[0] and int(metadata["height"]) >= found[1])


def make_task(sample: Sample, size: Size) -> Task:
    """The image at a size: `framed_task`, or the image and its stored mask as they are.

    Raises:
        LeaderboardError: the sample has no mask.
    """
    found = extent(size)
    if found is not None:
        return framed_task(sample, *found)
    mask = sample.mask
    if mask is None:
        raise _without_mask(sample)
    return Task(sample.image, mask)


def _without_mask(sample: Sample) -> LeaderboardError:
    return LeaderboardError(f"image {sample.id} has no mask: only the test split has masks")


def square_task(sample: Sample, size: int) -> Task:
    """`framed_task` of a square."""
    return framed_task(sample, size, size)


def centre_crop(columns: int, rows: int, width: int, height: int) -> tuple[int, int, int, int]:
    """Left, top, width and height of the largest centre crop that has the aspect of a frame.

    Args:
        columns: of the image.
        rows: of the image.
        width: of the frame.
        height: of the frame.
    """
    wide, high = min(columns, rows * width // height), min(rows, columns * height // width)
    return (columns - wide) // 2, (rows - high) // 2, wide, high


def framed_task(sample: Sample, width: int, height: int) -> Task:
    """Largest centre crop of the frame's aspect, area downsampling to it, and the mask of the same crop.

    Args:
        sample: an image with a mask.
        width: pixels of the frame.
        height: pixels of the frame.

    Raises:
        LeaderboardError: the sample has no mask.
    """
    vector = sample.vector
    if vector is None:
        raise _without_mask(sample)
    image = sample.image
    rows, columns, _ = image.shape
    left, top, wide, high = centre_crop(columns, rows, width, height)
    target = np.ascontiguousarray(image[top : top + high, left : left + wide])
    if (wide, high) != (width, height):
        target = np.asarray(cv2.resize(target, (width, height), interpolation=cv2.INTER_AREA), dtype=np.uint8)
    mask = vector.crop((columns, rows), (left, top, wide, high)).rasterize(width, height)
    return Task(target, mask)
