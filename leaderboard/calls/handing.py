"""Hand a method its inputs before the clock starts."""

from typing import Any

import numpy as np
import numpy.typing as npt


def hand_over(
    method: Any, image: npt.NDArray[np.uint8], mask: npt.NDArray[np.bool_], *, keep: bool = False
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.bool_]]:
    """Inputs where the method reads them: putting them there is the harness's work and not the method's.

    Args:
        method: one in a process of its own offers ``inputs(height, width)``, arrays that it shares with it.
        image: uint8 RGB ``(H, W, 3)``.
        mask: bool ``(H, W)``.
        keep: whether the arrays given must survive a method that writes to its inputs.

    Returns:
        The arrays to call it with; where it offers none those given, or copies of what is to be kept.
    """
    offered = getattr(method, "inputs", None)
    if not callable(offered):
        return (image.copy(), mask.copy()) if keep else (image, mask)
    own_image, own_mask = offered(*mask.shape)
    np.copyto(own_image, image)
    np.copyto(own_mask, mask)
    return own_image, own_mask
