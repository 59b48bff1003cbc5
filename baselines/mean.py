"""The floor of the table: one colour."""

import numpy as np

from .base import Image, Mask, MethodCard, check_inputs

_NEUTRAL = np.uint8(128)


class MeanFill:
    """Fill the hole with the mean colour of the known region; with mid-grey when nothing is known."""

    card = MethodCard(
        name="mean",
        version="1",
        summary="mean colour of the known region",
        source="the constant of least squared error",
        licence="Apache-2.0",
    )

    def __call__(self, image: Image, mask: Mask) -> Image:
        """Fill the hole; see `baselines.Inpainter`."""
        check_inputs(image, mask)
        known = image.shape[0] * image.shape[1] - int(np.count_nonzero(mask))
        output = image.copy()
        if known == 0:
            output[:] = _NEUTRAL
            return output
        # Integer sums are exact; zeroing the hole first keeps what stands under it out of them.
        output[mask] = 0
        total = output.sum(axis=(0, 1), dtype=np.int64)
        output[mask] = np.rint(total / known).astype(np.uint8)
        return output


def mean(*, device: str = "cpu") -> MeanFill:  # noqa: ARG001 - factories share one signature
    """Load `MeanFill`."""
    return MeanFill()
