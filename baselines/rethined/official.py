"""The released formulation, for comparison: equal to the authors' module where that runs.

The authors published one file of inference code without weights. Given the same weights, coarse picture and
features, `OfficialNetwork` computes what the file's ``PatchInpainting`` and ``AttentionUpscaling`` compute,
and given the same maps what its decoder does; a test holds this to 1e-5 against numbers taken from it. So all
that is peculiar stays, though it harms (the documentation gives the measured effects):

1. the mask of a patch is its top left pixel;
2. a hole patch is kept from itself but not from other hole patches, and hole keys stay in reach;
3. the encoder sees RGB with zeros under the hole and no mask;
4. tokens and values are high-pass patches, and the blurred ones are subtracted from what attention mixes;
5. known patches come back high-passed, and all go through a sigmoid after the coherence convolution;
6. the high band is what a 7 x 7 filter of sigma 2.01 leaves, at the working and at full resolution alike;
7. patches are cut out by a convolution with one identity kernel per pixel of a patch.

What had to be chosen for it to run: the encoder, a file that the release imports and does not hold, is
MobileOne-S4 as its authors describe it; the decoder's widths follow the encoder's, where the release's fit
another one. `RethinedOfficial` around it brings sides to 512 s x 512 s; it never looks under the mask, where
the release's demonstration takes detail from the unmasked picture; it pastes known pixels back unless told
not to.
"""

import math
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from df8k.baselines.base import Image, Mask, MethodCard, check_inputs

from .network.encoder import Encoder
from .network.geometry import PATCH
from .network.layers import fuse

Unfold = Callable[[Tensor, int], Tensor]

_SIDE = 512
_KEYS = 576
_COLOURS = 3 * PATCH * PATCH
_ENCODER = (64, 192, 448, 896, 2048)
_FEATURE = 2
_LARGE = 1e4
_BLUR_PX = 7
_BLUR_SIGMA = 2.01


