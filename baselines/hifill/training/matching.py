"""What cells should be copied: losses on the attention itself, taught by the original (not the paper's).

The paper's attention learns from the pictures that are decoded from it, over hundreds of thousands of steps.
These losses tell it directly, within hundreds, what residual aggregation needs of it.
"""

from typing import Final

import torch
import torch.nn.functional as F
from torch import Tensor

from baselines.hifill.network.attention import CELL_PX, transfer

COLOUR_SPREAD: Final = 0.15
DETAIL_SPREAD: Final = 0.4
TEXTURE_PX: Final = 15
_DETAIL_PX = 5
_LEAST_DETAIL = 0.01
_LEAST_WEIGHT = 1e-12


def detail(image: Tensor) -> Tensor:
    """Subtract its local mean from a picture: float ``(B, 3, S, S)``."""
    return image - _mean(image, _DETAIL_PX)


def texture(image: Tensor) -> Tensor:
    """Subtract a wider mean, taken twice for a smooth cut, from a picture: float ``(B, 3, S, S)``."""
    return image - _mean(_mean(image, TEXTURE_PX), TEXTURE_PX)


def _mean(image: Tensor, side: int) -> Tensor:
    padded = F.pad(image, (side // 2,) * 4, mode="replicate")
    return F.avg_pool2d(padded, side, 1)


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
    strength = (strength + _LEAST_DETAIL).log()
    # The four quarters count together as much as one colour.
    return torch.cat((colours / (2 * COLOUR_SPREAD), strength / DETAIL_SPREAD), 1).flatten(2).transpose(1, 2)


def missing_fraction(mask: Tensor) -> Tensor:
    """Compute the fraction of every cell that is missing: float ``(B, N)`` from a mask ``(B, 1, S, S)``."""
    return F.avg_pool2d(mask, CELL_PX).flatten(1)


def teacher_loss(attention: Tensor, real: Tensor, mask: Tensor, valid: Tensor, sharpness: float) -> Tensor:
    """Compute the cross-entropy of the attention of missing cells to a teacher that has seen what is missing.

    Args:
        attention: float ``(B, N, N)``.
        real: float ``(B, 3, S, S)`` in [-1, 1], the originals.
        mask: float ``(B, 1, S, S)``, 1 = hole.
        valid: float ``(B, N)``, 1 = may be copied.
        sharpness: of the teacher's preferences, over half the squared distance of `describe`.

    Returns:
        Scalar: mean over missing cells, weighted with the fraction of them that is missing.
    """
    described = describe(real)
    distance = torch.cdist(described, described).square() * (sharpness / 2)
    preferred = torch.softmax(distance.neg().masked_fill(valid[:, None] == 0, -1e9), dim=-1)
    cross = -(preferred * attention.clamp_min(_LEAST_WEIGHT).log()).sum(-1)
    weights = missing_fraction(mask) * valid.amax(1, keepdim=True)
    return (cross * weights).sum() / weights.sum().clamp_min(1)


def copy_loss(attention: Tensor, real: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
    """Compare the detail that the attention mixes with the missing one.

    Args:
        attention: float ``(B, N, N)``.
        real: float ``(B, 3, S, S)`` in [-1, 1].
        mask: float ``(B, 1, S, S)``, 1 = hole.

    Returns:
        Means over missing cells, weighted with the fraction of them that is missing: the distance between the
        logarithms of the strengths of detail, and the absolute error over the strength of what is missing.
    """
    original = F.unfold(detail(real), CELL_PX, stride=CELL_PX).transpose(1, 2)
    mixed = attention @ original
    strength, mixed_strength = (d.abs().mean(-1) + _LEAST_DETAIL / 2 for d in (original, mixed))
    error = (mixed - original).abs().mean(-1) / strength
    weights = missing_fraction(mask) / missing_fraction(mask).sum().clamp_min(1)
    distance = (mixed_strength.log() - strength.log()).abs()
    return (distance * weights).sum(), (error * weights).sum()


def draw_loss(drawn: Tensor, attention: Tensor, real: Tensor) -> Tensor:
    """Measure how far what the decoder draws is from what the attention copies.

    The decoder gets features that the attention has moved; its teacher moves the texture itself. Known cells
    take part: they hold most of the pixels, and the decoder does not tell them apart.

    Args:
        drawn: float ``(B, 3, S, S)``, what the refine stage adds to its start.
        attention: float ``(B, N, N)``; no gradient reaches it.
        real: float ``(B, 3, S, S)`` in [-1, 1].

    Returns:
        Scalar: mean absolute difference.
    """
    with torch.no_grad():
        copied = transfer(texture(real), attention.float(), CELL_PX)
    return (drawn - copied).abs().mean()
