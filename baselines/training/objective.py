"""Contract between the training core and a method: networks, updates, losses, running and storing.

A training step is a fixed sequence of updates. Each update gets a fresh batch, returns one loss and changes
the networks that it names, so a WGAN with three critic updates for one of the generator is
``rounds = ("critic", "critic", "critic", "generator")``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import torch
from pydantic import BaseModel
from torch import Tensor, nn

from df8k.baselines.base import Inpainter, MethodError

Networks = Mapping[str, nn.Module]
FindWeights = Callable[[str], Path]
"""Path of the weights that ``df8k weights`` knows by a name; raises what tells the user how to get them."""


def nowhere(name: str) -> Path:
    """Find no weights, for objectives whose losses need none.

    Raises:
        MethodError: always.
    """
    raise MethodError(f"a loss needs the weights {name!r}: give the recipe's `make` a way to find them")


@dataclass(frozen=True)
class Batch:
    """Training samples.

    Attributes:
        image: float32 ``(B, 3, S, S)``, RGB in [0, 1]: the complete originals.
        mask: float32 ``(B, 1, S, S)``, 1 = missing.
    """

    image: Tensor
    mask: Tensor


@dataclass(frozen=True)
class Progress:
    """Progress of the training.

    Attributes:
        step: steps that are done.
        steps: steps of the whole training.
        noise: a CPU generator that depends on the seed, the step, the update and the device's rank alone;
            the only source of randomness that a loss may use.
    """

    step: int
    steps: int
    noise: torch.Generator

    @property
    def fraction(self) -> float:
        """Fraction of the training that is done, in [0, 1)."""
        return self.step / self.steps


@dataclass(frozen=True)
class Update:
    """One kind of update and its optimiser.

    Attributes:
        networks: names of the networks that it changes; all others are frozen meanwhile.
        rate: factor on the configured learning rate.
        betas: of Adam.
        weight_decay: decoupled, as in AdamW; 0 gives Adam. Biases and normalisations are left out.
    """

    networks: tuple[str, ...]
    rate: float = 1.0
    betas: tuple[float, float] = (0.9, 0.999)
    weight_decay: float = 0.0


@dataclass(frozen=True)
class Provenance:
    """Making of a weights file, as its header says it; every value is text.

    Attributes:
        entries: for example ``steps``, ``seed``, ``config_sha256``, ``data_fingerprint``.
    """

    entries: Mapping[str, str] = field(default_factory=dict)


class Objective(Protocol):
    """Method in training. Networks live wherever the core has put them; losses run under its autocast."""

    @property
    def networks(self) -> Networks:
        """Everything with parameters, by name, in its training form."""
        ...

    @property
    def averaged(self) -> tuple[str, ...]:
        """List the networks whose moving average is validated and exported."""
        ...

    @property
    def updates(self) -> Mapping[str, Update]:
        """Kinds of update by name."""
        ...

    @property
    def rounds(self) -> tuple[str, ...]:
        """Order of the updates of one step, by name; each gets a fresh batch."""
        ...

    def loss(self, update: str, batch: Batch, progress: Progress) -> tuple[Tensor, dict[str, Tensor]]:
        """Compute the loss of one update.

        Args:
            update: a name of ``updates``.
            batch: fresh samples on the networks' device.
            progress: where the training stands.

        Returns:
            The scalar to minimise, and detached scalars to log.
        """
        ...

    def method(self, networks: Networks, device: str) -> Inpainter:
        """Make the method as users run it.

        Args:
            networks: averaged networks by name, in their training form; not to be changed.
            device: torch device string.
        """
        ...

    def export(self, networks: Networks, path: Path, provenance: Provenance) -> None:
        """Write the weights that the package loads, atomically, with the provenance in the file's header."""
        ...


@dataclass(frozen=True)
class Recipe:
    """Training recipe of one registered method.

    Attributes:
        options: strict pydantic model of the method's own options, the config file's ``[method]`` table.
        make: from checked options, a seed and a way to find weights that losses need, to an objective on the
            CPU; equal seeds give equal networks.
        defaults: values of `config.TrainingConfig` that suit the method.
    """

    options: type[BaseModel]
    make: Callable[[Any, int, FindWeights], Objective]
    defaults: Mapping[str, Any] = field(default_factory=dict)
