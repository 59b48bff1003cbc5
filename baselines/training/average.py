"""Exponential moving average of networks."""

from copy import deepcopy

import torch
from torch import nn


class MovingAverage:
    """Copy of a network that follows it slowly; it is validated and shipped.

    Parameters and floating-point buffers are averaged, other buffers are copied. The decay is warmed up, so
    that the average forgets the random start.

    Args:
        network: the network in training.
        decay: fraction of the average that an update keeps.
    """

    def __init__(self, network: nn.Module, decay: float) -> None:
        self.network = deepcopy(network).eval().requires_grad_(False)
        self._decay = decay

    @torch.no_grad()
    def update(self, network: nn.Module, done: int) -> None:
        """Follow the network after ``done`` updates."""
        decay = min(self._decay, (1 + done) / (10 + done))
        average, followed = self.network.state_dict(), network.state_dict()
        for name, value in average.items():
            if value.is_floating_point():
                value.lerp_(followed[name], 1 - decay)
            else:
                value.copy_(followed[name])
