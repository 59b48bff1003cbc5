"""From a dataset image to what a method sees at one size."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

import cv2
import numpy as np
import numpy.typing as npt
from pydantic import Field

from df8k.dataset import Sample

from .errors import LeaderboardError

# A side length in pixels, or the image as it is.
Size = Annotated[int, Field(ge=16)] | Literal["native"]


def size_order(size: Size) -> tuple[bool, int]:
    """Sort key: side lengths ascending, then native."""
    return (True, 0) if size == "native" else (False, size)


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
        image = self.target.copy()
        image[self.mask] = 0
        return image, self.mask.copy()

    def composite(self, output: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
        """The output in the hole, the original's known pixels elsewhere."""
        return np.where(self.mask[..., None], output, self.target)

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
    return size == "native" or min(int(metadata["width"]), int(metadata["height"])) >= size


def make_task(sample: Sample, size: Size) -> Task:
    """The image at a size: `square_task`, or the image and its stored mask as they are.

    Raises:
        LeaderboardError: the sample has no mask.
    """
    if size != "native":
        return square_task(sample, size)
    mask = sample.mask
    if mask is None:
        raise _without_mask(sample)
    return Task(sample.image, mask)


def _without_mask(sample: Sample) -> LeaderboardError:
    return LeaderboardError(f"image {sample.id} has no mask: only the test split has masks")


def square_task(sample: Sample, size: int) -> Task:
    """Centre square crop, area downsampling to ``size``, and the mask of the same square at that size.

    Args:
        sample: an image with a mask.
        size: side length in pixels.

    Raises:
        LeaderboardError: the sample has no mask.
    """
    vector = sample.vector
    if vector is None:
        raise _without_mask(sample)
    image = sample.image
    height, width, _ = image.shape
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    target = np.ascontiguousarray(image[top : top + side, left : left + side])
    if side != size:
        target = np.asarray(cv2.resize(target, (size, size), interpolation=cv2.INTER_AREA), dtype=np.uint8)
    return Task(target, vector.centre_square(width, height).rasterize(size, size))
