"""A perceptual loss that any objective can add: how far apart VGG-16 sees two pictures."""

from pathlib import Path
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from df8k.baselines.base import MethodError

from .objective import FindWeights

_WEIGHTS: Final = "vgg16"
_LAYERS: Final = (3, 8, 15, 22)  # relu1_2, relu2_2, relu3_3, relu4_3, as torchvision numbers them
_MEAN: Final = (0.485, 0.456, 0.406)  # of ImageNet, RGB in [0, 1]
_DEVIATION: Final = (0.229, 0.224, 0.225)


class Perceptual:
    """Mean absolute difference of features, averaged over four layers that count the same.

    The network is frozen and none of the objective's own: optimisers, checkpoints and weights files are free
    of it.

    Source:
        Johnson et al., Perceptual Losses for Real-Time Style Transfer and Super-Resolution, 2016: the layers.
        Liu et al., Image Inpainting for Irregular Holes Using Partial Convolutions, 2018: L1 of composites.

    Args:
        find: gives the path of torchvision's weights, which are read at the first loss.
    """

    def __init__(self, find: FindWeights) -> None:
        self._path = find(_WEIGHTS)
        self._network: nn.Sequential | None = None

    def __call__(self, prediction: Tensor, target: Tensor) -> Tensor:
        """Scalar, differentiable with respect to the prediction.

        Args:
            prediction: float ``(B, 3, H, W)``, RGB in [0, 1]; sides of at least 8.
            target: the same.
        """
        if self._network is None:
            self._network = _read(self._path)
        network = self._network.to(prediction.device)
        # Where the pictures are nearly equal, features in half precision are.
        with torch.autocast(prediction.device.type, enabled=False):
            with torch.no_grad():
                reference = _features(network, target)
            features = _features(network, prediction)
            return torch.stack([F.l1_loss(a, b) for a, b in zip(features, reference, strict=True)]).mean()


def _features(network: nn.Sequential, image: Tensor) -> list[Tensor]:
    mean, deviation = (image.new_tensor(values, dtype=torch.float32) for values in (_MEAN, _DEVIATION))
    value = (image.float() - mean[:, None, None]) / deviation[:, None, None]
    features = []
    for number, layer in enumerate(network):
        value = layer(value)
        if number in _LAYERS:
            features.append(value)
    return features


def _read(path: Path) -> nn.Sequential:
    """Read the layers up to the last one that is compared; the classifier, most of the file, is dropped.

    Raises:
        MethodError: not the state of a VGG-16.
    """
    from torchvision.models import vgg16

    with torch.device("meta"):
        network: nn.Sequential = vgg16(weights=None, init_weights=False).features[: _LAYERS[-1] + 1]
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
        network.load_state_dict(
            {name: state[f"features.{name}"] for name in network.state_dict()}, assign=True
        )
    except Exception as error:  # torch raises many kinds for a file that is not a state
        raise MethodError(f"{path} is not the state of torchvision's VGG-16: {error}") from error
    return network.float().eval().requires_grad_(False)
