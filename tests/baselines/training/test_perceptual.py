"""The perceptual loss against the package of ST-LPIPS, and in the training of both methods."""

import numpy as np
import pytest
import safetensors
import torch

from baselines import MethodError
from baselines.training import recipe
from baselines.training.config import read_config
from baselines.training.crops import Photograph, Samples, open_pack
from baselines.training.devices import Devices
from baselines.training.loop import Surroundings, Trainer, Validation
from baselines.training.objective import Batch, Progress
from baselines.training.perceptual import Perceptual
from metrics import UnavailableError
from metrics.weights import Store

METHODS = {"rethined": (64, "match = 0.0\nmixed = 0.0\n"), "hifill": (128, "critic = false\n")}


def _pair(seed=0, side=40):
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(2, 2, 3, side, side, generator=generator).unbind()


def test_it_equals_the_package_and_so_does_its_gradient(stlpips, store):
    prediction, target = _pair()
    prediction.requires_grad_()
    loss = Perceptual(store.require)(prediction, target)
    expected = stlpips(2 * prediction - 1, 2 * target - 1).mean()
    assert loss.item() == pytest.approx(expected.item(), rel=1e-6)
    assert loss.item() > 0.01
    (gradient,), (wanted,) = (torch.autograd.grad(value, prediction) for value in (loss, expected))
    assert torch.isfinite(gradient).all()
    assert gradient.abs().max() > 0
    torch.testing.assert_close(gradient, wanted, rtol=1e-4, atol=1e-6 * float(wanted.abs().max()))


def test_equal_pictures_have_no_distance_and_half_precision_changes_nothing(store):
    prediction, target = _pair(1)
    loss = Perceptual(store.require)
    assert loss(target, target) == 0
    with torch.autocast("cpu", torch.bfloat16):
        mixed = loss(prediction, target)
    assert mixed == loss(prediction, target)


def test_it_is_frozen_and_leaves_the_global_seed_alone(store):
    before = torch.get_rng_state()
    loss = Perceptual(store.require)
    loss(*_pair())
    assert torch.equal(torch.get_rng_state(), before)
    assert not any(parameter.requires_grad for parameter in loss._network.parameters())


def test_weights_that_are_absent_or_of_another_network_are_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    _, options = read_config("rethined", recipe("rethined"), _config(tmp_path, "rethined", 1.0), {})
    with pytest.raises(UnavailableError, match="run 'df8k weights fetch st-lpips-alex'"):
        recipe("rethined").make(options, 0, Store(folder=tmp_path).require)
    with pytest.raises(MethodError, match="a loss needs the weights 'st-lpips-alex'"):
        recipe("rethined").make(options, 0)
    torch.save({"features.0.weight": torch.zeros(64, 3, 11, 11)}, tmp_path / "alexnet.pth")
    with pytest.raises(MethodError, match=r"alexnet\.pth is not the state of ST-LPIPS with AlexNet"):
        Perceptual(lambda _: tmp_path / "alexnet.pth")(*_pair())


def _config(folder, name, weight):
    file = folder / f"{name}.toml"
    side, options = METHODS[name]
    file.write_text(
        f"[training]\nsteps = 2\nbatch_size = 2\ncrop_px = {side}\nlevels_px = [{side}]\nvalidate_every = 2\n"
        f"[method]\nperceptual = {weight}\n{options}"
    )
    return file


def _train(folder, name, weight, find):
    run, options = read_config(name, recipe(name), _config(folder, name, weight), {})
    objective = recipe(name).make(options, 0, find)
    trainer = Trainer(objective, run, folder, Devices("cpu"))
    rng = np.random.default_rng(0)
    photographs = [
        Photograph(f"{n}", lambda: rng.integers(0, 256, (130, 140, 3), np.uint8)) for n in range(2)
    ]
    pack = open_pack(folder, photographs, run.training, lambda *_: None)

    def draw(key, height, width):
        mask = np.zeros((height, width), bool)
        mask[height // 4 : height // 2, : width // 2] = True
        return mask

    seen = []
    validate = Validation({"l1.hole": 0.0}, {})
    surroundings = Surroundings(lambda _: validate, lambda step, steps, scalars: seen.append(scalars))
    trainer.run(Samples(pack, draw, run.training), surroundings)
    trainer.export(folder / "weights.safetensors", {})
    return objective, seen


def _unwanted(name):
    raise AssertionError(f"asked for {name}")


def _shapes(folder):
    with safetensors.safe_open(folder / "weights.safetensors", "pt") as file:
        return {key: file.get_slice(key).get_shape() for key in file.keys()}  # noqa: SIM118 - no mapping


def _names(value, above=""):
    if not isinstance(value, dict):
        return {above}
    return {name for key, inner in value.items() for name in _names(inner, f"{above}/{key}")}


@pytest.mark.parametrize("name", METHODS)
def test_a_training_uses_it_and_keeps_it_out_of_every_file(tmp_path, store, name):
    folders = [tmp_path / "without", tmp_path / "with"]
    for folder in folders:
        folder.mkdir()
    objective, without = _train(folders[0], name, 0.0, _unwanted)
    assert objective._perceptual is None
    objective, seen = _train(folders[1], name, 10.0, store.require)
    update = objective.rounds[-1]
    for before, now in zip(without, seen, strict=True):
        assert set(now) - set(before) == {f"{update}/perceptual"}
        assert now[f"{update}/perceptual"] > 0
    added = seen[0][f"{update}/loss"] - without[0][f"{update}/loss"]
    assert added == pytest.approx(10 * seen[0][f"{update}/perceptual"], rel=1e-3)
    assert _shapes(folders[0]) == _shapes(folders[1])
    states = [torch.load(folder / "checkpoint.pt", weights_only=True) for folder in folders]
    assert _names(states[0]) == _names(states[1])
    network = next(iter(objective.networks.values())).state_dict()
    assert any(
        not torch.equal(network[key], value)
        for key, value in next(iter(states[0]["networks"].values())).items()
    )


@pytest.mark.parametrize("name", METHODS)
def test_both_methods_compare_the_composite_with_the_original(tmp_path, name, store):
    """What the known pixels of the network's output hold must not count."""
    _, options = read_config(name, recipe(name), _config(tmp_path, name, 1.0), {})
    objective = recipe(name).make(options, 0, store.require)
    side = METHODS[name][0]
    given = []
    objective._perceptual = lambda prediction, target: (
        given.append((prediction, target)) or prediction.sum() * 0
    )
    image = torch.rand(1, 3, side, side, generator=torch.Generator().manual_seed(5))
    mask = torch.zeros(1, 1, side, side)
    mask[..., 8:30, 10:40] = 1
    objective.loss(objective.rounds[-1], Batch(image, mask), Progress(0, 2, torch.Generator()))
    prediction, target = given[0]
    assert torch.equal(target, image)
    known = mask.expand_as(image) == 0
    torch.testing.assert_close(prediction[known], image[known], rtol=0, atol=1e-6)
    assert prediction.requires_grad
    assert (prediction[~known] - image[~known]).abs().max() > 0.01
