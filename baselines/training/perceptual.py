"""A perceptual loss that any objective can add: the distance ST-LPIPS."""

from pathlib import Path
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from df8k.baselines.base import MethodError

from .objective import FindWeights

_WEIGHTS: Final = "st-lpips-alex"
# Of RGB in [-1, 1], as in LPIPS 0.1.
_SHIFT: Final = (-0.030, -0.088, -0.188)
_SCALE: Final = (0.458, 0.448, 0.450)
_TINY: Final = 1e-10


class Perceptual:
    """Shift-tolerant LPIPS with AlexNet, mean over the pictures; what the metric ``st-lpips-alex`` measures.

    A blur or a shift by a pixel costs it little, a wrong structure much. The network is frozen and none of
    the objective's own: optimisers, checkpoints and weights files are free of it.

    Source:
        Ghildyal and Liu, Shift-tolerant Perceptual Similarity Metric, ECCV 2022.

    Args:
        find: gives the path of the published weights, which are read at the first loss.
    """

    def __init__(self, find: FindWeights) -> None:
        self._path = find(_WEIGHTS)
        self._network: ShiftTolerant | None = None

    def __call__(self, prediction: Tensor, target: Tensor) -> Tensor:
        """Scalar, differentiable with respect to the prediction.

        Args:
            prediction: float ``(B, 3, H, W)``, RGB in [0, 1]; sides of at least 32.
            target: the same.
        """
        if self._network is None:
            self._network = _read(self._path)
        network = self._network.to(prediction.device)
        # Where the pictures are nearly equal, features in half precision are.
        with torch.autocast(prediction.device.type, enabled=False):
            with torch.no_grad():
                reference = network(target.float())
            features = network(prediction.float())
            layers = zip(features, reference, network.heads, strict=True)
            return torch.stack([((a - b).square() * head).sum(1).mean() for a, b, head in layers]).sum()


class ShiftTolerant(nn.Module):
    """AlexNet with a first stride of 1 that blurs before it subsamples; features of unit length."""

    def __init__(self) -> None:
        super().__init__()
        sizes = ((3, 64, 11, 2), (64, 192, 5, 2), (192, 384, 3, 1), (384, 256, 3, 1), (256, 256, 3, 1))
        self.convolutions = nn.ModuleList(
            nn.Conv2d(inputs, outputs, side, padding=padding) for inputs, outputs, side, padding in sizes
        )
        self.blurs = nn.ParameterList(nn.Parameter(torch.zeros(64 * k, 1, 3, 3)) for k in (1, 1, 3))
        self.heads = nn.ParameterList(nn.Parameter(torch.zeros(1, out, 1, 1)) for _, out, _, _ in sizes)

    def forward(self, image: Tensor) -> list[Tensor]:
        """Map ``(B, 3, H, W)`` in [0, 1] to the features of the five ReLUs."""
        shift, scale = (image.new_tensor(values)[:, None, None] for values in (_SHIFT, _SCALE))
        value = (2 * image - 1 - shift) / scale
        features = []
        for number, convolution in enumerate(self.convolutions):
            if number in (1, 2):
                value = _blurred(F.max_pool2d(value, 3, 1), self.blurs[number])
            value = convolution(value)
            value = F.relu(_blurred(value, self.blurs[0]) if number == 0 else value)
            length = torch.linalg.vector_norm(value, dim=1, keepdim=True)
            features.append(value / (length + _TINY))
        return features


def _blurred(value: Tensor, filters: Tensor) -> Tensor:
    padded = F.pad(value, (2, 2, 2, 2), mode="reflect")
    return F.conv2d(padded, filters, stride=2, groups=filters.shape[0])


# Names in the published file, in the order of the module's own.
_PUBLISHED: Final = {
    "convolutions": ("slice1.0", "slice2.5", "slice3.9", "slice4.11", "slice5.13"),
    "blurs": ("slice1.1", "slice2.4", "slice3.8"),
}


def _read(path: Path) -> ShiftTolerant:
    """Read the published file.

    Raises:
        MethodError: not the state of this network.
    """
    with torch.device("meta"):
        network = ShiftTolerant()
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
        own = {f"heads.{k}": state[f"lin{k}.model.1.weight"] for k in range(5)}
        for k, name in enumerate(_PUBLISHED["convolutions"]):
            own |= {f"convolutions.{k}.{part}": state[f"net.{name}.{part}"] for part in ("weight", "bias")}
        for k, name in enumerate(_PUBLISHED["blurs"]):
            own[f"blurs.{k}"] = state[f"net.{name}.filt"]
        network.load_state_dict(own, assign=True)
    except Exception as error:  # torch raises many kinds for a file that is not a state
        raise MethodError(f"{path} is not the state of ST-LPIPS with AlexNet: {error}") from error
    return network.float().eval().requires_grad_(False)
