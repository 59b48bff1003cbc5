"""Every template of ``df8k method init`` works as its README says."""

import json
import os
import runpy
import sys

import numpy as np
import pytest
from click.testing import CliRunner

from baselines import MethodError
from baselines.templates import kinds, write_template
from df8k.cli import cli


def run(*arguments):
    return CliRunner().invoke(cli, [str(argument) for argument in arguments], prog_name="df8k")


def passed(*arguments):
    found = run("method", "check", "--json", *arguments)
    assert found.exit_code == 0, found.output
    report = json.loads(found.stdout)
    assert report["ok"]
    assert {finding["verdict"] for finding in report["findings"]} == {"ok"}
    return report


@pytest.fixture
def template(tmp_path, monkeypatch):
    """Writes a template into a folder, and enters it as its README asks."""

    def write(kind):
        found = run("method", "init", tmp_path / kind, "--kind", kind)
        assert found.exit_code == 0, found.output
        written = {path.name for path in (tmp_path / kind).iterdir()}
        assert {line.rpartition("/")[2] for line in found.stdout.splitlines()} == written
        assert "README.md" in written
        monkeypatch.chdir(tmp_path / kind)
        return (tmp_path / kind / "README.md").read_text()

    return write


def test_python(template):
    assert "df8k method check method.py:load" in template("python")
    report = passed("method.py:load")
    assert report["method"] == "my-method"


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("kind", "file"), [("onnx", "model.onnx"), ("torchscript", "model.pt")])
def test_networks(template, kind, file):
    pytest.importorskip("onnxruntime")
    assert f"df8k method check {file}" in template(kind)
    runpy.run_path("export.py", run_name="__main__")
    assert passed(file)["method"] == "my-network"


def test_command(template, monkeypatch):
    spec = "cmd:python fill.py {image} {mask} {output}"
    assert f"df8k method check '{spec}'" in template("command")
    monkeypatch.setenv("PATH", f"{os.path.dirname(sys.executable)}:{os.environ['PATH']}")
    assert passed(spec)["method"] == "fill"


def test_predictions(template, tmp_path, monkeypatch):
    import cv2

    assert "python fill_folder.py inputs filled" in template("predictions")
    y, x = np.mgrid[0:40, 0:60]
    mask = (abs(y - 20) < 5) & (abs(x - 30) < 9)
    seen = np.where(mask[..., None], 0, np.stack([x, y, x + y], axis=2))
    for folder, picture in (("images", seen), ("masks", mask * 255)):
        path = tmp_path / "inputs" / "64" / folder / "0123456789abcdef.png"
        path.parent.mkdir(parents=True)
        cv2.imwrite(str(path), picture.astype(np.uint8))
    monkeypatch.setattr(sys, "argv", ["fill_folder.py", str(tmp_path / "inputs"), "filled"])
    runpy.run_path("fill_folder.py", run_name="__main__")
    filled = cv2.imread("filled/64/0123456789abcdef.png")
    assert np.array_equal(filled[~mask], np.stack([x, y, x + y], axis=2)[~mask])
    assert filled[mask].min() > 5  # what was under the hole was not used, and not left black


def test_nothing_is_replaced(tmp_path):
    (tmp_path / "method.py").write_text("precious")
    with pytest.raises(MethodError, match=r"method\.py exists"):
        write_template(tmp_path, "python")
    assert [path.name for path in tmp_path.iterdir()] == ["method.py"]
    assert (tmp_path / "method.py").read_text() == "precious"


def test_an_unknown_kind_lists_the_known():
    assert kinds() == ["command", "onnx", "predictions", "python", "torchscript"]
    with pytest.raises(MethodError, match="known: command, onnx"):
        write_template("anywhere", "tensorflow")
