"""MobileOne encoder with a fourth input channel for the mask."""

from torch import Tensor, nn

from .layers import RepConv, Separable

_DEPTHS = (2, 8, 10, 1)


class Encoder(nn.Module):
    """Five feature maps at strides 2, 4, 8, 16 and 32.

    Args:
        channels: of the five maps.
        excite: squeeze and excitation in the last five blocks of stride 16 and in the block of stride 32, as
            in MobileOne-S4.
        inputs: channels of the picture; four with the mask.
    """

    def __init__(self, channels: tuple[int, ...], *, excite: bool, inputs: int = 4) -> None:
        super().__init__()
        self.channels = channels
        self.stem = RepConv(inputs, channels[0], 3, stride=2)
        gated = (0, 0, 5, 1) if excite else (0, 0, 0, 0)
        self.stages = nn.ModuleList(
            _stage(channels[k], channels[k + 1], _DEPTHS[k], gated[k]) for k in range(len(_DEPTHS))
        )

    def forward(self, x: Tensor) -> list[Tensor]:
        """Map ``(B, inputs, H, W)``, sides multiples of 32, to the five maps, finest first."""
        maps = [self.stem(x)]
        for stage in self.stages:
            maps.append(stage(maps[-1]))
        return maps


def _stage(inputs: int, outputs: int, depth: int, gated: int) -> nn.Sequential:
    blocks = [
        Separable(outputs if k else inputs, outputs, stride=1 if k else 2, excite=k >= depth - gated)
        for k in range(depth)
    ]
    return nn.Sequential(*blocks)
