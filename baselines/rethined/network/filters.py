"""Fixed filters of the network: a harmonic fill and the frequency cut.

Both are written with the operators that every mobile and web runtime has.
"""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

_LEVELS = 5
# Sweeps from the finest level to the coarsest: coarse ones cost nothing and do most.
_SWEEPS = (2, 4, 8, 16, 32, 64)
# How much more a partly known cell trusts its known part than its fraction says.
_BIAS = 1000
# Beside counts of at least one it vanishes; the exporter's optimiser would take 1e-8 for zero and drop it.
_NEVER_ZERO = 1e-6


def pull_push_fill(image: Tensor, mask: Tensor) -> Tensor:
    """Fill the hole smoothly from the known pixels, by pull-push: about the harmonic fill.

    The known pixels are averaged down five times and to their mean, then every level is enlarged, blended
    with what that level knows and smoothed. Where nothing is known the result is 0.5.

    Args:
        image: float ``(B, 3, H, W)``; values under the hole are not used, sides are multiples of 32.
        mask: float ``(B, 1, H, W)``, 1 = missing.

    Returns:
        float ``(B, 3, H, W)``, equal to ``image`` where it is known.
    """
    counts, sums = [1 - mask], [image * (1 - mask)]
    for _ in range(_LEVELS):
        counts.append(4 * F.avg_pool2d(counts[-1], 2))
        sums.append(4 * F.avg_pool2d(sums[-1], 2))
    total = sums[-1].sum((2, 3), keepdim=True) + 0.5 * _NEVER_ZERO
    filled = total / (counts[-1].sum((2, 3), keepdim=True) + _NEVER_ZERO)
    for level in range(_LEVELS, -1, -1):
        fraction, known = counts[level] / 4**level, sums[level] / (counts[level] + _NEVER_ZERO)
        trust = (1 + _BIAS) * fraction / (1 + _BIAS * fraction)  # 0 and 1 stay
        if level < _LEVELS:
            filled = F.interpolate(filled, scale_factor=2.0, mode="nearest")
        pinned = trust * known
        filled = pinned + (1 - trust) * filled
        for _ in range(_SWEEPS[level]):
            smooth = F.avg_pool2d(filled, 3, stride=1, padding=1, count_include_pad=False)
            filled = pinned + (1 - trust) * smooth
    return image * (1 - mask) + filled * mask


class LowPass(nn.Module):
    """Gaussian filter; weights that fall outside the image are spread over the rest.

    Args:
        sigma_px: standard deviation in pixels of the working resolution.
    """

    kernel: Tensor

    def __init__(self, sigma_px: float) -> None:
        super().__init__()
        radius = math.ceil(3 * sigma_px)
        x = torch.arange(-radius, radius + 1, dtype=torch.float64)
        taps = (-(x**2) / (2 * sigma_px**2)).exp()
        self.register_buffer("kernel", (taps / taps.sum()).float(), persistent=False)

    def forward(self, image: Tensor) -> Tensor:
        """Filter ``(B, 3, H, W)``."""
        ones = torch.ones_like(image[:, :1])
        return self._blur(image) / self._blur(ones)

    def _blur(self, image: Tensor) -> Tensor:
        channels, radius = image.shape[1], self.kernel.numel() // 2
        taps = self.kernel.to(image.dtype).expand(channels, 1, 1, -1)
        rows = F.conv2d(image, taps, padding=(0, radius), groups=channels)
        return F.conv2d(rows, taps.transpose(2, 3), padding=(radius, 0), groups=channels)
