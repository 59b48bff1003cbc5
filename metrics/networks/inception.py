"""Inception network of 2015 that FID is defined by, with TensorFlow's pooling.

It differs from torchvision's Inception v3 in three places: average pooling leaves padding out of the mean,
the last block pools by maximum, and there are 1008 classes. Batch normalisation is folded into the
convolutions.
"""

from functools import lru_cache
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional as F

from .backbones import load, tensor

SIZE = 299
FEATURES = 2048
_EPSILON = 0.001  # of batch normalisation


class Inception:
    """Inception v3 of FID, without resizing.

    Source:
        Szegedy et al., Rethinking the Inception Architecture for Computer Vision, 2015; weights and layout of
        the graph that Heusel et al. (2017) defined FID with, as converted by pytorch-fid.
    """

    def __init__(self, path: Path, device: str) -> None:
        """Read the weights.

        Raises:
            MetricError: the file is another network's.
        """
        state = load(path, device)
        names = sorted(name.removesuffix(".conv.weight") for name in state if name.endswith(".conv.weight"))
        self._folded: dict[str, tuple[Tensor, Tensor]] = {}
        for name in names:
            norm = {kind: tensor(state, f"{name}.bn.{kind}") for kind in ("weight", "bias", "running_mean")}
            scale = norm["weight"] / (tensor(state, f"{name}.bn.running_var") + _EPSILON).sqrt()
            kernel = state[f"{name}.conv.weight"] * scale.view(-1, 1, 1, 1)
            self._folded[name] = (kernel, norm["bias"] - norm["running_mean"] * scale)
        self._classes = tensor(state, "fc.weight")

    def __call__(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Compute features.

        Args:
            images: float32 ``(N, 3, 299, 299)``, about -1 to 1.

        Returns:
            Pooled features float32 ``(N, 2048)`` and logits without bias float32 ``(N, 1008)``.
        """
        x = self._conv("Conv2d_1a_3x3", images, stride=2)
        x = self._conv("Conv2d_2b_3x3", self._conv("Conv2d_2a_3x3", x), pad=1)
        x = self._conv("Conv2d_3b_1x1", F.max_pool2d(x, 3, 2))
        x = F.max_pool2d(self._conv("Conv2d_4a_3x3", x), 3, 2)
        for name in ("Mixed_5b", "Mixed_5c", "Mixed_5d"):
            x = self._block_a(name, x)
        x = self._block_b("Mixed_6a", x)
        for name in ("Mixed_6b", "Mixed_6c", "Mixed_6d", "Mixed_6e"):
            x = self._block_c(name, x)
        x = self._block_d("Mixed_7a", x)
        x = self._block_e("Mixed_7b", x, F.avg_pool2d(x, 3, 1, 1, count_include_pad=False))
        x = self._block_e("Mixed_7c", x, F.max_pool2d(x, 3, 1, 1))
        features = x.mean(dim=(2, 3))
        return features, features @ self._classes.T

    def _conv(self, name: str, x: Tensor, *, stride: int = 1, pad: int | tuple[int, int] = 0) -> Tensor:
        weight, bias = self._folded[name]
        return F.relu_(F.conv2d(x, weight, bias, stride=stride, padding=pad))

    def _chain(self, block: str, x: Tensor, *steps: tuple[str, int | tuple[int, int]]) -> Tensor:
        for name, pad in steps:
            x = self._conv(f"{block}.{name}", x, pad=pad)
        return x

    def _block_a(self, b: str, x: Tensor) -> Tensor:
        pooled = F.avg_pool2d(x, 3, 1, 1, count_include_pad=False)
        branches = (
            self._chain(b, x, ("branch1x1", 0)),
            self._chain(b, x, ("branch5x5_1", 0), ("branch5x5_2", 2)),
            self._chain(b, x, ("branch3x3dbl_1", 0), ("branch3x3dbl_2", 1), ("branch3x3dbl_3", 1)),
            self._chain(b, pooled, ("branch_pool", 0)),
        )
        return torch.cat(branches, dim=1)

    def _block_b(self, b: str, x: Tensor) -> Tensor:
        double = self._chain(b, x, ("branch3x3dbl_1", 0), ("branch3x3dbl_2", 1))
        branches = (
            self._conv(f"{b}.branch3x3", x, stride=2),
            self._conv(f"{b}.branch3x3dbl_3", double, stride=2),
            F.max_pool2d(x, 3, 2),
        )
        return torch.cat(branches, dim=1)

    def _block_c(self, b: str, x: Tensor) -> Tensor:
        across, down = (0, 3), (3, 0)
        pooled = F.avg_pool2d(x, 3, 1, 1, count_include_pad=False)
        branches = (
            self._chain(b, x, ("branch1x1", 0)),
            self._chain(b, x, ("branch7x7_1", 0), ("branch7x7_2", across), ("branch7x7_3", down)),
            self._chain(
                b,
                x,
                ("branch7x7dbl_1", 0),
                ("branch7x7dbl_2", down),
                ("branch7x7dbl_3", across),
                ("branch7x7dbl_4", down),
                ("branch7x7dbl_5", across),
            ),
            self._chain(b, pooled, ("branch_pool", 0)),
        )
        return torch.cat(branches, dim=1)

    def _block_d(self, b: str, x: Tensor) -> Tensor:
        seven = self._chain(b, x, ("branch7x7x3_1", 0), ("branch7x7x3_2", (0, 3)), ("branch7x7x3_3", (3, 0)))
        branches = (
            self._conv(f"{b}.branch3x3_2", self._conv(f"{b}.branch3x3_1", x), stride=2),
            self._conv(f"{b}.branch7x7x3_4", seven, stride=2),
            F.max_pool2d(x, 3, 2),
        )
        return torch.cat(branches, dim=1)

    def _block_e(self, b: str, x: Tensor, pooled: Tensor) -> Tensor:
        three = self._chain(b, x, ("branch3x3_1", 0))
        double = self._chain(b, x, ("branch3x3dbl_1", 0), ("branch3x3dbl_2", 1))
        branches = (
            self._chain(b, x, ("branch1x1", 0)),
            self._chain(b, three, ("branch3x3_2a", (0, 1))),
            self._chain(b, three, ("branch3x3_2b", (1, 0))),
            self._chain(b, double, ("branch3x3dbl_3a", (0, 1))),
            self._chain(b, double, ("branch3x3dbl_3b", (1, 0))),
            self._chain(b, pooled, ("branch_pool", 0)),
        )
        return torch.cat(branches, dim=1)


@lru_cache(maxsize=2)
def network(path: Path, device: str) -> Inception:
    """Load the network with the weights of ``path``, kept for the process."""
    return Inception(path, device)
