"""Losses that several methods train with."""

from torch import Tensor
from torch.nn import functional as F


def hole_l1(prediction: Tensor, target: Tensor, mask: Tensor, scales: int = 3) -> Tensor:
    """Average the absolute error inside each hole at full size and after halvings by mean, over all scales.

    Coarser scales ask for the right colour of whole regions, where the finest alone asks for a median. Every
    picture counts the same: over the batch's missing pixels together, large holes would drown small ones.
    """
    error, fraction = (prediction - target) * mask, mask
    total = error.new_zeros(())
    for scale in range(scales):
        if scale:
            error, fraction = F.avg_pool2d(error, 2), F.avg_pool2d(fraction, 2)
        total = total + (error.abs().mean(1).sum((1, 2)) / fraction.sum((1, 2, 3)).clamp_min(1)).mean()
    return total / scales
