"""HiFill's two-stage generator at 512 x 512, layer by layer as in the authors' released graph."""

from dataclasses import dataclass
from typing import Final, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from df8k.baselines.base import MethodError

from .attention import compute_attention, transfer, valid_keys
from .geometry import HEAD, REDUCTIONS, Gate, Start
from .harmonic_fill import harmonic_start
from .layers import GatedConv2d, enlarge


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
    """Result of the generator.

    Attributes:
        coarse: float ``(B, 3, S, S)``, the first stage; in [-1, 1] where the start is zeros.
        refined: float ``(B, 3, S, S)`` in [-1, 1], the second stage; known pixels are repainted too.
        attention: float ``(B, N, N)``, see `baselines.hifill.attention`.
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

    Images are BGR in [-1, 1]. The gates of the release are ``sc`` for the coarse stage and ``pw`` for the
    refine stage; others serve the paper's ablation.

    Args:
        coarse_gate: gates of the coarse stage.
        refine_gate: gates of the refine stage.
        start: what the hole holds at first. ``zeros`` is the paper's, and what the official weights expect.
            With ``membrane`` it is a harmonic fill; the coarse stage returns what is to be added to that,
            the refine stage what is to be added to the coarse result.
        reduction: pixels along a side that the coarse stage sees as one. 2 is the paper's, which reads every
            second pixel; 4 and 8, for ``membrane``, take means.
    """

    def __init__(
        self,
        *,
        coarse_gate: Gate = "sc",
        refine_gate: Gate = "pw",
        start: Start = "zeros",
        reduction: int = 2,
    ) -> None:
        super().__init__()
        if reduction not in REDUCTIONS or (start == "zeros" and reduction != REDUCTIONS[0]):
            raise MethodError(
                f"HiFill's coarse stage cannot take {reduction} pixels as one from {start!r}: "
                f"expected {REDUCTIONS[0]}, or with 'membrane' one of {', '.join(map(str, REDUCTIONS))}"
            )
        self.coarse_gate, self.refine_gate, self.start = coarse_gate, refine_gate, start
        self.reduction = reduction
        self.coarse = _stage(COARSE, coarse_gate)
        self.refine = _stage(REFINE, refine_gate)

    def forward(self, image: Tensor, mask: Tensor) -> Filled:
        """Fill the hole of square images; at inference they have 512 x 512 pixels.

        Args:
            image: float ``(B, 3, S, S)``, BGR in [-1, 1]; the hole is zeroed here. S is a multiple of 64.
            mask: float ``(B or 1, 1, S, S)``, 1 = hole, 0 = known.

        Raises:
            MethodError: another shape.
        """
        side = image.shape[-1]
        if side % 64 or image.shape[1:] != (3, side, side) or mask.shape[1:] != (1, side, side):
            raise MethodError(
                f"HiFill's network works on image (B, 3, S, S) and mask (B, 1, S, S), S a multiple of 64; "
                f"got {tuple(image.shape)} and {tuple(mask.shape)}"
            )
        holes = mask.expand(image.shape[0], -1, -1, -1)
        coarse, encoded, attention = self.before_decoder(self._begin(image * (1 - mask), holes), mask)
        if self._silent():
            refined = coarse
        else:
            refined = self._decode(encoded, attention)
            if self.start == "membrane":
                refined = refined + coarse
        return Filled(coarse, refined.clamp(-1, 1), attention)

    def before_decoder(
        self, begun: Tensor, mask: Tensor
    ) -> tuple[Tensor, tuple[Tensor, Tensor, Tensor], Tensor]:
        """Run all but the decoder, which adds nothing before it is trained, with a start of membrane.

        Args:
            begun: float ``(B, 3, S, S)``, BGR in [-1, 1], the hole as the start leaves it.
            mask: float ``(B or 1, 1, S, S)``, 1 = hole.

        Returns:
            coarse result, features for the decoder, attention.
        """
        known = begun * (1 - mask)
        holes = mask.expand(begun.shape[0], -1, -1, -1)
        coarse = self._coarse_of(begun, holes)
        encoded = self._encode(torch.cat((coarse * mask + known, holes), 1))
        return coarse, encoded, _attend(encoded[-1], mask)

    def fill_coarsely(self, image: Tensor, mask: Tensor) -> Tensor:
        """Run the coarse stage alone on images that have its own pixels already, with a start of membrane.

        Args:
            image: float ``(B, 3, s, s)``, BGR in [-1, 1], s a multiple of 4; the hole is zeroed here.
            mask: float ``(B, 1, s, s)``, 1 = hole.

        Returns:
            float ``(B, 3, s, s)``.
        """
        begun = harmonic_start(image * (1 - mask), mask)
        return begun + self._run_coarse(torch.cat((begun, mask), 1))

    def attend(self, image: Tensor, mask: Tensor) -> Tensor:
        """Compute the attention alone; no gradient reaches the coarse stage. Arguments as of `forward`.

        Returns:
            float ``(B, N, N)``, see `baselines.hifill.attention`.
        """
        known, holes = image * (1 - mask), mask.expand(image.shape[0], -1, -1, -1)
        with torch.no_grad():
            coarse = self._coarse_of(self._begin(known, holes), holes)
        return _attend(self._encode(torch.cat((coarse * mask + known, holes), 1))[-1], mask)

    def _silent(self) -> bool:
        """Find out whether the decoder adds nothing: before it is trained, with a start of membrane."""
        if self.start != "membrane" or torch.is_grad_enabled():
            return False
        return not any(self.get_parameter(name).any() for name in HEAD)

    def _begin(self, known: Tensor, holes: Tensor) -> Tensor:
        return known if self.start == "zeros" else harmonic_start(known, holes)

    def _coarse_of(self, begun: Tensor, holes: Tensor) -> Tensor:
        if self.reduction == REDUCTIONS[0]:
            # TensorFlow 1's bilinear rule at half size reads every second pixel.
            coarse = enlarge(self._run_coarse(torch.cat((begun, holes), 1)[..., ::2, ::2]), 2)
        else:
            reduced = F.avg_pool2d(begun, self.reduction), F.max_pool2d(holes, self.reduction)
            coarse = F.interpolate(
                self._run_coarse(torch.cat(reduced, 1)), scale_factor=self.reduction, mode="bilinear"
            )
        return coarse if self.start == "zeros" else coarse + begun

    def _run_coarse(self, x: Tensor) -> Tensor:
        for layer in self.coarse.values():
            x = layer(x)
        return x.clamp(-1, 1)

    def _encode(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        run = self.refine
        x256 = run["re_en_conv_256"](run["re_en_down_256"](x))
        x128 = run["re_en_conv_128"](run["re_en_down_128"](x256))
        x64 = run["re_en_conv_64"](run["re_en_down_64"](x128))
        for dilation in (1, 2, 4, 8, 16):
            x64 = run[f"re_dil_d{dilation}"](x64)
        return x256, x128, x64

    def _decode(self, encoded: tuple[Tensor, Tensor, Tensor], attention: Tensor) -> Tensor:
        run = self.refine
        x256, x128, x64 = encoded
        moved = run["re_att_64_att1"](transfer(x64, attention, 3))
        x = run["re_att_64_att3"](torch.cat((x64, moved), 1))
        x = run["re_de_conv_128"](run["re_de_up__128"](x))
        moved = run["re_de_att_128_1"](transfer(x128, attention, 8))
        x = torch.cat((run["re_de_att_128_2"](moved), x), 1)
        x = run["re_de_conv_256"](run["re_de_up__256"](x))
        moved = run["re_de_att_256_1"](transfer(x256, attention, 16))
        x = torch.cat((run["re_de_att_256_2"](moved), x), 1)
        toned: Tensor = run["re_de_toRGB__256"](x)
        return toned


def _attend(features: Tensor, mask: Tensor) -> Tensor:
    # Scores reach tens before the softmax, where half precision would decide by its rounding.
    with torch.autocast(features.device.type, enabled=False):
        return compute_attention(features.float(), valid_keys(mask.float()))
