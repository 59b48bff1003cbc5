"""Convolutions with parallel branches for training that fold into one convolution for inference.

Source: P. Vasu et al., MobileOne, CVPR 2023, section 3.3.
"""

import math
from copy import deepcopy

import torch
from torch import Tensor, nn


class RepConv(nn.Module):
    """Convolution + BN, beside it a 1 x 1 convolution + BN and an identity BN; summed, then ReLU.

    The 1 x 1 branch exists where the kernel is larger, the identity where shape and stride allow it.

    Args:
        inputs: input channels.
        outputs: output channels.
        kernel: odd kernel size.
        stride: 1 or 2.
        groups: 1, or ``inputs`` for a depthwise convolution.
        excite: append squeeze and excitation before the activation.
        active: end with ReLU.
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        kernel: int,
        *,
        stride: int = 1,
        groups: int = 1,
        excite: bool = False,
        active: bool = True,
    ) -> None:
        super().__init__()
        self.shape = (inputs, outputs, kernel, stride, groups)
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False)
        self.norm = nn.BatchNorm2d(outputs)
        branches = 1 + (kernel > 1) + (inputs == outputs and stride == 1)
        self.scale: nn.Conv2d | None = None
        if kernel > 1:
            self.scale = nn.Conv2d(inputs, outputs, 1, groups=groups, bias=False)
            self.scale_norm = nn.BatchNorm2d(outputs)
            nn.init.kaiming_normal_(self.scale.weight, nonlinearity="relu")
        self.skip = nn.BatchNorm2d(outputs) if inputs == outputs and stride == 1 else None
        self.after = nn.Sequential()
        if excite:
            self.after.append(SqueezeExcite(outputs))
        if active:
            self.after.append(nn.ReLU())
        nn.init.kaiming_normal_(self.conv.weight, nonlinearity="relu")
        # The branches add up; scaled so, a deep untrained stack keeps its activations in range.
        for norm in self._norms():
            nn.init.constant_(norm.weight, 1 / math.sqrt(branches))

    def _norms(self) -> list[nn.BatchNorm2d]:
        norms = [self.norm]
        if self.scale is not None:
            norms.append(self.scale_norm)
        if self.skip is not None:
            norms.append(self.skip)
        return norms

    def forward(self, x: Tensor) -> Tensor:
        """Map ``(B, C, H, W)`` to ``(B, C', H / stride, W / stride)``."""
        y: Tensor = self.norm(self.conv(x))
        if self.scale is not None:
            stride = self.shape[3]
            # Slicing instead of a strided 1 x 1 convolution: torch 2.13 to 2.15 crash in the backward pass of
            # the latter with channels_last, fp32 and at most 8 input channels.
            y = y + self.scale_norm(self.scale(x[:, :, ::stride, ::stride]))
        if self.skip is not None:
            y = y + self.skip(x)
        out: Tensor = self.after(y)
        return out

    def fused(self) -> nn.Sequential:
        """Fold to the same function with one convolution, for inference."""
        inputs, outputs, kernel, stride, groups = self.shape
        middle = kernel // 2
        weight, bias = _fold(self.conv.weight, self.norm)
        if self.scale is not None:
            small, offset = _fold(self.scale.weight, self.scale_norm)
            weight[:, :, middle, middle] += small[:, :, 0, 0]
            bias += offset
        if self.skip is not None:
            identity = torch.zeros_like(self.conv.weight)
            channels = torch.arange(outputs)
            identity[channels, channels % (inputs // groups), middle, middle] = 1
            same, offset = _fold(identity, self.skip)
            weight += same
            bias += offset
        conv = nn.Conv2d(inputs, outputs, kernel, stride, middle, groups=groups)
        conv.load_state_dict({"weight": weight.float(), "bias": bias.float()})
        return nn.Sequential(conv, deepcopy(self.after))


class Dense(nn.Module):
    """Dense convolution + BN, with or without ReLU.

    Args:
        inputs: input channels.
        outputs: output channels.
        kernel: 1, 3 or 4; with stride 2 a kernel of 4 meets every pixel equally often.
        stride: 1 or 2.
        active: end with ReLU.
    """

    def __init__(
        self, inputs: int, outputs: int, kernel: int, *, stride: int = 1, active: bool = True
    ) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, (kernel - 1) // 2, bias=False)
        self.norm = nn.BatchNorm2d(outputs)
        self.after = nn.ReLU() if active else nn.Identity()
        nn.init.kaiming_normal_(self.conv.weight, nonlinearity="relu")

    def forward(self, x: Tensor) -> Tensor:
        """Map ``(B, C, H, W)`` to ``(B, C', H / stride, W / stride)``."""
        y: Tensor = self.after(self.norm(self.conv(x)))
        return y

    def fused(self) -> nn.Sequential:
        """Fold to the same function with one convolution, for inference."""
        weight, bias = _fold(self.conv.weight, self.norm)
        conv = nn.Conv2d(
            self.conv.in_channels,
            self.conv.out_channels,
            self.conv.kernel_size,  # type: ignore[arg-type] # typed for any number of axes
            self.conv.stride,  # type: ignore[arg-type]
            self.conv.padding,  # type: ignore[arg-type]
        )
        conv.load_state_dict({"weight": weight.float(), "bias": bias.float()})
        return nn.Sequential(conv, deepcopy(self.after))


class SqueezeExcite(nn.Module):
    """Channel gates from the global mean; reduction 1 / 16."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.reduce = nn.Conv2d(channels, channels // 16, 1)
        self.expand = nn.Conv2d(channels // 16, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Scale each channel of ``(B, C, H, W)`` by a factor in (0, 1)."""
        gate = self.reduce(x.mean((2, 3), keepdim=True)).relu()
        out: Tensor = x * self.expand(gate).sigmoid()
        return out


class Separable(nn.Sequential):
    """Depthwise 3 x 3, then pointwise 1 x 1, both re-parameterisable."""

    def __init__(self, inputs: int, outputs: int, *, stride: int = 1, excite: bool = False) -> None:
        super().__init__(
            RepConv(inputs, inputs, 3, stride=stride, groups=inputs, excite=excite),
            RepConv(inputs, outputs, 1, excite=excite),
        )


def fuse(module: nn.Module) -> nn.Module:
    """Copy a network, in evaluation mode, with every `RepConv` and `Dense` folded."""
    copy = deepcopy(module).eval()
    _fuse_children(copy)
    return copy


def _fuse_children(module: nn.Module) -> None:
    for name, child in module.named_children():
        if isinstance(child, RepConv | Dense):
            setattr(module, name, child.fused())
        else:
            _fuse_children(child)


def _fold(weight: Tensor, norm: nn.BatchNorm2d) -> tuple[Tensor, Tensor]:
    """Fold convolution + BN to weight and bias, in double precision."""
    if (
        norm.running_var is None or norm.running_mean is None
    ):  # pragma: no cover - BatchNorm2d as built here tracks
        raise TypeError("only a BN layer that tracks its statistics can be folded")
    factor = norm.weight.double() / (norm.running_var.double() + norm.eps).sqrt()
    folded = weight.double() * factor[:, None, None, None]
    return folded.detach(), (norm.bias.double() - norm.running_mean.double() * factor).detach()
