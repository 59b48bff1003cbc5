"""Slips of the keyboard are answered with what was probably meant."""

import json
import subprocess
import sys

import pytest
from click.testing import CliRunner
from PIL import Image

import df8k
from df8k.builder import build
from df8k.cli import cli
from df8k.scenes import render


def run(*words):
    return CliRunner().invoke(cli, list(map(str, words)), prog_name="df8k")


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("photos")
    Image.fromarray(render("facade", 140, 110, "forgiving")).save(folder / "a.png")
    shares = {"train": 0, "validation": 0, "test": 1}
    out = folder.parent / "dataset-of-one"
    build(folder, out, df8k.BuildConfig(name="one", min_side=64, splits=shares))
    return out


def test_a_misspelt_command():
    result = run("evalute")
    assert result.exit_code == 2
    assert "Did you mean evaluate" in result.output


def test_a_square_mask_is_one_number(tmp_path):
    result = run("masks", "sample", "--size", 128, "--out", tmp_path, "--count", 1)
    assert result.exit_code == 0, result.output
    assert "128 x 128" in result.output


def test_the_first_failure_is_told(data, tmp_path):
    method = tmp_path / "floats.py"
    method.write_text("def load():\n    return lambda image, mask: image / 255.0\n")
    result = run(
        "evaluate", "--method", f"{method}:load", "--data", data, "--sizes", 64, "--out", tmp_path / "r.json"
    )
    assert result.exit_code == 1
    text = " ".join(result.stderr.split())
    assert f"1 x wrong-output, first on {df8k.load(data)[0].id} at 64: returned float64" in text
    assert "method check" in text


def test_a_size_that_no_image_reaches_is_a_fault(data, tmp_path):
    words = ("evaluate", "--method", "mean", "--data", data, "--out", tmp_path / "r.json")
    result = run(*words, "--sizes", "64,4096", "--name", "floor", "--json")
    assert result.exit_code == 1
    assert "no image is large enough for 4096" in result.stderr
    assert json.loads(result.stdout)["method"]["name"] == "floor"


def test_inputs_and_score_find_each_other(data, tmp_path):
    assert run("inputs", data, "--sizes", "64,96", "--out", tmp_path / "inputs").exit_code == 0
    for path in (tmp_path / "inputs").glob("*/images/*.png"):
        filled = tmp_path / "filled" / path.parents[1].name / path.name
        filled.parent.mkdir(parents=True)
        filled.write_bytes(path.read_bytes())
    result = run(
        "score", "--predictions", tmp_path / "filled", "--data", data, "--out", tmp_path / "r.json", "--json"
    )
    assert result.exit_code == 0, result.output
    assert [row["size"] for row in json.loads(result.stdout)["sizes"]] == [64, 96]
    assert run("inputs", data, "--sizes", 4096, "--out", tmp_path / "none").exit_code == 1


def test_a_closed_pipe_is_silent():
    code = "from df8k.cli import main; import sys; sys.argv = ['df8k', 'masks', 'presets', '--json']; main()"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        process.stdout.close()
        assert process.stderr.read() == b""


def test_a_small_build_says_what_it_cannot_show_and_what_comes_next(tmp_path):
    photos = tmp_path / "photos"
    photos.mkdir()
    for index in range(4):
        Image.fromarray(render("facade", 140 + index, 110, f"small {index}")).save(photos / f"{index}.png")
    words = ("--source", photos, "--min-side", 64, "--no-curation", "--workers", 1)
    result = run("build", *words, "--splits", "50/20/30", "--out", tmp_path / "data")
    assert result.exit_code == 0, result.output
    assert "train 2, validation 1, test 1" in result.output
    assert "1 test images are few: intervals need 8" in result.output
    assert f"next: df8k evaluate --method telea --data {tmp_path / 'data'}" in result.output
    for wrong in ("50/20", "50/20/20", "a/b/c"):
        result = run("build", *words, "--splits", wrong, "--out", tmp_path / "other")
        assert result.exit_code == 2
        assert "such as 50/20/30" in result.output


def test_a_folder_that_cannot_be_written_is_named_by_the_result(data, tmp_path, monkeypatch):
    from filelock import FileLock

    def refuse(*_):
        raise OSError(30, "Read-only file system", "x.partial.lock")

    monkeypatch.setattr(FileLock, "_acquire", refuse)
    out = tmp_path / "r.json"
    result = run("evaluate", "--method", "mean", "--data", data, "--sizes", 64, "--out", out)
    assert result.exit_code == 2
    assert f"Error: {out} cannot be written: Read-only file system" in result.stderr


def test_debug_is_taken_before_and_behind_the_command(tmp_path):
    for words in (("--debug", "info", tmp_path), ("info", tmp_path, "--debug")):
        assert isinstance(run(*words).exception, df8k.DatasetError)
    assert run("info", tmp_path).exit_code == 2
