"""Weight files, the random initial state, and the marks that a method's card carries."""

from dataclasses import asdict

import numpy as np
import pytest
import torch
from pydantic import ValidationError
from safetensors.torch import load_file, save_file

import baselines
from baselines import MethodError
from baselines.hifill import Discriminator, Generator, initialise, load_weights, save_weights
from baselines.hifill import stored as module
from leaderboard.results.schema import Method


@pytest.fixture
def saved(tmp_path):
    def make(**changes):
        path = tmp_path / "weights.safetensors"
        generator = initialise(Generator(**changes.pop("gates", {})))
        save_weights(path, generator, licence="MIT", provenance={"run": 3}, **changes)
        return path

    return make


@pytest.fixture
def unshipped(monkeypatch, tmp_path):
    monkeypatch.setattr(module, "SHIPPED", tmp_path / "absent.safetensors")


def test_round_trip(saved):
    path = saved(gates={"refine_gate": "ds"}, critic=initialise(Discriminator()))
    weights = load_weights(path)
    assert weights.provenance == {"run": 3}
    assert weights.licence == "MIT"
    assert not weights.untrained
    assert weights.generator.refine_gate == "ds"
    expected = initialise(Generator(refine_gate="ds")).state_dict()
    assert all(torch.equal(tensor, expected[name]) for name, tensor in weights.generator.state_dict().items())
    assert {path.name} == {entry.name for entry in path.parent.iterdir()}


def test_half_precision_files_are_read(saved):
    path = saved()
    tensors = {name: tensor.half() for name, tensor in load_file(path).items()}
    save_file(tensors, path, metadata={"format": "hifill/1", "coarse_gate": "sc", "refine_gate": "pw"})
    state = load_weights(path).generator.state_dict()
    assert {tensor.dtype for tensor in state.values()} == {torch.float32}


@pytest.mark.usefixtures("unshipped")
def test_without_weights_the_card_says_untrained():
    card = baselines.load("hifill").card
    assert card.untrained
    assert card.weights_sha256 is None
    assert "untrained" in card.version
    assert "untrained" in card.summary
    assert card.parameters == 2_722_791


@pytest.mark.usefixtures("unshipped")
def test_a_result_cannot_leave_the_mark_out():
    record = {**asdict(baselines.load("hifill").card), "spec": "hifill", "device": "cpu"}
    assert Method(**record).untrained
    del record["untrained"]
    with pytest.raises(ValidationError, match="untrained"):
        Method(**record)


def test_with_weights_the_card_has_their_hash(saved):
    path = saved()
    card = baselines.load("hifill", weights=path).card
    assert not card.untrained
    assert len(card.weights_sha256) == 64
    assert "untrained" not in card.version + card.summary
    assert "MIT" in card.licence


def test_the_shipped_file_is_taken_when_it_is_there(saved, monkeypatch):
    monkeypatch.setattr(module, "SHIPPED", saved())
    assert not baselines.load("hifill").card.untrained


@pytest.mark.usefixtures("unshipped")
def test_random_weights_are_the_same_each_time_and_spread_as_documented():
    first, second = load_weights().generator, load_weights().generator
    for name, parameter in first.named_parameters():
        assert torch.equal(parameter, second.get_parameter(name))
        assert parameter.abs().max() <= 0.1
    kernel = first.get_parameter("refine.re_dil_d4.feature.weight")
    # A normal distribution cut at two standard deviations keeps 0.8796 of its spread.
    assert kernel.std().item() == pytest.approx(0.05 * 0.8796, rel=0.01)
    assert not torch.equal(kernel, first.get_parameter("refine.re_dil_d8.feature.weight"))


def damage_missing(tensors, _header):
    del tensors["refine.re_dil_d1.gate.bias"]


def damage_extra(tensors, _header):
    tensors["refine.re_dil_d1.norm"] = torch.zeros(3)


def damage_shape(tensors, _header):
    tensors["coarse.c_dil_d1.gate.bias"] = torch.zeros(2)


def damage_format(_tensors, header):
    header["format"] = "other"


def damage_gate(_tensors, header):
    header["coarse_gate"] = "half"


def damage_start(_tensors, header):
    header["start"] = "mean"


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (damage_missing, "missing refine.re_dil_d1.gate.bias"),
        (damage_extra, "unexpected refine.re_dil_d1.norm"),
        (damage_shape, r"coarse.c_dil_d1.gate.bias has shape \(2,\) and not \(1,\)"),
        (damage_format, "holds format 'other', expected 'hifill/1'"),
        (damage_start, "names the start 'mean': expected one of zeros, membrane"),
        (damage_gate, "names the coarse gate 'half': expected one of none, sc"),
    ],
)
def test_files_that_do_not_fit_are_refused(saved, damage, message):
    path = saved()
    tensors = load_file(path)
    header = {"format": "hifill/1", "coarse_gate": "sc", "refine_gate": "pw"}
    damage(tensors, header)
    save_file(tensors, path, metadata=header)
    with pytest.raises(MethodError, match=message):
        load_weights(path)


def test_other_files_are_refused(tmp_path):
    path = tmp_path / "w.safetensors"
    with pytest.raises(MethodError, match="no weights file at"):
        load_weights(path)
    path.write_bytes(b"not safetensors at all")
    with pytest.raises(MethodError, match="is no safetensors file"):
        load_weights(path)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"mode": "fast"}, "unknown mode 'fast': expected one of clean, demo, graph"),
        ({"scale": 2}, "scale 2 does not go with mode 'clean'"),
        ({"mode": "demo", "residual": False}, "mode 'demo' always aggregates the residual"),
        ({"mode": "demo", "scale": 0}, "scale 0 does not go with mode 'demo'"),
        ({"device": "abacus"}, "cannot use device 'abacus'"),
    ],
)
def test_bad_options_are_refused(options, message):
    with pytest.raises(MethodError, match=message):
        baselines.load("hifill", **options)


@pytest.mark.parametrize("mode", ["clean", "demo", "graph"])
def test_every_mode_runs_and_names_itself(picture, mode):
    method = baselines.load("hifill", mode=mode)
    assert isinstance(method, baselines.Inpainter)
    assert method.card.settings["mode"] == mode
    image, mask = picture(70, 90), np.zeros((70, 90), bool)
    np.testing.assert_array_equal(method(image, mask), image)
    mask[30:40, 30:50] = True
    assert method(image, mask).shape == image.shape
    with pytest.raises(MethodError, match="mask must be bool"):
        method(image, mask.astype(np.uint8))
