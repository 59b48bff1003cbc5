"""The global critic that HiFill is trained against (paper, section 3.4)."""

from itertools import pairwise
from typing import Final

import torch.nn.functional as F
from torch import Tensor, nn

from .layers import SameConv2d

CHANNELS: Final = (3, 64, 128, 256, 256, 256, 256)
_SLOPE = 0.2


class Discriminator(nn.Module):
    """Six 5x5 convolutions of stride 2 and a dense layer; 5,961,601 parameters, no normalisation.

    The dense layer reads its input in the order height, width, channel, as the official weights have it.
    """

    def __init__(self) -> None:
        super().__init__()
        pairs = pairwise(CHANNELS)
        self.convs = nn.ModuleList(SameConv2d(before, after, 5, 2) for before, after in pairs)
        self.linear = nn.Linear(8 * 8 * CHANNELS[-1], 1)

    def forward(self, image: Tensor) -> Tensor:
        """Score whole images.

        Args:
            image: float ``(B, 3, 512, 512)``, BGR in [-1, 1].

        Returns:
            float ``(B, 1)``, unbounded: higher is more like a photograph.
        """
        x = image
        for conv in self.convs:
            x = F.leaky_relu(conv(x), _SLOPE)
        scores: Tensor = self.linear(x.permute(0, 2, 3, 1).flatten(1))
        return scores
