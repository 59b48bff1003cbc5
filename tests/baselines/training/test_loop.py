"""The loop with a small objective of two networks and three updates a step."""

import json

import numpy as np
import pytest
import torch
from pydantic import BaseModel, ConfigDict
from torch import nn
from torch.nn import functional as F

from baselines import MethodError
from baselines.training import Recipe, Update
from baselines.training.config import read_config
from baselines.training.crops import Photograph, Samples, open_pack
from baselines.training.devices import Devices
from baselines.training.loop import Surroundings, Trainer, Validation

SETTINGS = {
    "steps": 8, "batch_size": 2, "crop_px": 32, "levels_px": (32,), "warmup_steps": 2, "validate_every": 4,
    "checkpoint_every": 2, "select": "error",
}  # fmt: skip


class _Options(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _Duel:
    """A critic that changes twice a step, and a filler that changes once."""

    rounds = ("critic", "critic", "filler")
    averaged = ("filler",)

    def __init__(self, seed=0, explode_at=None):
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.networks = {"filler": nn.Conv2d(4, 3, 3, padding=1), "critic": nn.Conv2d(3, 1, 3)}
        self.updates = {
            "filler": Update(("filler",)),
            "critic": Update(("critic",), rate=0.5, betas=(0.5, 0.9)),
        }
        self.explode_at, self.seen = explode_at, []

    def loss(self, update, batch, progress):
        noise = torch.rand(1, generator=progress.noise)
        self.seen.append((progress.step, update, float(batch.image.sum()), float(noise)))
        frozen = {name: not next(n.parameters()).requires_grad for name, n in self.networks.items()}
        assert frozen == {"filler": update == "critic", "critic": update == "filler"}
        filled = self.networks["filler"](torch.cat((batch.image * (1 - batch.mask), batch.mask), 1))
        if update == "critic":
            loss = (self.networks["critic"](filled.detach()) - self.networks["critic"](batch.image)).mean()
            return loss + noise.mean() * 0, {}
        error = F.l1_loss(filled, batch.image)
        loss = error - 1e-3 * self.networks["critic"](filled).mean()
        if progress.step == self.explode_at:
            loss = loss * float("inf")
        return loss, {"error": error.detach()}

    def method(self, networks, device):
        return networks["filler"]

    def export(self, networks, path, provenance):
        path.write_text(json.dumps(dict(provenance.entries)))


def _draw(key, height, width):
    return np.random.default_rng(sum(map(ord, key))).random((height, width)) < 0.3


def _samples(folder, config):
    photographs = [
        Photograph(f"{n}", lambda n=n: np.random.default_rng(n).integers(0, 256, (40, 48, 3), np.uint8))
        for n in range(3)
    ]
    pack = open_pack(folder, photographs, config.training, lambda *_: None)
    return Samples(pack, _draw, config.training)


def _surroundings(stop_at=None):
    def report(step, steps, scalars):
        if step == stop_at:
            raise KeyboardInterrupt

    def validate(network):
        return Validation({"error": float(network.weight.abs().sum())}, {})

    return Surroundings(validate, report)


def _train(folder, *, stop_at=None, **changes):
    options = changes.pop("options", {})
    config, _ = read_config("duel", Recipe(_Options, lambda o, s: _Duel()), None, {**SETTINGS, **changes})
    trainer = Trainer(_Duel(**options), config, folder, Devices("cpu"))
    begun = trainer.step
    samples = _samples(folder, config)
    if stop_at is None:
        trainer.run(samples, _surroundings())
    else:
        with pytest.raises(KeyboardInterrupt):
            trainer.run(samples, _surroundings(stop_at))
    return trainer, begun


def _numbers(folder):
    return [json.loads(line) for line in (folder / "scalars.jsonl").read_text().splitlines()]


def test_interrupted_training_ends_with_the_same_weights_and_the_same_curve(tmp_path):
    straight, _ = _train(tmp_path / "straight")
    _, begun = _train(tmp_path / "broken", stop_at=5)
    assert begun == 0
    resumed, begun = _train(tmp_path / "broken")
    assert begun == 4
    assert resumed.best == straight.best
    for name, network in straight.objective.networks.items():
        for a, b in zip(
            network.state_dict().values(), resumed.objective.networks[name].state_dict().values(), strict=True
        ):
            assert torch.equal(a, b)
    for a, b in zip(
        straight.averages["filler"].parameters(), resumed.averages["filler"].parameters(), strict=True
    ):
        assert torch.equal(a, b)
    assert _numbers(tmp_path / "broken") == _numbers(tmp_path / "straight")
    later = [entry for entry in straight.objective.seen if entry[0] >= begun]
    assert later == resumed.objective.seen


def test_every_update_gets_a_fresh_batch_and_noise_of_its_own(tmp_path):
    trainer, _ = _train(tmp_path)
    seen = trainer.objective.seen
    assert [update for _, update, _, _ in seen[:6]] == ["critic", "critic", "filler"] * 2
    assert len({total for _, _, total, _ in seen}) == len(seen) == 24
    assert len({noise for *_, noise in seen}) == 24


def test_the_best_weights_are_kept_and_exported_with_their_provenance(tmp_path):
    trainer, _ = _train(tmp_path)
    values = {e["step"]: e["validation/error"] for e in _numbers(tmp_path) if "validation/error" in e}
    assert set(values) == {4, 8}
    best = min(values, key=lambda step: values[step])
    assert trainer.load_best() == best
    assert float(trainer.averages["filler"].weight.abs().sum()) == values[best]
    trainer.export(tmp_path / "weights", {"data": "x"})
    assert json.loads((tmp_path / "weights").read_text()) == {
        "config_sha256": trainer.config.sha256, "data": "x", "seed": "0",
    }  # fmt: skip


def test_a_run_refuses_another_configuration_a_broken_batch_and_an_early_export(tmp_path):
    _train(tmp_path / "run")
    with pytest.raises(MethodError, match=r"training\.learning_rate 0.001, now 0.1"):
        _train(tmp_path / "run", learning_rate=0.1)
    config, _ = read_config("duel", Recipe(_Options, lambda o, s: _Duel()), None, SETTINGS)
    devices = Devices("cpu")
    devices.count = 3
    with pytest.raises(MethodError, match="a batch of 2 cannot be divided over 3 devices"):
        Trainer(_Duel(), config, tmp_path / "new", devices)
    devices.count = 1
    with pytest.raises(MethodError, match="no validated weights yet"):
        Trainer(_Duel(), config, tmp_path / "new", devices).load_best()


def test_a_gradient_that_is_not_finite_stops_the_run_and_keeps_the_checkpoint(tmp_path):
    with pytest.raises(MethodError, match="gradient of 'filler' is not finite at step 5"):
        _train(tmp_path, options={"explode_at": 5})
    again, begun = _train(tmp_path)
    assert begun == 4
    assert again.step == 8


def test_an_unknown_value_to_select_by_names_the_known_ones(tmp_path):
    with pytest.raises(MethodError, match="select is 'psnr'; a validation gives error"):
        _train(tmp_path, select="psnr")


def test_a_device_that_torch_cannot_use_is_refused():
    with pytest.raises(MethodError, match="torch cannot use 'cuda:99'"):
        Devices("cuda:99")
