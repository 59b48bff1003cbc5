"""ST-LPIPS: LPIPS with networks that blur before they subsample, so that a shift by a pixel costs little.

Trained from scratch on human judgements; trunk and heads lie in one file, whose names are used here.
"""

from collections.abc import Callable
from functools import lru_cache, partial
from pathlib import Path

from torch import Tensor
from torch.nn import functional as F

from df8k.metrics.pair import Pair
from df8k.metrics.regions import Value

from .backbones import Backbone, State, convolution, load, tensor
from .lpips import lpips_values
from .streamed import Stage


def blur_pool(state: State, name: str, *, relu: bool = False) -> Stage:
    """Blur each channel with the file's 3 x 3 filter (2 mirrored samples around), keep every second."""
    weight = tensor(state, f"{name}.filt")

    def operation(rows: Tensor) -> Tensor:
        padded = F.pad(rows, (2, 2, 0, 0), mode="reflect")
        out = F.conv2d(padded, weight, stride=2, groups=weight.shape[0])
        return F.relu_(out) if relu else out

    return Stage(operation, 3, 2, 2, reflect=True)


def dense_pool(kernel: int) -> Stage:
    """Take maxima with stride 1, as is done ahead of blur pooling."""

    def operation(rows: Tensor) -> Tensor:
        return F.max_pool2d(rows, kernel, 1)

    return Stage(operation, kernel)


def shift_tolerant_alexnet(state: State) -> Backbone:
    """Build AlexNet with a first stride of 1 and blur pooling, features after each of five ReLUs."""
    stages = (
        convolution(state, "net.slice1.0", padding=2, relu=False),
        blur_pool(state, "net.slice1.1", relu=True),
        dense_pool(3),
        blur_pool(state, "net.slice2.4"),
        convolution(state, "net.slice2.5", padding=2),
        dense_pool(3),
        blur_pool(state, "net.slice3.8"),
        convolution(state, "net.slice3.9", padding=1),
        convolution(state, "net.slice4.11", padding=1),
        convolution(state, "net.slice5.13", padding=1),
    )
    return Backbone(stages, (1, 4, 7, 8, 9), 400)


# Of each block of VGG-16: its blur pooling and its convolutions.
_VGG_BLOCKS = (
    ("", ("1.0", "1.2")),
    ("2.5", ("2.6", "2.8")),
    ("3.11", ("3.12", "3.14", "3.16")),
    ("4.19", ("4.20", "4.22", "4.24")),
    ("5.27", ("5.28", "5.30", "5.32")),
)


def shift_tolerant_vgg16(state: State) -> Backbone:
    """Build VGG-16 with blur pooling, features after the last ReLU of each of five blocks."""
    stages: list[Stage] = []
    taps = []
    for pool, layers in _VGG_BLOCKS:
        stages += [dense_pool(2), blur_pool(state, f"net.slice{pool}")] if pool else []
        stages += [convolution(state, f"net.slice{layer}", padding=1) for layer in layers]
        taps.append(len(stages) - 1)
    return Backbone(tuple(stages), tuple(taps), 400)


@lru_cache(maxsize=2)
def _network(
    build: Callable[[State], Backbone], path: Path, device: str
) -> tuple[Backbone, tuple[Tensor, ...]]:
    state = load(path, device)
    backbone = build(state)
    return backbone, tuple(tensor(state, f"lin{tap}.model.1.weight") for tap in range(len(backbone.taps)))


def _st_lpips(pair: Pair, *, weights: str, build: Callable[[State], Backbone]) -> dict[str, Value]:
    """Compute shift-tolerant LPIPS; ``full``, ``hole`` and ``band`` as of LPIPS.

    Source:
        Ghildyal and Liu, Shift-tolerant Perceptual Similarity Metric, ECCV 2022, and the package
        stlpips-pytorch 0.0.2.
    """
    return lpips_values(pair, *_network(build, pair.weights.require(weights), pair.device))


st_lpips_alex = partial(_st_lpips, weights="st-lpips-alex", build=shift_tolerant_alexnet)
st_lpips_vgg = partial(_st_lpips, weights="st-lpips-vgg", build=shift_tolerant_vgg16)
