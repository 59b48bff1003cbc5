"""HiFill's two-stage generator at 512 x 512, layer by layer as in the authors' released graph."""

from dataclasses import dataclass
from typing import Final, NamedTuple

import torch
from torch import Tensor, nn

from baselines.base import MethodError

from .attention import compute_attention, transfer, valid_keys
from .layers import Gate, GatedConv2d, enlarge

SIZE: Final = 512


@dataclass(frozen=True)
class Layer:
    """One gated convolution: name in the official checkpoint and shape."""

    name: str
    channels_in: int
    channels_out: int
    kernel: int = 3
    stride: int = 1
    dilation: int = 1
    upsample: bool = False


_DILATIONS = (1, 1, 1, 2, 2, 2, 2, 2, 4, 4, 4, 4, 8, 8)

COARSE: Final[tuple[Layer, ...]] = (
    Layer("c_en_down_128", 4, 32, 5, stride=2),
    Layer("c_en_conv_128", 32, 32),
    Layer("c_en_down_64", 32, 64, stride=2),
    *(Layer(f"c_en_conv{i}_64", 64, 64) for i in (1, 2, 3)),
    *(Layer(f"c_dil_d{i}", 64, 64, dilation=d) for i, d in enumerate(_DILATIONS, 1)),
    *(Layer(f"c_de_conv{i}_64", 64, 64) for i in (1, 2, 3)),
    Layer("c_de_up_128", 64, 32, upsample=True),
    Layer("c_de_conv_128", 32, 32),
    Layer("c_de_toRGB", 32, 3, upsample=True),
)
"""The coarse stage, in the order in which it runs."""

REFINE: Final[tuple[Layer, ...]] = (
    Layer("re_en_down_256", 4, 32, stride=2),
    Layer("re_en_conv_256", 32, 32),
    Layer("re_en_down_128", 32, 64, stride=2),
    Layer("re_en_conv_128", 64, 64),
    Layer("re_en_down_64", 64, 128, stride=2),
    Layer("re_en_conv_64", 128, 128),
    *(Layer(f"re_dil_d{d}", 128, 128, dilation=d) for d in (1, 2, 4, 8, 16)),
    Layer("re_att_64_att1", 128, 128),
    Layer("re_att_64_att3", 256, 128),
    Layer("re_de_up__128", 128, 64, upsample=True),
    Layer("re_de_conv_128", 64, 64),
    Layer("re_de_att_128_1", 64, 64),
    Layer("re_de_att_128_2", 64, 64, dilation=2),
    Layer("re_de_up__256", 128, 32, upsample=True),
    Layer("re_de_conv_256", 32, 32),
    Layer("re_de_att_256_1", 32, 32),
    Layer("re_de_att_256_2", 32, 32, dilation=2),
    Layer("re_de_toRGB__256", 64, 3, upsample=True),
)
"""The refine stage, in the order in which the graph creates it."""


class Filled(NamedTuple):
    """What the generator returns.

    Attributes:
        coarse: float ``(B, 3, 512, 512)`` in [-1, 1], the first stage.
        refined: float ``(B, 3, 512, 512)`` in [-1, 1], the second stage; known pixels are repainted too.
        attention: float ``(B, 1024, 1024)``, see `baselines.hifill.attention`.
    """

    coarse: Tensor
    refined: Tensor
    attention: Tensor


def _stage(layers: tuple[Layer, ...], gate: Gate) -> nn.ModuleDict:
    return nn.ModuleDict(
        {
            layer.name: GatedConv2d(
                layer.channels_in,
                layer.channels_out,
                layer.kernel,
                stride=layer.stride,
                dilation=layer.dilation,
                gate=gate,
                upsample=layer.upsample,
            )
            for layer in layers
        }
    )


class Generator(nn.Module):
    """Coarse and refine stage with shared attention; 2,722,791 parameters with the released gates.

    Images are BGR in [-1, 1] with zeros under the hole, as the official weights expect them. The gates of
    the release are ``sc`` for the coarse stage and ``pw`` for the refine stage; others serve the paper's
    ablation.
    """

    def __init__(self, *, coarse_gate: Gate = "sc", refine_gate: Gate = "pw") -> None:
        super().__init__()
        self.coarse_gate, self.refine_gate = coarse_gate, refine_gate
        self.coarse = _stage(COARSE, coarse_gate)
        self.refine = _stage(REFINE, refine_gate)

    def forward(self, image: Tensor, mask: Tensor) -> Filled:
        """Fill the hole of 512 x 512 images.

        Args:
            image: float ``(B, 3, 512, 512)``, BGR in [-1, 1]; the hole is zeroed here.
            mask: float ``(B or 1, 1, 512, 512)``, 1 = hole, 0 = known.

        Raises:
            MethodError: another size or channel count.
        """
        if image.shape[1:] != (3, SIZE, SIZE) or mask.shape[1:] != (1, SIZE, SIZE):
            raise MethodError(
                f"HiFill's network works on image (B, 3, {SIZE}, {SIZE}) and mask (B, 1, {SIZE}, {SIZE}); "
                f"got {tuple(image.shape)} and {tuple(mask.shape)}"
            )
        known = image * (1 - mask)
        holes = mask.expand(image.shape[0], -1, -1, -1)
        coarse = self._run_coarse(torch.cat((known, holes), 1))
        composite = coarse * mask + known
        refined, attention = self._run_refine(torch.cat((composite, holes), 1), valid_keys(mask))
        return Filled(coarse, refined, attention)

    def _run_coarse(self, x: Tensor) -> Tensor:
        x = x[..., ::2, ::2]  # TensorFlow 1's bilinear rule at half size reads every second pixel
        for layer in self.coarse.values():
            x = layer(x)
        return enlarge(x.clamp(-1, 1), 2)

    def _run_refine(self, x: Tensor, valid: Tensor) -> tuple[Tensor, Tensor]:
        run = self.refine
        x256 = run["re_en_conv_256"](run["re_en_down_256"](x))
        x128 = run["re_en_conv_128"](run["re_en_down_128"](x256))
        x64 = run["re_en_conv_64"](run["re_en_down_64"](x128))
        for dilation in (1, 2, 4, 8, 16):
            x64 = run[f"re_dil_d{dilation}"](x64)

        attention = compute_attention(x64, valid)
        moved = run["re_att_64_att1"](transfer(x64, attention, 3))
        x = run["re_att_64_att3"](torch.cat((x64, moved), 1))
        x = run["re_de_conv_128"](run["re_de_up__128"](x))
        moved = run["re_de_att_128_1"](transfer(x128, attention, 8))
        x = torch.cat((run["re_de_att_128_2"](moved), x), 1)
        x = run["re_de_conv_256"](run["re_de_up__256"](x))
        moved = run["re_de_att_256_1"](transfer(x256, attention, 16))
        x = torch.cat((run["re_de_att_256_2"](moved), x), 1)
        return run["re_de_toRGB__256"](x).clamp(-1, 1), attention
