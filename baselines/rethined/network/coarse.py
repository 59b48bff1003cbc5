"""Coarse stage in scales: dense residual networks at a quarter and at half of the working resolution.

Large shapes are drawn where they are small. Every scale sees a harmonic fill with what the scale before
has added to it, and adds a residual of its own. Dense 3 x 3 convolutions on few pixels cost less than
separable ones on many, in training most of all: matrix units run them near their limit.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .layers import Dense


@dataclass(frozen=True)
class ScaleSize:
    """Widths of one scale.

    Attributes:
        channels: at strides 2, 4, 8 and 16 of the scale's pixels.
        depth: residual blocks at stride 16.
    """

    channels: tuple[int, int, int, int]
    depth: int


class Scaled(NamedTuple):
    """Result of one scale.

    Attributes:
        fill: ``(B, 3, h, w)``, harmonic fill and residual at the scale's pixels.
        residual: ``(B, 3, h, w)``, all that the scales up to this one add to the harmonic fill.
        features: ``(B, C, h / 4, w / 4)``, decoder features.
    """

    fill: Tensor
    residual: Tensor
    features: Tensor


class Coarse(nn.Module):
    """Residual networks from coarse to fine; the finest sees half of the working resolution.

    Args:
        sizes: of the scales, coarsest first; each halves the reduction of the one before.
    """

    def __init__(self, sizes: Sequence[ScaleSize]) -> None:
        super().__init__()
        self.scales = nn.ModuleList(
            UNet(7 if number else 4, size.channels, size.depth) for number, size in enumerate(sizes)
        )

    def forward(self, smooth: Tensor, mask: Tensor, count: int | None = None) -> list[Scaled]:
        """Fill scale by scale.

        Args:
            smooth: float ``(B, 3, h, w)`` in [0, 1], the harmonic fill at the pixels of the finest scale that
                is run; sides are multiples of 16 at the coarsest.
            mask: float ``(B, 1, h, w)``, missing fraction of each pixel.
            count: of scales to run; ``None`` for all.

        Returns:
            Results of the scales, coarsest first.
        """
        results: list[Scaled] = []
        networks = list(self.scales)[:count]
        for number, network in enumerate(networks):
            base, hole = smooth, mask
            for _ in networks[number + 1 :]:
                base, hole = F.avg_pool2d(base, 2), F.avg_pool2d(hole, 2)
            if results:
                before = double_sides(results[-1].residual) * hole
                added, features = network(torch.cat((base + before - 0.5, before, hole), dim=1))
                residual = before + added * hole
            else:
                added, features = network(torch.cat((base - 0.5, hole), dim=1))
                residual = added * hole
            results.append(Scaled(base + residual, residual, features))
        return results


def halve(smooth: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
    """Halve a harmonic fill and its mask; a pixel of which any part is missing is missing.

    Args:
        smooth: ``(B, 3, H, W)``.
        mask: ``(B, 1, H, W)``, 0 or 1.
    """
    return F.avg_pool2d(smooth, 2), 1 - (1 - 4 * F.avg_pool2d(mask, 2)).relu()


def double_sides(image: Tensor) -> Tensor:
    """Double the sides of ``(B, C, h, w)``, bilinearly."""
    return F.interpolate(image, scale_factor=2.0, mode="bilinear", align_corners=False)


class UNet(nn.Module):
    """Dense U-Net that starts at zero.

    Args:
        inputs: input channels.
        channels: at strides 2, 4, 8 and 16.
        depth: residual blocks at stride 16.
    """

    def __init__(self, inputs: int, channels: tuple[int, int, int, int], depth: int) -> None:
        super().__init__()
        a, b, c, d = channels
        self.stem = Dense(inputs, a, 4, stride=2)
        self.down = nn.ModuleList(
            nn.Sequential(Dense(fine, coarse, 3, stride=2), *(Residual(coarse) for _ in range(blocks)))
            for fine, coarse, blocks in ((a, b, 1), (b, c, 1), (c, d, depth))
        )
        self.reduce = nn.ModuleList(
            Dense(coarse, fine, 1, active=False) for fine, coarse in ((c, d), (b, c), (a, b))
        )
        self.up = nn.ModuleList(Residual(fine) for fine in (c, b, a))
        self.head = nn.Conv2d(a, 12, 3, padding=1)
        # A fresh network returns the harmonic fill unchanged; learning starts from there and not from noise.
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)  # type: ignore[arg-type] # typed Tensor | None, present by default

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Map ``(B, inputs, h, w)``, sides multiples of 16.

        Returns:
            Residual ``(B, 3, h, w)``, and the decoder's features at stride 4.
        """
        maps = [self.stem(x)]
        for down in self.down:
            maps.append(down(maps[-1]))
        levels = []
        y = maps.pop()
        for reduce, up in zip(self.reduce, self.up, strict=True):
            y = up(F.interpolate(reduce(y), scale_factor=2.0, mode="nearest") + maps.pop())
            levels.append(y)
        return F.pixel_shuffle(self.head(y), 2), levels[1]


class Residual(nn.Module):
    """Dense 3 x 3 convolution beside the identity."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = Dense(channels, channels, 3)

    def forward(self, x: Tensor) -> Tensor:
        """Map ``(B, C, h, w)`` to the same shape."""
        y: Tensor = x + self.conv(x)
        return y
