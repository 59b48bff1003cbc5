"""LPIPS, streamed: the official value of the whole image, and the official map averaged over the hole."""

from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from _df8k.files import sha256_of
from df8k.metrics.errors import MetricError, UnavailableError
from df8k.metrics.kernels.upsampling import spread_weights
from df8k.metrics.pair import Pair
from df8k.metrics.regions import BAND, HOLE, PIXEL_REGIONS, Value, empty, label

from .backbones import Backbone, State, alexnet, load, squeezenet, tensor, vgg16
from .feature_rows import feature_rows, too_small
from .streamed import sizes

_BITS = {"hole": HOLE, "band": BAND}
# The official scaling of images in [-1, 1], moved to [0, 1]: ((2v - 1) - shift) / scale.
_SHIFT = torch.tensor([(1 - 0.030) / 2, (1 - 0.088) / 2, (1 - 0.188) / 2]).view(3, 1, 1)
_SCALE = torch.tensor([0.458 / 2, 0.448 / 2, 0.450 / 2]).view(3, 1, 1)
_TINY = 1e-10
_HEADS = {
    "alex": "df73285e35b22355a2df87cdb6b70b343713b667eddbda73e1977e0c860835c0",
    "vgg": "a78928a0af1e5f0fcb1f3b9e8f8c3a2a5a3de244d830ad5c1feddc79b8432868",
    "squeeze": "4a5350f23600cb79923ce65bb07cbf57dca461329894153e05a1346bd531cf76",
}


@lru_cache(maxsize=4)
def _network(build: Callable[[State], Backbone], path: Path, device: str) -> Backbone:
    return build(load(path, device))


@lru_cache(maxsize=4)
def _heads(net: str, device: str) -> tuple[Tensor, ...]:
    """Linear heads that come with the lpips package, checked against the published ones."""
    package = find_spec("lpips")
    if package is None or package.origin is None:
        raise UnavailableError(
            "the heads come with the package lpips, which is not installed: pip install lpips"
        )
    path = Path(package.origin).parent / "weights" / "v0.1" / f"{net}.pth"
    if not path.is_file() or sha256_of(path) != _HEADS[net]:
        raise MetricError(f"{path} is not the published head of LPIPS 0.1: reinstall lpips 0.1.4")
    state = load(path, device)
    return tuple(tensor(state, f"lin{layer}.model.1.weight") for layer in range(len(state)))


def _distance(features: Tensor, head: Tensor) -> Tensor:
    """Head-weighted squared difference of unit-length features: ``(2, C, rows, W)`` to ``(rows, W)``."""
    length = torch.linalg.vector_norm(features, dim=1, keepdim=True).add_(_TINY)
    unit = features / length
    difference = unit[0].sub_(unit[1])
    weighted: Tensor = difference.square_() * head[0]
    return weighted.sum(dim=0)


def _lpips(pair: Pair, *, net: str, weights: str, build: Callable[[State], Backbone]) -> dict[str, Value]:
    """LPIPS with one backbone.

    ``full`` is the sum over layers of the mean of the layer's map. ``hole`` and ``band`` are means over those
    pixels of the map that the official code gives with ``spatial=True``: enlarged bilinearly and added.

    Source:
        Zhang et al., The Unreasonable Effectiveness of Deep Features as a Perceptual Metric, 2018, equation
        1, and the package lpips 0.1.4.
    """
    backbone = _network(build, pair.weights.require(weights), pair.device)
    return lpips_values(pair, backbone, _heads(net, pair.device))


def lpips_values(pair: Pair, backbone: Backbone, heads: Sequence[Tensor]) -> dict[str, Value]:
    """Compare the features of a pair, layer by layer, over the regions of LPIPS.

    Args:
        pair: prediction, target and mask.
        backbone: network whose taps are compared; its input is scaled as that of LPIPS 0.1.
        heads: weight of every channel, float32 ``(1, C, 1, 1)``, one tensor for each tap.

    Returns:
        Value of ``full``, ``hole`` and ``band``.
    """
    small = too_small(pair, backbone)
    if small is not None:
        return dict.fromkeys(PIXEL_REGIONS, small)
    height, width = pair.mask.shape
    grids = [
        (h, w) for h, w in zip(sizes(backbone.stages, height), sizes(backbone.stages, width), strict=True)
    ]
    layers = [grids[tap] for tap in backbone.taps]
    labels = label(pair.mask)
    done = [0] * len(layers)
    sums = {region: [0.0] * len(layers) for region in PIXEL_REGIONS}
    for layer, features in feature_rows(pair, backbone, _SHIFT, _SCALE):
        distances = _distance(features, heads[layer]).cpu().numpy().astype(np.float64)
        first, last = done[layer], done[layer] + distances.shape[0]
        done[layer] = last
        sums["full"][layer] += float(distances.sum())
        for region, bit in _BITS.items():
            spread = spread_weights(labels, bit, layers[layer], first, last)
            sums[region][layer] += float((distances * spread).sum())
    values: dict[str, Value] = {
        "full": sum(total / (h * w) for total, (h, w) in zip(sums["full"], layers, strict=True))
    }
    for region, bit in _BITS.items():
        count = int(np.count_nonzero(labels & bit))
        values[region] = sum(sums[region]) / count if count else empty(region)
    return values


lpips_alex = partial(_lpips, net="alex", weights="alexnet", build=alexnet)
lpips_vgg = partial(_lpips, net="vgg", weights="vgg16", build=vgg16)
lpips_squeeze = partial(_lpips, net="squeeze", weights="squeezenet1_1", build=squeezenet)
