"""The training loop: updates, averages, validation, checkpoints; exact under interruption."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from df8k.baselines.base import Image, Inpainter, MethodError

from . import checkpoint
from .average import MovingAverage
from .config import RunConfig
from .crops import Samples
from .devices import Devices
from .objective import Batch, Objective, Progress, Provenance
from .optimiser import optimisers
from .record import Record
from .schedule import learning_rate

_FLUSH_EVERY = 10


@dataclass(frozen=True)
class Validation:
    """Values that a method reaches on fixed pictures and masks.

    Attributes:
        values: by name; lower is better for the one that selects.
        pictures: uint8 RGB to look at, by name.
    """

    values: dict[str, float]
    pictures: dict[str, Image]


@dataclass(frozen=True)
class Surroundings:
    """Parts of a training that the caller provides.

    Attributes:
        validate: measures a method.
        report: ``(step, steps, latest scalars)`` after every step.
        workers: processes that prepare samples; the result does not depend on it.
        tensorboard: write event files.
    """

    validate: Callable[[Inpainter], Validation]
    report: Callable[[int, int, dict[str, float]], None]
    workers: int = 0
    tensorboard: bool = False


class Trainer:
    """One run: a method, a configuration and a folder.

    Args:
        objective: of the method.
        config: of the run.
        folder: where checkpoints and logs are.
        devices: where it runs.

    Raises:
        MethodError: the folder holds a run of another configuration, or the batch cannot be divided.
    """

    def __init__(self, objective: Objective, config: RunConfig, folder: Path, devices: Devices) -> None:
        self.objective, self.config, self._folder, self._devices = objective, config, folder, devices
        if config.training.batch_size % devices.count:
            raise MethodError(
                f"a batch of {config.training.batch_size} cannot be divided over {devices.count} devices"
            )
        for network in objective.networks.values():
            network.to(devices.device).train()
        decay = config.training.average_decay
        self._averages = {name: MovingAverage(objective.networks[name], decay) for name in objective.averaged}
        self._optimisers = optimisers(objective, muon=config.training.optimiser == "muon")
        self.step = 0
        self.best: dict[str, float] | None = None
        self._resume()

    @property
    def averages(self) -> dict[str, nn.Module]:
        """Averaged networks by name."""
        return {name: average.network for name, average in self._averages.items()}

    def run(self, samples: Samples, surroundings: Surroundings) -> None:
        """Train to the end of the configured steps."""
        training, rounds = self.config.training, self.objective.rounds
        if self.step >= training.steps:
            return
        numbers = _Numbers(self.config, len(rounds), self.step, self._devices)
        loader = iter(_loader(samples, numbers, surroundings.workers, self._devices))
        folder = self._folder if self._devices.first else None
        with Record(folder, self.step, tensorboard=surroundings.tensorboard) as record:
            while self.step < training.steps:
                rate = learning_rate(self.step, training)
                scalars: dict[str, Tensor | float] = {"learning_rate": rate}
                for turn, update in enumerate(rounds):
                    image, mask = (tensor.to(self._devices.device) for tensor in next(loader))
                    batch = Batch(image.float() / 255, mask.float())
                    scalars |= self._update(update, turn, batch, rate)
                self._finish_step()
                record.scalars(self.step, scalars)
                if self.step % _FLUSH_EVERY == 0:
                    record.flush()
                surroundings.report(self.step, training.steps, {k: float(v) for k, v in scalars.items()})
                last = self.step == training.steps
                if last or self.step % training.validate_every == 0:
                    self._validate(surroundings, record)
                if last or self.step % training.checkpoint_every == 0:
                    record.flush()
                    self._save()

    def load_best(self) -> int:
        """Put the best averages in place and return the step that they are of.

        Raises:
            MethodError: nothing has been validated yet.
        """
        best = checkpoint.load_state(self._folder / "best.pt", self.config)
        if best is None:
            raise MethodError(f"{self._folder} holds no validated weights yet: train on")
        for name, average in self._averages.items():
            average.network.load_state_dict(best["averages"][name])
        return int(best["step"])

    def export(self, path: Path, entries: dict[str, str]) -> None:
        """Write the averaged weights."""
        entries = {"config_sha256": self.config.sha256, "seed": str(self.config.training.seed), **entries}
        self.objective.export(self.averages, path, Provenance(entries))

    def _update(self, name: str, turn: int, batch: Batch, rate: float) -> dict[str, Tensor | float]:
        update, optimiser = self.objective.updates[name], self._optimisers[name]
        for key, network in self.objective.networks.items():
            network.requires_grad_(key in update.networks)
        noise = torch.Generator().manual_seed(self._noise_seed(turn))
        progress = Progress(self.step, self.config.training.steps, noise)
        with self._devices.autocast(self.config.training.precision):
            loss, scalars = self.objective.loss(name, batch, progress)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call] # torch leaves it untyped
        self._devices.average_gradients(optimiser.parameters)
        clip = self.config.training.clip_norm or float("inf")
        norm = nn.utils.clip_grad_norm_(optimiser.parameters, clip)
        if not torch.isfinite(norm):
            raise MethodError(
                f"the gradient of {name!r} is not finite at step {self.step}: "
                f"lower learning_rate, or use fp32"
            )
        optimiser.step(rate)
        logged = {"loss": loss.detach(), **scalars}
        self._devices.average(logged.values())
        return {f"{name}/{key}": value for key, value in logged.items()}

    def _finish_step(self) -> None:
        networks = self.objective.networks
        for network in networks.values():
            self._devices.average(b for b in network.buffers() if b.is_floating_point())
        for name, average in self._averages.items():
            average.update(networks[name], self.step)
        self.step += 1

    def _noise_seed(self, turn: int) -> int:
        key = f"{self.config.training.seed}|{self.step}|{turn}|{self._devices.rank}"
        return int.from_bytes(hashlib.sha256(key.encode()).digest()[:7], "big")

    def _validate(self, surroundings: Surroundings, record: Record) -> None:
        if self._devices.first:
            validation = surroundings.validate(
                self.objective.method(self.averages, str(self._devices.device))
            )
            record.scalars(self.step, {f"validation/{name}": v for name, v in validation.values.items()})
            record.pictures(self.step, validation.pictures)
            key = self.config.training.select
            if key not in validation.values:
                raise MethodError(f"select is {key!r}; a validation gives {', '.join(validation.values)}")
            if self.best is None or validation.values[key] < self.best["value"]:
                self.best = {"step": float(self.step), "value": validation.values[key]}
                averages = {name: a.network.state_dict() for name, a in self._averages.items()}
                state = {"step": self.step, "value": validation.values[key], "averages": averages}
                checkpoint.save_state(self._folder / "best.pt", self.config, state)
        self._devices.wait()

    def _save(self) -> None:
        if self._devices.first:
            state: dict[str, Any] = {
                "step": self.step,
                "best": self.best,
                "networks": {name: n.state_dict() for name, n in self.objective.networks.items()},
                "averages": {name: a.network.state_dict() for name, a in self._averages.items()},
                "optimisers": {name: o.state_dict() for name, o in self._optimisers.items()},
            }
            checkpoint.save_state(self._folder / "checkpoint.pt", self.config, state)
        self._devices.wait()

    def _resume(self) -> None:
        state = checkpoint.load_state(self._folder / "checkpoint.pt", self.config)
        if state is None:
            return
        self.step, self.best = int(state["step"]), state["best"]
        for name, network in self.objective.networks.items():
            network.load_state_dict(state["networks"][name])
        for name, average in self._averages.items():
            average.network.load_state_dict(state["averages"][name])
        for name, optimiser in self._optimisers.items():
            optimiser.load_state_dict(state["optimisers"][name])


class _Numbers:
    """Numbers of the samples that each batch of this device holds, from a step on."""

    def __init__(self, config: RunConfig, rounds: int, step: int, devices: Devices) -> None:
        size = config.training.batch_size
        self._first, self._last, self._size = step * rounds, config.training.steps * rounds, size
        self._own = slice(devices.rank * size // devices.count, (devices.rank + 1) * size // devices.count)

    def __iter__(self) -> Iterator[list[int]]:
        for batch in range(self._first, self._last):
            yield list(range(batch * self._size, (batch + 1) * self._size)[self._own])

    def __len__(self) -> int:
        return self._last - self._first


def _loader(
    samples: Samples, numbers: _Numbers, workers: int, devices: Devices
) -> "torch.utils.data.DataLoader[tuple[Tensor, Tensor]]":
    return torch.utils.data.DataLoader(
        samples,
        batch_sampler=numbers,
        num_workers=workers,
        multiprocessing_context="spawn" if workers else None,
        persistent_workers=False,
        pin_memory=devices.device.type == "cuda",
    )
