"""``df8k export`` from the command line."""

import importlib.util
import json

import pytest
from click.testing import CliRunner

import baselines
from df8k.cli.export import export


def run(*arguments):
    return CliRunner().invoke(export, [str(a) for a in arguments])


def test_writes_onnx_and_says_how_far_it_is_from_torch(tmp_path):
    path = tmp_path / "small.onnx"
    done = run("rethined", "--out", path, "--size", 64, 128, "--json")
    assert done.exit_code == 0, done.output
    row = json.loads(done.output)
    assert row["graph"] == "embed"
    assert 0 <= row["difference"] < 1e-4
    assert path.stat().st_size > 1e7


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("telea", "--out", "x.onnx"), "telea has no export"),
        (("rethined", "--out", "x.onnx", "--size", 100, 100), "multiples of 64"),
    ],
)
def test_refuses_with_a_reason(tmp_path, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    done = run(*arguments)
    assert isinstance(done.exception, baselines.MethodError)
    assert message in str(done.exception)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("to", "package"), [("coreml", "coremltools"), ("litert", "litert_torch")])
def test_says_which_converter_is_missing(tmp_path, monkeypatch, to, package):
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda n, *a: None if n == package else find(n, *a))
    done = run("rethined", "--format", to, "--out", tmp_path / "x.mlpackage")
    assert f"needs the package {package}" in str(done.exception)