class OfficialNetwork(nn.Module):
    """Coarse network and NeuralPatchMatch; eager fp32, channels first, as released.

    Args:
        channels: of the encoder's five maps.
    """

    def __init__(self, channels: tuple[int, ...] = _ENCODER) -> None:
        super().__init__()
        self.encoder = fuse(Encoder(channels, excite=True, inputs=3))
        inputs = (channels[-1], *(2 * c for c in channels[3::-1]))
        self.up = nn.ModuleList(
            nn.ConvTranspose2d(a, b, 4, stride=2, padding=1)
            for a, b in zip(inputs, (*channels[3::-1], 3), strict=True)
        )
        width = _COLOURS + channels[_FEATURE]
        self.query = nn.Linear(width, _KEYS, bias=False)
        self.key = nn.Linear(width, _KEYS, bias=False)
        self.value = nn.Linear(_COLOURS, _COLOURS, bias=False)
        self.project = nn.Linear(_COLOURS, _COLOURS, bias=False)
        self.coherence = nn.Conv2d(_COLOURS, _COLOURS, 3, padding=1, padding_mode="reflect")

    def decode(self, maps: list[Tensor]) -> Tensor:
        """Draw the coarse picture ``(1, 3, H, W)`` from the encoder's maps, finest first."""
        x = maps[-1]
        for up, skip in zip(self.up, maps[-2::-1], strict=False):
            x = torch.cat((up(x).relu(), skip), dim=1)
        return torch.sigmoid(self.up[-1](x))

    def refine(self, image: Tensor, mask: Tensor, coarse: Tensor, feature: Tensor) -> tuple[Tensor, Tensor]:
        """Mix high-pass patches by attention.

        Args:
            image: float ``(1, 3, H, W)`` with zeros under the hole; sides multiples of 8.
            mask: float ``(1, 1, H, W)``, 1 = missing.
            coarse: float ``(1, 3, H, W)``.
            feature: float ``(1, C, h, w)``, the encoder's third map.

        Returns:
            Refined picture ``(1, 3, H, W)`` and attention map ``(N, N)``.
        """
        composite = coarse * mask + image * (1 - mask)
        low = unfold(blur(composite), PATCH)
        high = unfold(composite, PATCH) - low
        feature = F.interpolate(feature, size=high.shape[2:], mode="bilinear", align_corners=False)
        tokens = torch.cat((high, feature), dim=1).flatten(2).transpose(1, 2)
        logits = (self.query(tokens) / _KEYS**0.5) @ self.key(tokens).transpose(1, 2)
        missing = mask[:, :, ::PATCH, ::PATCH].flatten(1)[..., None]
        eye = _LARGE * torch.eye(missing.shape[1], device=image.device)
        attention = F.softmax(logits - _LARGE * eye + 2 * _LARGE * (1 - missing) * eye, dim=-1)
        values = high.flatten(2).transpose(1, 2)
        mixed = self.project(attention @ self.value(values)) - low.flatten(2).transpose(1, 2)
        grid = (mixed * missing + values * (1 - missing)).transpose(1, 2).reshape(high.shape)
        return F.pixel_shuffle(torch.sigmoid(self.coherence(grid)), PATCH), attention[0]

    def forward(self, image: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Run both on ``(1, 3, 512, 512)`` with zeros under the hole; returns as `refine`."""
        maps = self.encoder(image)
        return self.refine(image, mask, self.decode(maps), maps[_FEATURE])


def unfold(image: Tensor, size: int) -> Tensor:
    """Patches by a grouped convolution with identity kernels: ``(1, 3 * size², h / size, w / size)``."""
    kernels = torch.eye(size * size, device=image.device).view(size * size, 1, size, size)
    return F.conv2d(image, kernels.repeat(image.shape[1], 1, 1, 1), stride=size, groups=image.shape[1])


def unfold_views(image: Tensor, size: int) -> Tensor:
    """Compute what `unfold` does by plain views and one copy."""
    return F.pixel_unshuffle(image, size)


def blur(image: Tensor) -> Tensor:
    """Filter ``(1, 3, H, W)`` with a Gaussian of 7 x 7 taps, mirrored at the border."""
    reach = _BLUR_PX // 2
    x = torch.arange(-reach, reach + 1, dtype=torch.float32, device=image.device)
    taps = (-(x**2) / (2 * _BLUR_SIGMA**2)).exp()
    kernel = torch.outer(taps, taps) / taps.sum() ** 2
    padded = F.pad(image, (reach,) * 4, "reflect")
    return F.conv2d(padded, kernel.expand(3, 1, _BLUR_PX, _BLUR_PX), groups=3)


def upscale(image: Tensor, refined: Tensor, attention: Tensor, unfold: Unfold = unfold) -> Tensor:
    """Attention Upscaling as released: the map applied to the high band of patches of 8 s x 8 s pixels.

    Args:
        image: float ``(1, 3, S s, S s)``, the full-size input.
        refined: float ``(1, 3, S, S)``.
        attention: ``(N, N)``.
        unfold: cuts patches out; `unfold_views` gives the same in less time.
    """
    scale = image.shape[2] // refined.shape[2]
    high = unfold(image, PATCH * scale) - unfold(blur(image), PATCH * scale)
    mixed = (attention @ high.flatten(2).transpose(1, 2)[0]).T.reshape_as(high)
    large = F.interpolate(refined, size=image.shape[2:], mode="bicubic", align_corners=False)
    return large + F.pixel_shuffle(mixed, PATCH * scale)


class RethinedOfficial:
    """Released formulation on seeded random weights: no weights were published."""

    def __init__(self, device: str, *, paste_back: bool, views: bool) -> None:
        self._paste_back, self._unfold = paste_back, unfold_views if views else unfold
        self._device = torch.device(device)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            network = OfficialNetwork()
        self._network = network.eval().requires_grad_(False).to(self._device)
        self.card = MethodCard(
            name="rethined-official",
            version="2",
            summary="the released formulation, equal to the authors' module given its weights; untrained",
            source="the authors' released model.py (d37de0e), restated; its encoder is not in the release",
            licence="Apache-2.0",
            parameters=sum(parameter.numel() for parameter in network.parameters()),
            untrained=True,
            settings={"paste_back": paste_back, "views": views},
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
            result = upscale(full, refined, attention, self._unfold) if side > _SIDE else refined
            if result.shape[2:] != mask.shape:
                result = F.interpolate(result, mask.shape, mode="bilinear", antialias=True)
            pixels = (255 * result[0].clamp(0, 1) + 0.5).to(torch.uint8).permute(1, 2, 0)
            output = np.ascontiguousarray(pixels.cpu().numpy())
        if self._paste_back:
            np.copyto(output, image, where=~mask[..., None])
        return output


def rethined_official(
    *, device: str = "cpu", paste_back: bool = True, views: bool = False
) -> RethinedOfficial:
    """Load the released formulation; at 8192 it takes minutes and about 11 GB.

    Args:
        device: torch device.
        paste_back: return known pixels as they came; the release changes them.
        views: cut the large patches out by plain views and not, as the release does for Core ML, by a
            convolution with identity kernels; the result is the same.
    """
    return RethinedOfficial(device, paste_back=paste_back, views=views)
