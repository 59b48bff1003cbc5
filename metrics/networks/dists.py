"""DISTS, streamed: statistics of deep features, a few numbers a channel whatever the image's size."""

from functools import lru_cache
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional as F

from df8k.metrics.pair import Pair
from df8k.metrics.regions import Value

from .backbones import Backbone, load, tensor, vgg16
from .feature_rows import feature_rows, too_small

_SHIFT = torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1)
_SCALE = torch.tensor([0.229, 0.224, 0.225]).view(3, 1, 1)
_C = 1e-6
_CHANNELS = [3, 64, 128, 256, 512, 512]
_HANN = torch.tensor([0.25, 0.5, 0.25])


def _l2_pool(rows: Tensor) -> Tensor:
    """Root of the Hann-weighted mean square, stride 2, in place of max pooling."""
    channels = rows.shape[1]
    window = (_HANN[:, None] * _HANN[None, :]).to(rows).expand(channels, 1, 3, 3)
    return F.conv2d(rows.square(), window, stride=2, padding=(0, 1), groups=channels).add_(1e-12).sqrt_()


@lru_cache(maxsize=2)
def _network(path: Path, device: str) -> Backbone:
    return vgg16(load(path, device), pool=_l2_pool)


class _Moments:
    """Sums from which mean, variance and covariance of both images' features follow."""

    def __init__(self) -> None:
        self._sums: Tensor | None = None
        self._count = 0

    def add(self, features: Tensor) -> None:
        """Add float32 ``(2, C, rows, W)``."""
        x, y = features[0].double(), features[1].double()
        new = torch.stack([term.sum(dim=(1, 2)) for term in (x, y, x * x, y * y, x * y)])
        self._sums = new if self._sums is None else self._sums + new
        self._count += features.shape[2] * features.shape[3]

    def similarities(self) -> tuple[Tensor, Tensor]:
        """Compare means (texture) and covariances (structure), a value per channel."""
        if self._sums is None:
            raise RuntimeError("no feature was added")
        mean_x, mean_y, square_x, square_y, product = self._sums / self._count
        texture = (2 * mean_x * mean_y + _C) / (mean_x.square() + mean_y.square() + _C)
        covariance = product - mean_x * mean_y
        variances = square_x - mean_x.square() + square_y - mean_y.square()
        return texture, (2 * covariance + _C) / (variances + _C)


def dists(pair: Pair) -> dict[str, Value]:
    """Compare deep image structure and texture at the image's own size: 0 for identical images.

    The authors' script first shrinks images to a shorter side of 256 pixels; this variant does not, since
    that would hide what a high-resolution fill is judged by.

    Source:
        Ding et al., Image Quality Assessment: Unifying Structure and Texture Similarity, 2020, equations 5 to
        7, and the authors' PyTorch code.
    """
    backbone = _network(pair.weights.require("vgg16"), pair.device)
    learned = load(pair.weights.require("dists"), pair.device)
    small = too_small(pair, backbone)
    if small is not None:
        return {"full": small}
    moments = [_Moments() for _ in _CHANNELS]
    for layer, features in feature_rows(pair, backbone, _SHIFT, _SCALE):
        moments[layer + 1].add(features)
    for first in range(0, pair.mask.shape[0], 256):
        strips = (image[first : first + 256] for image in (pair.prediction, pair.target))
        moments[0].add(torch.stack([torch.from_numpy(strip) for strip in strips]).permute(0, 3, 1, 2) / 255.0)
    alpha, beta = (tensor(learned, name).double().flatten().cpu() for name in ("alpha", "beta"))
    similar = 0.0
    for layer, (a, b) in enumerate(
        zip(torch.split(alpha, _CHANNELS), torch.split(beta, _CHANNELS), strict=True)
    ):
        texture, structure = (value.cpu() for value in moments[layer].similarities())
        similar += float((a * texture + b * structure).sum())
    return {"full": 1.0 - similar / float(alpha.sum() + beta.sum())}
