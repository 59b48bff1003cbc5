"""HiFill's training objective (paper, section 3.4; weights from the authors' released configuration).

In every function ``real``, ``coarse`` and ``refined`` are float ``(B, 3, 512, 512)`` in [-1, 1] and ``mask``
is float ``(B or 1, 1, 512, 512)`` with 1 = hole; every result is a scalar.
"""

from collections.abc import Callable
from typing import Final

import torch
from torch import Tensor

from df8k.baselines.hifill.network.generator import Filled

COARSE_WEIGHT: Final = 1.2
HOLE_WEIGHT: Final = 1.2
CONTEXT_WEIGHT: Final = 1.2
ADVERSARIAL_WEIGHT: Final = 0.001
PENALTY_WEIGHT: Final = 10.0

Critic = Callable[[Tensor], Tensor]


def composite(real: Tensor, refined: Tensor, mask: Tensor) -> Tensor:
    """Compose the image that the critic sees: the refined stage inside the hole, the original around it."""
    return refined * mask + real * (1 - mask)


def hole_loss(real: Tensor, filled: Filled, mask: Tensor) -> Tensor:
    """L1 inside the hole of both stages, averaged over all pixels of the image."""
    coarse, refined = (((real - stage).abs() * mask).mean() for stage in filled[:2])
    return COARSE_WEIGHT * coarse + refined


def context_loss(real: Tensor, filled: Filled, mask: Tensor) -> Tensor:
    """L1 on the known pixels of both stages, averaged over them."""
    known = 1 - mask
    coarse, refined = (((real - stage).abs() * known).mean() for stage in filled[:2])
    return (COARSE_WEIGHT * coarse + refined) / known.mean()


def generator_loss(
    real: Tensor,
    filled: Filled,
    mask: Tensor,
    critic: Critic | None,
    *,
    hole_weight: float = HOLE_WEIGHT,
    context_weight: float = CONTEXT_WEIGHT,
) -> Tensor:
    """Compute what the generator minimises: hole, context and, with a critic, adversarial terms, weighted."""
    loss = hole_weight * hole_loss(real, filled, mask) + context_weight * context_loss(real, filled, mask)
    if critic is None:
        return loss
    return loss - ADVERSARIAL_WEIGHT * critic(composite(real, filled.refined, mask)).mean()


def gradient_penalty(real: Tensor, fake: Tensor, critic: Critic, epsilon: Tensor) -> Tensor:
    """Squared distance from 1 of the critic's gradient norm between two images, times ten.

    Args:
        real: float ``(B, 3, 512, 512)``.
        fake: composites, the same shape.
        critic: scores images.
        epsilon: float ``(B, 1, 1, 1)`` in [0, 1]: where between ``real`` (0) and ``fake`` (1) to look.

    Returns:
        Scalar; differentiable once more, with respect to the critic's parameters.
    """
    between = (real + epsilon * (fake - real)).detach().requires_grad_()
    (gradient,) = torch.autograd.grad(critic(between).sum(), between, create_graph=True)
    # The square root has no derivative at 0; the least positive number keeps a dead critic from making NaN.
    tiny = torch.finfo(gradient.dtype).tiny
    norm = gradient.square().sum((1, 2, 3)).clamp_min(tiny).sqrt()
    return PENALTY_WEIGHT * (norm - 1).square().mean()


def discriminator_loss(real: Tensor, fake: Tensor, critic: Critic, epsilon: Tensor) -> Tensor:
    """Compute what the critic minimises: Wasserstein distance and `gradient_penalty`; arguments as there."""
    distance = critic(fake.detach()).mean() - critic(real).mean()
    return distance + gradient_penalty(real, fake, critic, epsilon)
