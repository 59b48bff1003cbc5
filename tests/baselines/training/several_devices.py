"""A small training for `test_devices`: ``FOLDER DEVICES STOP``, killed by itself after ``STOP`` steps."""

import os
import signal
import sys
from pathlib import Path

import numpy as np
import torch
from pydantic import BaseModel
from torch import nn

from baselines.training import Recipe, Update
from baselines.training.config import read_config
from baselines.training.crops import Photograph, Samples, open_pack
from baselines.training.devices import Devices
from baselines.training.loop import Surroundings, Trainer, Validation

SETTINGS = {
    "steps": 8, "batch_size": 4, "crop_px": 32, "levels_px": (32,), "warmup_steps": 2, "validate_every": 4,
    "checkpoint_every": 2, "select": "error", "seed": 2,
}  # fmt: skip


class Options(BaseModel):
    """None."""


class Objective:
    """Its loss is a mean over pictures; of its parameters some are used by few pictures and some by none."""

    rounds = ("network",)
    averaged = ("network",)

    def __init__(self):
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            parts = {"always": nn.Conv2d(4, 3, 3, padding=1), "rarely": nn.Conv2d(3, 1, 3)}
            self.networks = {"network": nn.ModuleDict(parts | {"never": nn.BatchNorm2d(3)})}
        self.updates = {"network": Update(("network",), weight_decay=0.1)}

    def loss(self, update, batch, progress):
        network = self.networks["network"]
        network["never"](batch.image)
        filled = network["always"](torch.cat((batch.image * (1 - batch.mask), batch.mask), 1))
        loss = (filled - batch.image).abs().mean()
        rare = batch.image.mean((1, 2, 3)) > 0.5
        if rare.any():
            loss = loss + network["rarely"](filled[rare]).square().mean((1, 2, 3)).sum() / len(rare)
        return loss, {"rare": rare.float().mean()}

    def method(self, networks, device):
        return networks["network"]

    def export(self, networks, path, provenance):
        raise AssertionError("a run itself exports nothing")


def _draw(key, height, width):
    return np.random.default_rng(sum(map(ord, key))).random((height, width)) < 0.3


def _photograph(number):
    picture = np.random.default_rng(number).integers(0, 220 + 60 * (number == 0), (40, 48, 3))
    return Photograph(f"{number}", lambda: picture.clip(0, 255).astype(np.uint8))


def main(folder: Path, count: int, stop: int) -> None:
    config, _ = read_config("small", Recipe(Options, lambda *_: Objective()), None, SETTINGS)
    devices = Devices("cpu", count)
    trainer = Trainer(Objective(), config, folder, devices)
    if devices.first:
        open_pack(folder, [_photograph(n) for n in range(4)], config.training, lambda *_: None)
    devices.wait()
    pack = open_pack(folder, [_photograph(n) for n in range(4)], config.training, lambda *_: None)

    def report(step, steps, scalars):
        if devices.first and step == stop:
            os.kill(os.getpid(), signal.SIGKILL)

    def validate(network):
        error = float(network["always"].weight.abs().sum())
        return Validation({"error": error}, {"shown": np.zeros((4, 6, 3), np.uint8)})

    trainer.run(Samples(pack, _draw, config.training), Surroundings(validate, report, tensorboard=True))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
