"""The light decoder: coarse residual at full working resolution, features at stride 8."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .layers import RepConv, Separable


class Decoder(nn.Module):
    """Four levels up, each: reduce by 1 x 1, enlarge by 2, join the encoder's map, a few separable blocks.

    Args:
        encoder: channels of the encoder's five maps.
        channels: of the four levels, at strides 16, 8, 4 and 2.
        depths: separable blocks of each level.
    """

    def __init__(self, encoder: tuple[int, ...], channels: tuple[int, ...], depths: tuple[int, ...]) -> None:
        super().__init__()
        inputs = (encoder[-1], *channels[:-1])
        skips = encoder[-2::-1]
        self.reduce = nn.ModuleList(RepConv(a, b, 1) for a, b in zip(inputs, channels, strict=True))
        self.blocks = nn.ModuleList(
            nn.Sequential(*(Separable(c if k else c + skip, c) for k in range(depth)))
            for c, skip, depth in zip(channels, skips, depths, strict=True)
        )
        self.head = nn.Conv2d(channels[-1], 12, 3, padding=1)
        # A fresh network returns the membrane unchanged; learning starts from there and not from noise.
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)  # type: ignore[arg-type] # typed Tensor | None, present by default

    def forward(self, maps: list[Tensor]) -> tuple[Tensor, Tensor]:
        """Decode the encoder's maps.

        Returns:
            The residual over the membrane ``(B, 3, H, W)`` and the features at stride 8.
        """
        x, skips = maps[-1], maps[-2::-1]
        levels = []
        for reduce, blocks, skip in zip(self.reduce, self.blocks, skips, strict=True):
            x = F.interpolate(reduce(x), scale_factor=2.0, mode="nearest")
            x = blocks(torch.cat((x, skip), dim=1))
            levels.append(x)
        return F.pixel_shuffle(self.head(x), 2), levels[1]
