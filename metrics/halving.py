"""Half-size images and masks on the exact integer pyramid that the multi-scale metrics share."""

from typing import Any

import numpy as np
import numpy.typing as npt

from .pair import in_strips

_STRIP_ROWS = 64


def halve(image: npt.NDArray[Any]) -> npt.NDArray[np.uint16]:
    """Sum every 2 x 2 block; an odd last row or column is left out.

    Sums instead of means keep the pyramid exact: after the four halvings of MS-SSIM a sample is at most
    255 x 256, which still fits 16 bits.

    Args:
        image: uint8 or uint16 ``(H, W, 3)``.

    Returns:
        uint16 ``(H // 2, W // 2, 3)``.
    """
    from .kernels.halving import add_quads

    height, width = image.shape[0] // 2, image.shape[1] // 2
    out = np.empty((height, width, 3), np.uint16)

    def work(first: int, last: int) -> None:
        add_quads(image[2 * first : 2 * last], out[first:last])

    in_strips(work, height, _STRIP_ROWS)
    return out


def halve_mask(mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Mark a block of 2 x 2 pixels as missing where any of them is; an odd last row or column is left out.

    Args:
        mask: bool ``(H, W)``, ``True`` = missing.

    Returns:
        bool ``(H // 2, W // 2)``.
    """
    height, width = mask.shape[0] // 2 * 2, mask.shape[1] // 2 * 2
    even = mask[:height, :width]
    halved: npt.NDArray[np.bool_] = even[::2, ::2] | even[1::2, ::2] | even[::2, 1::2] | even[1::2, 1::2]
    return halved


def halve_mask_rounding_up(mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Halve a mask as `halve_mask` does, with an odd last row or column as a block of its own.

    Args:
        mask: bool ``(H, W)``, ``True`` = missing.

    Returns:
        bool ``((H + 1) // 2, (W + 1) // 2)``.
    """
    return halve_mask(np.pad(mask, ((0, mask.shape[0] % 2), (0, mask.shape[1] % 2))))
