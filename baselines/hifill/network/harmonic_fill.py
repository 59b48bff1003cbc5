"""Harmonic fills: one for the network to start from, and Poisson blending of its result at the boundary."""

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from df8k.baselines.base import Image, Mask
from df8k.baselines.multigrid import hierarchy, solve
from df8k.baselines.multigrid.planes import add_change, cut_out, read_change

if TYPE_CHECKING:
    from torch import Tensor


def harmonic_start(image: "Tensor", mask: "Tensor") -> "Tensor":
    """Fill holes with the harmonic functions of their boundary values.

    Solved on the CPU whatever the device; no gradient passes.

    Args:
        image: float ``(B, 3, H, W)``; what lies under the mask is not read.
        mask: float ``(B, 1, H, W)``, 1 = hole. An image that is all hole becomes zero.

    Returns:
        float32 ``(B, 3, H, W)`` on the image's device.
    """
    import torch

    planes = np.array(image.detach().float().cpu().numpy(), order="C")
    for picture, hole in zip(planes, mask[:, 0].cpu().numpy() > 0, strict=True):
        fill_planes(picture, hole)
    return torch.from_numpy(planes).to(image.device)


def fill_planes(planes: npt.NDArray[np.float32], hole: Mask) -> None:
    """Fill a hole in place with the harmonic functions of its boundary values.

    Args:
        planes: float32 ``(C, H, W)``; what lies in the hole is not read. Zero where everything is hole.
        hole: bool ``(H, W)``.
    """
    if hole.all():
        planes[:] = 0
    elif hole.any():
        levels = hierarchy(np.ascontiguousarray(hole))
        for plane in planes:
            solve(plane, levels)


def poisson_blend(output: Image, image: Image, mask: Mask) -> None:
    """Shift a filled hole smoothly so that it meets the known pixels around it.

    What the fill is off by on the pixels beside the hole is continued into it by a harmonic fill and added.

    Source:
        Perez et al., Poisson Image Editing, 2003, equation 7: pasting with the pasted picture's gradients.

    Args:
        output: uint8 ``(H, W, 3)``, the fill under the mask and on the pixels that touch it, the picture
            elsewhere; changed in place to the fill under the mask and the picture elsewhere.
        image: uint8 ``(H, W, 3)``, the picture; not read under the mask.
        mask: bool ``(H, W)``, True = missing.
    """
    if mask.all() or not mask.any():
        return
    hole, top, left = cut_out(mask)
    levels, plane = hierarchy(hole), np.empty(hole.shape, np.float32)
    for channel in range(3):
        read_change(plane, image, output, hole, channel, top, left)
        solve(plane, levels)
        add_change(output, image, plane, hole, channel, top, left)
