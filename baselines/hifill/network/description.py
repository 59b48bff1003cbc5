"""What a cell looks like, in numbers that distances can be taken of."""

import torch
import torch.nn.functional as F
from torch import Tensor

from .geometry import CELL_PX, COLOUR_SPREAD, DETAIL_SPREAD, LEAST_DETAIL


def describe(image: Tensor) -> Tensor:
    """Describe colour and strength of detail of every cell, in units of what is a noticeable difference.

    Args:
        image: float ``(B, 3, S, S)`` in [-1, 1], S a multiple of 16.

    Returns:
        float ``(B, N, 14)``: mean colours of the cell's quarters; logarithms of the mean horizontal and
        vertical difference of neighbours.
    """
    colours = F.pixel_unshuffle(F.avg_pool2d(image, CELL_PX // 2), 2)
    across = F.pad(image.diff(dim=-1), (0, 1)).abs().mean(1, keepdim=True)
    down = F.pad(image.diff(dim=-2), (0, 0, 0, 1)).abs().mean(1, keepdim=True)
    strength = F.avg_pool2d(torch.cat((across, down), 1), CELL_PX)
    strength = (strength + LEAST_DETAIL).log()
    # The four quarters count together as much as one colour.
    return torch.cat((colours / (2 * COLOUR_SPREAD), strength / DETAIL_SPREAD), 1).flatten(2).transpose(1, 2)
