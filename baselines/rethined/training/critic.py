"""An optional adversary for the coarse stage: does a neighbourhood look like a photograph?"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.parametrizations import spectral_norm

CHANNELS = (64, 128, 256)
_SLOPE = 0.2


class PatchCritic(nn.Module):
    """Critic of overlapping neighbourhoods of 46 x 46 pixels, with spectral normalisation throughout.

    Source:
        Isola et al., Image-to-Image Translation with Conditional Adversarial Networks, 2017, section 3.2.2;
        Miyato et al., Spectral Normalization for Generative Adversarial Networks, 2018.
    """

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        inputs = 4
        for outputs in CHANNELS:
            layers += [spectral_norm(nn.Conv2d(inputs, outputs, 4, 2, 1)), nn.LeakyReLU(_SLOPE)]
            inputs = outputs
        self.layers = nn.Sequential(*layers, spectral_norm(nn.Conv2d(inputs, 1, 4, 1, 1)))

    def forward(self, image: Tensor, mask: Tensor) -> Tensor:
        """Score ``(B, 3, H, W)`` in [0, 1] with ``(B, 1, H, W)``, 1 = filled; returns ``(B, 1, h, w)``."""
        scores: Tensor = self.layers(torch.cat((2 * image - 1, mask), dim=1))
        return scores


def critic_loss(critic: nn.Module, real: Tensor, filled: Tensor, mask: Tensor) -> Tensor:
    """Compute the hinge loss of the critic."""
    return F.relu(1 - critic(real, mask)).mean() + F.relu(1 + critic(filled.detach(), mask)).mean()


def deceit_loss(critic: nn.Module, filled: Tensor, mask: Tensor) -> Tensor:
    """Compute what the filling network minimises against the critic."""
    loss: Tensor = -critic(filled, mask).mean()
    return loss
