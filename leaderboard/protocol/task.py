"""Make the task of a method from a dataset image: what it sees at one size."""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from df8k.dataset import Sample
from df8k.leaderboard.errors import LeaderboardError
from df8k.testmasks import centre_crop

from .compositing import Compositor
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
        """Make fresh copies for one call: the image with its hole zeroed, and the mask."""
        image = np.zeros_like(self.target)
        cv2.copyTo(self.target, (~self.mask).view(np.uint8), image)
        return image, self.mask.copy()

    def composite(self, output: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
        """Put the output, uint8 ``(H, W, 3)``, in the hole of a new copy of the original."""
        return Compositor(self.target, self.mask)(output)

    def known_drift(self, output: npt.NDArray[np.uint8]) -> float:
        """Measure the mean absolute change of the known pixels in grey levels; 0 when nothing is known."""
        known = (~self.mask).view(np.uint8)
        count = cv2.countNonZero(known)
        # A sum of whole numbers, exact in double precision.
        return cv2.norm(output, self.target, cv2.NORM_L1, known) / (3 * count) if count else 0.0


def fits(metadata: dict[str, Any], size: Size) -> bool:
    """Tell whether an image is large enough for the size: nothing is ever enlarged."""
    frame = extent(size)
    return frame is None or (int(metadata["width"]) >= frame[0] and int(metadata["height"]) >= frame[1])


def make_task(sample: Sample, size: Size, pixels: npt.NDArray[np.uint8] | None = None) -> Task:
    """Make the task of an image at a size: `framed_task`, or the image and its stored mask as they are.

    Args:
        sample: an image with a mask.
        size: side length in pixels, a frame, or ``native``.
        pixels: its image, where it is decoded already.

    Raises:
        LeaderboardError: the sample has no mask.
    """
    frame = extent(size)
    if frame is not None:
        return framed_task(sample, *frame, pixels)
    mask = sample.mask
    if mask is None:
        raise _without_mask(sample)
    return Task(sample.image if pixels is None else pixels, mask)


def _without_mask(sample: Sample) -> LeaderboardError:
    return LeaderboardError(f"image {sample.id} has no mask: only the test split has masks")


def square_task(sample: Sample, size: int) -> Task:
    """Make the `framed_task` of a square."""
    return framed_task(sample, size, size)


def framed_task(sample: Sample, width: int, height: int, pixels: npt.NDArray[np.uint8] | None = None) -> Task:
    """Crop to the frame's aspect, reduce to it by area, and rasterise the image's mask for this frame.

    Args:
        sample: an image with a mask.
        width: pixels of the frame.
        height: pixels of the frame.
        pixels: the sample's image, where it is decoded already.

    Raises:
        LeaderboardError: the sample has no mask.
    """
    vector = sample.vector_in(width, height)
    if vector is None:
        raise _without_mask(sample)
    image = sample.image if pixels is None else pixels
    return Task(reduced_crop(image, width, height), vector.rasterize(width, height))


def reduced_crop(image: npt.NDArray[np.uint8], width: int, height: int) -> npt.NDArray[np.uint8]:
    """Cut the largest centre crop that has the aspect of a frame, and reduce it to the frame by area.

    Args:
        image: uint8 RGB ``(H, W, 3)``.
        width: pixels of the frame.
        height: pixels of the frame.

    Returns:
        uint8 ``(height, width, 3)``.
    """
    rows, columns, _ = image.shape
    left, top, wide, high = centre_crop(columns, rows, width, height)
    target = np.ascontiguousarray(image[top : top + high, left : left + wide])
    if (wide, high) == (width, height):
        return target
    return np.asarray(cv2.resize(target, (width, height), interpolation=cv2.INTER_AREA), dtype=np.uint8)
