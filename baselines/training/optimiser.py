"""Optimisers of an update: AdamW, and Muon for the kernels inside a network."""

from collections.abc import Iterable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from .objective import Objective, Update

# Kernels of fewer channels on either side (first and last layers, depthwise ones) are no mixing matrices.
_MUON_CHANNELS = 16


class Optimiser:
    """Adam with decoupled weight decay, and on request Muon for kernels that mix channels.

    Muon replaces the momentum of a kernel, seen as a matrix of outputs by inputs and positions, by the
    nearest orthogonal one, scaled so that its values are as large as Adam's: one learning rate serves both.

    Args:
        parameters: of all networks of the update; they stay where they are in memory.
        update: betas, weight decay and the factor on the rate.
        muon: use it.

    Source:
        Jordan et al., Muon: an optimizer for hidden layers in neural networks, 2024; the scale is of Liu et
        al., Muon is scalable for LLM training, 2025, section 2.2.
    """

    def __init__(self, parameters: Iterable[nn.Parameter], update: Update, *, muon: bool = False) -> None:
        self.parameters = list(parameters)
        self._rate = update.rate
        self._kernels = [p for p in self.parameters if muon and _mixes(p)]
        kernels = set(map(id, self._kernels))
        others = [p for p in self.parameters if id(p) not in kernels]
        groups = [
            {"params": [p for p in others if p.ndim > 1], "weight_decay": update.weight_decay},
            {"params": [p for p in others if p.ndim <= 1], "weight_decay": 0.0},
        ]
        self._parts: list[torch.optim.Optimizer] = [torch.optim.AdamW(groups, betas=update.betas)]
        self._matrices = [nn.Parameter(_matrix(kernel.detach(), kernel)) for kernel in self._kernels]
        if self._matrices:
            decay, scale = update.weight_decay, "match_rms_adamw"
            self._parts.append(torch.optim.Muon(self._matrices, weight_decay=decay, adjust_lr_fn=scale))

    def zero_grad(self) -> None:
        """Forget the gradients."""
        for parameter in self.parameters:
            parameter.grad = None

    def step(self, rate: float) -> None:
        """Move the parameters along their gradients at a learning rate."""
        for kernel, matrix in zip(self._kernels, self._matrices, strict=True):
            matrix.grad = None if kernel.grad is None else _matrix(kernel.grad, kernel)
        for part in self._parts:
            for group in part.param_groups:
                group["lr"] = rate * self._rate
            part.step()

    def state_dict(self) -> dict[str, Any]:
        """Give what `load_state_dict` goes on from."""
        return {str(number): part.state_dict() for number, part in enumerate(self._parts)}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from the state of an optimiser of the same networks."""
        for number, part in enumerate(self._parts):
            part.load_state_dict(state[str(number)])


def optimisers(objective: Objective, *, muon: bool) -> Mapping[str, Optimiser]:
    """Make the optimiser of every update, by its name."""
    return {
        name: Optimiser(
            (p for key in update.networks for p in objective.networks[key].parameters()), update, muon=muon
        )
        for name, update in objective.updates.items()
    }


def _mixes(parameter: Tensor) -> bool:
    return parameter.ndim == 4 and min(parameter.shape[:2]) >= _MUON_CHANNELS


def _matrix(values: Tensor, kernel: Tensor) -> Tensor:
    """See ``(O, I, h, w)`` as ``(O, I * h * w)``, in the order in which the kernel lies in memory."""
    last = kernel.is_contiguous(memory_format=torch.channels_last)
    return values.permute((0, 2, 3, 1) if last else (0, 1, 2, 3)).flatten(1)
