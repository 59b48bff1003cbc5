"""Network of RETHINED: harmonic fill, coarse stage, frequency cut, patch descriptions, coherence."""

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .attention import Match, mix_hole
from .coarse import Coarse, ScaleSize, double_sides, halve
from .filters import LowPass, pull_push_fill
from .geometry import CUT_PX, PATCH
from .layers import RepConv, fuse


@dataclass(frozen=True)
class Size:
    """Widths of one registered size.

    Attributes:
        scales: of the coarse stage, coarsest first.
        keys: dimension of queries and keys.
    """

    scales: tuple[ScaleSize, ...]
    keys: int


SIZES = {
    "rethined": Size((ScaleSize((64, 128, 256, 384), 2), ScaleSize((32, 64, 128, 256), 2)), 256),
    "rethined-large": Size((ScaleSize((96, 192, 384, 768), 3), ScaleSize((64, 128, 256, 384), 2)), 768),
}


class Analysis(NamedTuple):
    """Result of the network for one batch at the working resolution.

    Attributes:
        coarse: ``(B, 3, H, W)``, known pixels copied, hole predicted.
        low: ``coarse`` below the frequency cut, same shape.
        queries: ``(B, N, K)``, unit length.
        keys: ``(B, N, K)``, unit length.
    """

    coarse: Tensor
    low: Tensor
    queries: Tensor
    keys: Tensor


class Network(nn.Module):
    """RETHINED's learned part.

    Args:
        size: one of `SIZES`.
        cut_px: standard deviation of the frequency cut in working pixels; detail above it is copied from
            known patches, the picture below it comes from the coarse stage.
    """

    def __init__(self, size: Size, cut_px: float = CUT_PX) -> None:
        super().__init__()
        self.coarse = Coarse(size.scales)
        self.low_pass = LowPass(cut_px)
        self.match = Match(size.scales[-1].channels[1], size.keys)
        self.coherence = Coherence()

    def forward(self, image: Tensor, mask: Tensor) -> Analysis:
        """Analyse a batch.

        Args:
            image: float ``(B, 3, H, W)`` in [0, 1], sides multiples of 64; values under the hole are not
            used.
            mask: float ``(B, 1, H, W)``, 1 = missing.
        """
        coarse, features = self.fill(image, mask)
        return self.describe(coarse, features)

    def fill(self, image: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Add a learned residual to a harmonic fill, known pixels copied; and give stride-8 features."""
        smooth = pull_push_fill(image, mask)
        finest = self.coarse(*halve(smooth, mask))[-1]
        return smooth + double_sides(finest.residual) * mask, finest.features

    def describe(self, coarse: Tensor, features: Tensor) -> Analysis:
        """Describe the tokens of a coarse result."""
        low = self.low_pass(coarse)
        return Analysis(coarse, low, *self.match(low, features))

    def refine(self, analysis: Analysis, hole: Tensor, valid: Tensor) -> Tensor:
        """Refine differentiably at the working resolution, for training and previews.

        Softmax mixtures of the detail of valid patches are added to the low band of the hole's tokens, then
        made coherent. Known tokens keep the coarse result.

        Args:
            analysis: of a batch.
            hole: bool ``(B, N)``, tokens to replace.
            valid: bool ``(B, N)``, tokens to take from.

        Returns:
            ``(B, 3, H, W)``; clamp it for display.
        """
        height, width = analysis.coarse.shape[2:]
        detail = F.pixel_unshuffle(analysis.coarse - analysis.low, PATCH).flatten(2).transpose(1, 2)
        mixed = [
            mix_hole(q, k, v, h.nonzero()[:, 0], s.nonzero()[:, 0], self.match.temperature)
            for q, k, v, h, s in zip(analysis.queries, analysis.keys, detail, hole, valid, strict=True)
        ]
        grid = torch.stack(mixed).transpose(1, 2).reshape(len(mixed), -1, height // PATCH, width // PATCH)
        return analysis.low + F.pixel_shuffle(self.coherence(grid), PATCH)


class Coherence(nn.Module):
    """Residual smoothing of neighbouring patches on the token grid; the identity before training.

    The release ends in a sigmoid, which turns detail around zero into grey; here nothing bounds it.
    """

    def __init__(self) -> None:
        super().__init__()
        channels = 3 * PATCH * PATCH
        self.mix = RepConv(channels, channels, 3, groups=channels)
        self.project = nn.Conv2d(channels, channels, 1)
        nn.init.zeros_(self.project.weight)
        nn.init.zeros_(self.project.bias)  # type: ignore[arg-type] # typed Tensor | None, present by default

    def forward(self, patches: Tensor) -> Tensor:
        """Map ``(B, 192, h, w)`` to the same shape."""
        out: Tensor = patches + self.project(self.mix(patches))
        return out


def build(name: str, *, cut_px: float = CUT_PX, seed: int = 0) -> Network:
    """Make a fresh network of a registered size; equal seeds give equal weights."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return Network(SIZES[name], cut_px).eval()


def fused(network: Network) -> Network:
    """Fold a network to its inference form, in evaluation mode, without gradients."""
    copy = fuse(network)
    assert isinstance(copy, Network)
    return copy.requires_grad_(False)
