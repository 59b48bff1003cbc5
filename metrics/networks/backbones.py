"""Convolutional parts of AlexNet, VGG-16 and SqueezeNet 1.1 as streamed stages.

Layer tables follow torchvision's ``features``; tensors are read by their names there, so any state dict of
those models fits and classifiers are never built.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional as F

from df8k.metrics.errors import MetricError

from .streamed import Operation, Stage

State = Mapping[str, Tensor]


@dataclass(frozen=True)
class Backbone:
    """Convolutional network, and the layers whose features are taken.

    Attributes:
        stages: layers, first first.
        taps: indices of the stages whose output is a feature.
        floats_per_pixel: float32 values that a strip occupies at its widest, per image and input pixel.
    """

    stages: tuple[Stage, ...]
    taps: tuple[int, ...]
    floats_per_pixel: int


@lru_cache(maxsize=8)
def load(path: Path, device: str) -> dict[str, Tensor]:
    """Read a state dict; only tensors are accepted, never code.

    Raises:
        MetricError: not a file of tensors.
    """
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:
        raise MetricError(f"{path} does not hold plain tensors: {error}") from error
    # Classifiers are most of the bytes of these files and none of the features.
    return {
        name: value.to(device).float() for name, value in state.items() if not name.startswith("classifier.")
    }


def tensor(state: State, name: str) -> Tensor:
    """Look a tensor up.

    Raises:
        MetricError: the file holds no such tensor, so it is another network.
    """
    if name not in state:
        raise MetricError(f"the weights hold no {name!r}: this is another network's file")
    return state[name]


def convolution(state: State, name: str, *, stride: int = 1, padding: int = 0, relu: bool = True) -> Stage:
    """Build a convolution with bias and ReLU, named as in the state dict."""
    weight, bias = tensor(state, f"{name}.weight"), tensor(state, f"{name}.bias")

    def operation(rows: Tensor) -> Tensor:
        out = F.conv2d(rows, weight, bias, stride=stride, padding=(0, padding))
        return F.relu_(out) if relu else out

    return Stage(operation, int(weight.shape[2]), stride, padding)


def max_pool(kernel: int, *, ceil: bool = False) -> Stage:
    """Build max pooling with stride 2."""

    def operation(rows: Tensor) -> Tensor:
        return F.max_pool2d(rows, kernel, 2, ceil_mode=ceil)

    return Stage(operation, kernel, 2, ceil=ceil)


def alexnet(state: State) -> Backbone:
    """Build AlexNet (the "one weird trick" variant), features after each of five ReLUs."""
    stages = (
        convolution(state, "features.0", stride=4, padding=2),
        max_pool(3),
        convolution(state, "features.3", padding=2),
        max_pool(3),
        convolution(state, "features.6", padding=1),
        convolution(state, "features.8", padding=1),
        convolution(state, "features.10", padding=1),
    )
    return Backbone(stages, (0, 2, 4, 5, 6), 60)


_VGG_BLOCKS = (("0", "2"), ("5", "7"), ("10", "12", "14"), ("17", "19", "21"), ("24", "26", "28"))


def vgg16(state: State, pool: Operation | None = None) -> Backbone:
    """Build VGG-16, features after the last ReLU of each of five blocks.

    Args:
        state: torchvision's state dict.
        pool: replaces the max pooling between blocks: a 3 x 3 window with stride 2 and padding 1 (DISTS).
    """
    between = max_pool(2) if pool is None else Stage(pool, 3, 2, 1)
    stages: list[Stage] = []
    taps = []
    for block in _VGG_BLOCKS:
        stages += [between] if stages else []
        stages += [convolution(state, f"features.{layer}", padding=1) for layer in block]
        taps.append(len(stages) - 1)
    return Backbone(tuple(stages), tuple(taps), 400)


def _fire(state: State, name: str) -> tuple[Stage, Stage]:
    """Fire module: squeeze to few channels, then 1 x 1 and 3 x 3 side by side."""
    one, bias_one = tensor(state, f"{name}.expand1x1.weight"), tensor(state, f"{name}.expand1x1.bias")
    three, bias_three = tensor(state, f"{name}.expand3x3.weight"), tensor(state, f"{name}.expand3x3.bias")

    def expand(rows: Tensor) -> Tensor:
        inner = F.conv2d(rows[:, :, 1:-1], one, bias_one)
        return F.relu_(torch.cat([inner, F.conv2d(rows, three, bias_three, padding=(0, 1))], dim=1))

    return convolution(state, f"{name}.squeeze"), Stage(expand, 3, 1, 1)


def squeezenet(state: State) -> Backbone:
    """Build SqueezeNet 1.1, features at seven depths."""
    fires = {index: _fire(state, f"features.{index}") for index in (3, 4, 6, 7, 9, 10, 11, 12)}
    pool = max_pool(3, ceil=True)
    stages = (
        convolution(state, "features.0", stride=2),
        *(pool, *fires[3], *fires[4]),
        *(pool, *fires[6], *fires[7]),
        *(pool, *fires[9]),
        *fires[10],
        *fires[11],
        *fires[12],
    )
    return Backbone(stages, (0, 5, 10, 13, 15, 17, 19), 120)
