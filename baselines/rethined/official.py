"""The released formulation, made runnable and otherwise kept, for comparison.

The authors published one file of inference code without weights. This follows what it computes, step by step
and with its costs, so that benchmarks can name a peer. What had to be changed to run at all: the decoder is
sized to the encoder, sides are brought to 512 s x 512 s, attention dropout is off. What is kept although it
harms (the documentation gives the measured effects):

1. the mask of a patch is its top left pixel;
2. a hole patch is kept from itself but not from other hole patches, and hole keys stay in reach;
3. the encoder sees RGB with zeros under the hole and no mask;
4. values are whole patches, mixed by the softmax and projected twice;
5. a sigmoid follows the coherence convolution;
6. the high band is what a 7 x 7 filter of sigma 2.01 leaves at full resolution, whatever the scale;
7. patches are cut out by a convolution with one identity kernel per pixel of a patch;
8. known pixels are not pasted back; here only with ``paste_back=False``, since a method must keep them.
"""

import math

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from baselines.base import Image, Mask, MethodCard, check_inputs

from .network.attention import PATCH
from .network.encoder import Encoder
from .network.layers import fuse

_SIDE = 512
_KEYS = 576
_COLOURS = 3 * PATCH * PATCH
_ENCODER = (64, 192, 448, 896, 2048)
_DECODER = (896, 448, 192, 64, 64)
_FEATURE = 3
_LARGE = 1e4
_BLUR_SIGMA = 2.01


