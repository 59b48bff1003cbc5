"""Registered methods with options in their SPEC."""

from pathlib import Path

import numpy as np
import pytest

import baselines
from baselines import MethodError, open_method


def test_a_spec_sets_options_and_the_name_tells_them() -> None:
    """Card, settings and result are those of the method loaded with these options."""
    picture = np.random.default_rng(0).integers(0, 256, (64, 48, 3), np.uint8)
    mask = np.zeros((64, 48), bool)
    mask[20:40, 10:30] = True
    method, same = open_method("harmonic,cycles=4"), baselines.load("harmonic", cycles=4)
    assert method.card.name == "harmonic-cycles-4"
    assert method.card.settings == same.card.settings == {"cycles": 4}
    np.testing.assert_array_equal(method(picture, mask), same(picture, mask))


def test_options_of_every_kind_reach_the_method() -> None:
    """Numbers, words and switches; the time inside the network is told as before."""
    method = open_method("rethined,working_resolution=256,coherence=off,cut_px=3.5,backend=torch")
    settings = method.card.settings
    assert method.card.name == "rethined-backend-torch-coherence-off-cut-px-3.5-working-resolution-256"
    assert (settings["working_resolution"], settings["coherence"], settings["cut_px"]) == (256, "off", 3.5)
    assert settings["backend"] == "torch"
    mask = np.zeros((64, 64), bool)
    mask[20:40, 10:30] = True
    method(np.zeros((64, 64, 3), np.uint8), mask)
    assert method.model_seconds > 0  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        ("harmonic,cycle=4", "cycle"),
        ("rethined,colour=red", "it has working_resolution"),
        ("rethined,working_resolution=300", "256, 512, 768, 1024"),
        ("harmonic,cycles", "OPTION=VALUE"),
        ("harmonic,cycles=", "OPTION=VALUE"),
        ("harmonic,cycles=1,cycles=2", "OPTION=VALUE"),
        ("harmonic,device=cuda", "OPTION=VALUE"),
        ("harmonc,cycles=1", "did you mean harmonic"),
        ("harmonic,cycles=many", "'harmonic,cycles=many' cannot be loaded"),
        ("harmonic,cycles=many", "cycles is 'many', a number is expected"),
        ("rethined,cut_px=high", "'rethined,cut_px=high' cannot be loaded"),
    ],
)
def test_what_cannot_be_set_is_refused(spec: str, told: str) -> None:
    """The message names what is wrong and what there is."""
    with pytest.raises(MethodError, match=told):
        open_method(spec)


@pytest.mark.parametrize("value", ["evil.py:make", "evil.onnx", "evil.pt"])
def test_what_begins_with_a_registered_name_never_runs_a_file(
    value: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`df8k reproduce` runs such a SPEC from a stranger's result unseen."""
    monkeypatch.chdir(tmp_path)
    ran = tmp_path / "ran"
    (tmp_path / "mean,evil.py").write_text(f"open({str(ran)!r}, 'w')\n")
    with pytest.raises(MethodError, match="OPTION=VALUE"):
        open_method(f"mean,{value}")
    assert not ran.exists()


def test_the_value_of_an_option_may_look_like_another_kind_of_method(tmp_path: Path) -> None:
    """A file of weights is no TorchScript, whatever its name."""
    with pytest.raises(MethodError, match="absent"):
        open_method(f"hifill,weights={tmp_path / 'absent.pt'}")
