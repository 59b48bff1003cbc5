"""What cells should be copied: losses on the attention itself, taught by the original (not the paper's).

The paper's attention learns from the pictures that are decoded from it, over hundreds of thousands of steps.
These losses tell it directly, within hundreds, what residual aggregation needs of it.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from df8k.baselines.hifill.network.description import describe
from df8k.baselines.hifill.network.geometry import CELL_PX, LEAST_DETAIL

_DETAIL_PX = 5
_LEAST_WEIGHT = 1e-12


def detail(image: Tensor) -> Tensor:
    """Subtract its local mean from a picture: float ``(B, 3, S, S)``."""
    return image - _mean(image, _DETAIL_PX)


def _mean(image: Tensor, side: int) -> Tensor:
    padded = F.pad(image, (side // 2,) * 4, mode="replicate")
    return F.avg_pool2d(padded, side, 1)


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
    strength, mixed_strength = (d.abs().mean(-1) + LEAST_DETAIL / 2 for d in (original, mixed))
    error = (mixed - original).abs().mean(-1) / strength
    weights = missing_fraction(mask) / missing_fraction(mask).sum().clamp_min(1)
    distance = (mixed_strength.log() - strength.log()).abs()
    return (distance * weights).sum(), (error * weights).sum()