class OfficialNetwork(nn.Module):
    """Coarse network and NeuralPatchMatch at 512 x 512; eager fp32, channels first, as released."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = fuse(Encoder(_ENCODER, excite=True, inputs=3))
        inputs = (_ENCODER[-1], *(2 * c for c in _DECODER[:3]), 2 * _DECODER[3])
        self.up = nn.ModuleList(
            nn.ConvTranspose2d(a, b, 4, stride=2, padding=1) for a, b in zip(inputs, _DECODER, strict=True)
        )
        self.head = nn.Conv2d(_DECODER[-1], 3, 3, padding=1)
        width = _COLOURS + _ENCODER[_FEATURE - 1]
        self.query = nn.Linear(width, _KEYS, bias=False)
        self.key = nn.Linear(width, _KEYS, bias=False)
        self.value = nn.Linear(_COLOURS, _COLOURS, bias=False)
        self.project = nn.Linear(_COLOURS, _COLOURS, bias=False)
        self.coherence = nn.Conv2d(_COLOURS, _COLOURS, 3, padding=1, padding_mode="reflect")

    def coarse(self, image: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Coarse picture and encoder maps of ``(1, 3, 512, 512)`` with zeros under the hole."""
        maps = self.encoder(image)
        x = maps[-1]
        for up, skip in zip(self.up, (*maps[-2::-1], None), strict=True):
            x = up(x).relu()
            if skip is not None:
                x = torch.cat((x, skip), dim=1)
        return torch.sigmoid(self.head(x)), maps

    def forward(self, image: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Refined picture ``(1, 3, 512, 512)`` and attention map ``(N, N)``."""
        coarse, maps = self.coarse(image)
        composite = coarse * mask + image * (1 - mask)
        patches = unfold(composite, PATCH)
        feature = F.interpolate(
            maps[_FEATURE - 1], size=patches.shape[2:], mode="bilinear", align_corners=False
        )
        tokens = torch.cat((patches, feature), dim=1).flatten(2).transpose(1, 2)
        logits = self.query(tokens) @ self.key(tokens).transpose(1, 2)
        missing = mask[:, :, ::PATCH, ::PATCH].flatten(1)
        eye = _LARGE * torch.eye(missing.shape[1], device=image.device)
        attention = F.softmax(logits - _LARGE * eye + 2 * _LARGE * (1 - missing[..., None]) * eye, dim=-1)
        mixed = self.project(attention @ self.value(patches.flatten(2).transpose(1, 2)))
        grid = mixed.transpose(1, 2).view_as(patches)
        return F.pixel_shuffle(torch.sigmoid(self.coherence(grid)), PATCH), attention[0]


def unfold(image: Tensor, size: int) -> Tensor:
    """Patches by a grouped convolution with identity kernels: ``(1, 3 * size², h / size, w / size)``."""
    kernels = torch.eye(size * size, device=image.device).view(size * size, 1, size, size)
    return F.conv2d(image, kernels.repeat(image.shape[1], 1, 1, 1), stride=size, groups=image.shape[1])


def upscale(image: Tensor, refined: Tensor, attention: Tensor) -> Tensor:
    """Attention Upscaling as released: the map applied to the high band of patches of 8 s x 8 s pixels.

    Args:
        image: float ``(1, 3, 512 s, 512 s)``, the full-size input.
        refined: float ``(1, 3, 512, 512)``.
        attention: ``(N, N)``.
    """
    scale = image.shape[2] // _SIDE
    x = torch.arange(-3, 4, dtype=torch.float32, device=image.device)
    taps = (-(x**2) / (2 * _BLUR_SIGMA**2)).exp()
    kernel = torch.outer(taps, taps) / taps.sum() ** 2
    blurred = F.conv2d(F.pad(image, (3, 3, 3, 3), "reflect"), kernel.expand(3, 1, 7, 7), groups=3)
    high = unfold(image - blurred, PATCH * scale)
    mixed = (attention @ high.flatten(2).transpose(1, 2)[0]).T.reshape_as(high)
    large = F.interpolate(refined, scale_factor=float(scale), mode="bicubic", align_corners=False)
    return large + F.pixel_shuffle(mixed, PATCH * scale)


class RethinedOfficial:
    """Released formulation on seeded random weights: no weights were published."""

    def __init__(self, device: str, *, paste_back: bool) -> None:
        self._paste_back = paste_back
        self._device = torch.device(device)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            network = OfficialNetwork()
        self._network = network.eval().requires_grad_(False).to(self._device)
        self.card = MethodCard(
            name="rethined-official",
            version="1",
            summary="the released formulation, defects kept; untrained",
            source="the authors' released model.py, restated; differences stand in the module's docstring",
            licence="Apache-2.0",
            parameters=sum(parameter.numel() for parameter in network.parameters()),
            untrained=True,
            settings={"paste_back": paste_back},
        )

    def __call__(self, image: Image, mask: Mask) -> Image:
        """Fill the hole; see `baselines.Inpainter`."""
        check_inputs(image, mask)
        side = _SIDE * max(1, math.ceil(max(mask.shape) / _SIDE))
        with torch.inference_mode():
            full = torch.from_numpy(image).to(self._device).permute(2, 0, 1)[None].float() / 255
            hole = torch.from_numpy(mask).to(self._device)[None, None].float()
            full = full * (1 - hole)
            if mask.shape != (side, side):
                full = F.interpolate(full, (side, side), mode="bilinear")
            hole = F.interpolate(hole, (_SIDE, _SIDE))
            small = F.interpolate(full, (_SIDE, _SIDE), mode="bicubic", antialias=True) * (1 - hole)
            refined, attention = self._network(small, hole)
            result = upscale(full, refined, attention) if side > _SIDE else refined
            if result.shape[2:] != mask.shape:
                result = F.interpolate(result, mask.shape, mode="bilinear", antialias=True)
            pixels = (255 * result[0].clamp(0, 1) + 0.5).to(torch.uint8).permute(1, 2, 0)
            output = np.ascontiguousarray(pixels.cpu().numpy())
        if self._paste_back:
            np.copyto(output, image, where=~mask[..., None])
        return output


def rethined_official(*, device: str = "cpu", paste_back: bool = True) -> RethinedOfficial:
    """Load the released formulation; at 8192 it takes minutes and about 11 GB.

    Args:
        device: torch device.
        paste_back: return known pixels as they came; the release changes them.
    """
    return RethinedOfficial(device, paste_back=paste_back)
