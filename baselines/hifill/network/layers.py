"""Building blocks of HiFill's networks: TensorFlow's padding and resizing rules, and the gated convolutions.

Source: Yi et al., Contextual Residual Aggregation for Ultra High-Resolution Image Inpainting, CVPR 2020,
section 3.3 (light-weight gated convolutions); padding and resizing follow the authors' released graph.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from df8k.baselines.base import MethodError

from .geometry import GATES, Gate


def same_padding(size: int, kernel: int, stride: int, dilation: int = 1) -> tuple[int, int]:
    """Zeros that TensorFlow's "SAME" rule puts before and after an axis.

    Args:
        size: length of the axis.
        kernel: taps of the kernel.
        stride: step of the kernel.
        dilation: distance between taps.

    Returns:
        ``(before, after)``; where the total is odd the smaller half comes first.
    """
    steps = -(-size // stride)
    total = max((steps - 1) * stride + (kernel - 1) * dilation + 1 - size, 0)
    return total // 2, total - total // 2


class SameConv2d(nn.Conv2d):
    """`torch.nn.Conv2d` with TensorFlow's "SAME" zero padding, which is one-sided for stride 2."""

    def forward(self, x: Tensor) -> Tensor:
        """Convolve ``(B, C, H, W)`` to ``(B, C', ceil(H / stride), ceil(W / stride))``."""
        kernel, stride, dilation = self.kernel_size, self.stride, self.dilation
        top, bottom = same_padding(x.shape[-2], kernel[0], stride[0], dilation[0])
        left, right = same_padding(x.shape[-1], kernel[1], stride[1], dilation[1])
        if top == bottom and left == right:
            return F.conv2d(x, self.weight, self.bias, stride, (top, left), dilation, self.groups)
        padded = F.pad(x, (left, right, top, bottom))
        return F.conv2d(padded, self.weight, self.bias, stride, 0, dilation, self.groups)


def enlarge(x: Tensor, factor: int) -> Tensor:
    """Enlarge by an integer factor with TensorFlow 1's bilinear rule.

    Output pixel ``i`` reads coordinate ``i / factor`` (no half-pixel shift), clamped at the far edge.
    Repeating the last row and column once turns that into `torch`'s corner-aligned rule.

    Args:
        x: float ``(B, C, H, W)``.
        factor: at least 1.

    Returns:
        float ``(B, C, H * factor, W * factor)``.
    """
    if factor == 1:
        return x
    height, width = x.shape[-2] * factor, x.shape[-1] * factor
    padded = F.pad(x, (0, 1, 0, 1), mode="replicate")
    large = F.interpolate(padded, size=(height + 1, width + 1), mode="bilinear", align_corners=True)
    # A cropped view would be copied by every convolution that reads it.
    layout = (
        torch.channels_last if x.is_contiguous(memory_format=torch.channels_last) else torch.contiguous_format
    )
    return large[..., :height, :width].contiguous(memory_format=layout)


class GatedConv2d(nn.Module):
    """``sigmoid(gate) * ELU(feature)`` with one of the paper's gates (section 3.3).

    ``full`` is the original gated convolution; ``sc`` has one gate channel for all features; ``pw`` makes the
    gate with a 1x1 kernel; ``ds`` with a 3x3 depthwise kernel and a 1x1 kernel; ``none`` leaves the gate out.
    No gate but ``sc`` and ``full`` is dilated. With ``upsample`` the input is enlarged twofold first.
    """

    def __init__(
        self,
        channels_in: int,
        channels_out: int,
        kernel: int = 3,
        *,
        stride: int = 1,
        dilation: int = 1,
        gate: Gate = "full",
        upsample: bool = False,
    ) -> None:
        super().__init__()
        self.upsample = upsample
        self.feature = SameConv2d(channels_in, channels_out, kernel, stride, dilation=dilation)
        self.gate = _gate(gate, channels_in, channels_out, kernel, stride, dilation)

    def forward(self, x: Tensor) -> Tensor:
        """Map ``(B, C, H, W)`` to ``(B, C', ceil(H / stride), ceil(W / stride))``, twice that upsampled."""
        if self.upsample:
            x = enlarge(x, 2)
        feature = F.elu(self.feature(x))
        return feature if self.gate is None else feature * torch.sigmoid(self.gate(x))


def _gate(
    gate: Gate, channels_in: int, channels_out: int, kernel: int, stride: int, dilation: int
) -> nn.Module | None:
    if gate == "none":
        return None
    if gate == "sc":
        return SameConv2d(channels_in, 1, kernel, stride, dilation=dilation)
    if gate == "pw":
        return SameConv2d(channels_in, channels_out, 1, stride)
    if gate == "ds":
        depthwise = SameConv2d(channels_in, channels_in, 3, stride, groups=channels_in, bias=False)
        return nn.Sequential(depthwise, SameConv2d(channels_in, channels_out, 1))
    if gate == "full":
        return SameConv2d(channels_in, channels_out, kernel, stride, dilation=dilation)
    raise MethodError(f"unknown gate {gate!r}: expected one of {', '.join(GATES)}")
