"""RETHINED's training losses; none needs a downloaded network.

The authors published no losses. Everywhere images are float ``(B, 3, H, W)`` in [0, 1] and masks float
``(B, 1, H, W)``, 1 = missing.
"""

import torch
from torch import Tensor
from torch.nn import functional as F

from df8k.baselines.rethined.network.filters import LowPass
from df8k.baselines.rethined.network.geometry import PATCH

_MARGIN = PATCH // 2


def hole_token_mask(mask: Tensor) -> Tensor:
    """Find the tokens that the hole touches; bool ``(B, N)`` in row order, as in inference."""
    return F.max_pool2d(mask, PATCH).flatten(1) > 0


def valid_token_mask(mask: Tensor) -> Tensor:
    """Find the tokens that are known with half a token around them, inside the crop; bool ``(B, N)``."""
    padded = F.pad(mask, (_MARGIN,) * 4, value=1.0)
    return F.max_pool2d(padded, 2 * PATCH, PATCH).flatten(1) == 0


class Teacher:
    """Teacher of the matching: compares known patches with the missing ones on the original.

    What a source brings is its detail, everything above the frequency cut. Two details are compared by their
    octave below the cut pixel by pixel, where edges must meet, and by the strength of their gradients, where
    only the amount of texture counts. Comparing all detail pixel by pixel would prefer smooth patches to
    textured ones, because two textures never fall on one another.

    Args:
        low_pass: the network's frequency cut.
        texture: weight of the gradient strengths.
    """

    def __init__(self, low_pass: LowPass, texture: float) -> None:
        self._low_pass, self._texture = low_pass, texture

    @torch.no_grad()
    def describe(self, image: Tensor) -> Tensor:
        """Describe tokens so that squared distances are the costs; float ``(B, N, D)``."""
        low = self._low_pass(image)
        octave = F.avg_pool2d(image - low, 2)
        structure = F.pixel_unshuffle(octave, PATCH // 2).flatten(2)
        grey = (image - low).mean(1, keepdim=True)
        steps = (F.pad(grey.diff(dim=2), (0, 0, 0, 1)).abs(), F.pad(grey.diff(dim=3), (0, 1)).abs())
        strength = F.avg_pool2d(torch.cat(steps, dim=1), PATCH)
        texture = (strength + 1e-3).log().flatten(2)
        colour = F.avg_pool2d(low, PATCH // 2)
        colours = F.pixel_unshuffle(colour, 2).flatten(2)
        return torch.cat((structure, self._texture * texture, colours), dim=1).transpose(1, 2)


def match_loss(logits: Tensor, descriptions: Tensor, hole: Tensor, valid: Tensor, sharpness: float) -> Tensor:
    """Compute the cross-entropy between the matching of one picture and the teacher's preferences.

    Args:
        logits: ``(n, m)``, similarities of hole tokens to valid tokens, divided by the temperature.
        descriptions: ``(N, D)`` of all tokens of the original.
        hole: int64 ``(n,)``.
        valid: int64 ``(m,)``.
        sharpness: how strongly the teacher prefers near descriptions.
    """
    costs = torch.cdist(descriptions[hole], descriptions[valid]).square()
    preferred = F.softmax(-sharpness * costs, dim=1)
    return -(preferred * F.log_softmax(logits, dim=1)).sum(1).mean()


def focal_frequency(prediction: Tensor, target: Tensor) -> Tensor:
    """Compute the squared error of the spectra, weighted by its own size: what lacks most counts most.

    Source:
        Jiang et al., Focal Frequency Loss for Image Reconstruction and Synthesis, 2021, equations 6 to 8 with
        alpha = 1.
    """
    difference = torch.fft.fft2(prediction, norm="ortho") - torch.fft.fft2(target, norm="ortho")
    distance = difference.abs()
    weight = distance.detach() / distance.detach().amax((2, 3), keepdim=True).clamp_min(1e-12)
    loss: Tensor = (weight * distance.square()).mean()
    return loss
