"""The command line: exit codes, short errors, JSON, help with an example."""

import json
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from PIL import Image

from df8k.cli import cli
from df8k.scenes import KINDS, render

COMMANDS = list(cli.commands) or cli.list_commands(click.Context(cli))


def run(*arguments: object):
    return CliRunner().invoke(cli, [str(argument) for argument in arguments], prog_name="df8k")


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    folder = tmp_path_factory.mktemp("photos")
    for index, kind in enumerate(KINDS):
        Image.fromarray(render(kind, 128, 96 + index, "cli")).save(folder / f"{kind}.png")
    return folder


@pytest.fixture(scope="module")
def data(photos, tmp_path_factory):
    out = tmp_path_factory.mktemp("data") / "dataset"
    config = out.parent / "config.toml"
    config.write_text("min_side = 64\n[splits]\ntrain = 0\nvalidation = 0.5\ntest = 0.5\n")
    result = run("build", "--source", photos, "--out", out, "--config", config, "--workers", 1, "--json")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["counts"] == {"train": 0, "validation": 3, "test": 3}
    return out


def leaves(command: click.Command, path: tuple[str, ...]):
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            yield from leaves(command.get_command(context, name), (*path, name))
    else:
        yield path, command


@pytest.mark.parametrize(("path", "command"), list(leaves(cli, ())), ids=lambda value: str(value)[:40])
def test_every_command_has_help_and_an_example(path, command):
    result = run(*path, "--help")
    assert result.exit_code == 0
    assert command.help
    assert f"df8k {' '.join(path)}" in result.output.split("Example", 1)[1]


def test_the_help_lists_every_command():
    listed = run("--help").output
    assert all(name in listed for name in COMMANDS)


def test_build_verify_info_and_a_fault(data, tmp_path):
    assert run("verify", data, "--workers", 1).exit_code == 0
    assert json.loads(run("info", data, "--json").stdout)["splits"]["test"]["images"] == 3
    assert "mask coverage" in run("info", data).output
    path = next(data.glob("validation/images/*.png"))
    content = path.read_bytes()
    path.unlink()
    result = run("verify", data, "--workers", 1)
    assert result.exit_code == 1
    assert f"{path.name}: absent" in result.output
    faults = json.loads(run("verify", data, "--workers", 1, "--json").stdout)
    assert faults[0]["finding"] == "absent"
    path.write_bytes(content)


def test_evaluate_and_board(data, tmp_path):
    out = tmp_path / "telea.json"
    result = run("evaluate", "--method", "telea", "--data", data, "--out", out, "--sizes", "64,96")
    assert result.exit_code == 0, result.output
    assert "telea" in result.output
    assert run("leaderboard", "validate", out).exit_code == 0
    board = run("leaderboard", "build", out, "--out", tmp_path / "site", "--json")
    assert [row["size"] for row in json.loads(board.stdout)] == [64, 96]
    assert (tmp_path / "site/index.html").exists()
    content = json.loads(out.read_text())
    content["sizes"][0]["n"] += 1
    out.write_text(json.dumps(content))
    assert run("leaderboard", "validate", out).exit_code == 1


@pytest.mark.parametrize(
    ("arguments", "finding"),
    [
        (("verify", "nowhere"), "nowhere does not exist"),
        (("verify", "."), "it is not a dataset"),
        (("build", "--source", "nowhere", "--out", "x"), "does not exist"),
        (("evaluate", "--method", "tela", "--data", "{data}", "--out", "x.json"), "did you mean telea"),
        (("evaluate", "--method", "telea", "--data", "{data}", "--out", "x.txt"), "ends with .json"),
        (
            ("evaluate", "--method", "telea", "--data", "{data}", "--out", "x.json", "--sizes", "big"),
            "such as 2048",
        ),
        (
            ("evaluate", "--method", "telea", "--data", "{data}", "--out", "x.json", "--metrics", "x"),
            "no metric",
        ),
        (("leaderboard", "build", "nowhere.json", "--out", "site"), "cannot be read"),
        (("buidl",), "No such command"),
    ],
)
def test_errors_are_short_and_exit_with_2(data, arguments, finding, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = run(*(argument.format(data=data) for argument in arguments))
    assert result.exit_code == 2
    assert finding in result.stderr
    assert "Traceback" not in result.stderr
    assert len(result.stderr.strip().splitlines()) <= 4
    assert list(tmp_path.iterdir()) == []


def test_debug_shows_the_traceback(tmp_path):
    command = [sys.executable, "-m", "df8k", "--debug", "verify", str(tmp_path)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "Traceback" in result.stderr
    assert "DatasetError" in result.stderr


def test_a_full_disk_is_a_short_error(photos):
    """/dev/full takes every open and refuses every write."""
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    result = run("build", "--source", photos, "--out", "/dev/full/dataset", "--workers", 1)
    assert result.exit_code == 2
    assert "/dev/full" in result.stderr


def test_doctor_tells_what_works():
    result = json.loads(run("doctor", "--json").stdout)
    assert result["methods"]["telea"] == "ready"
    assert result["environment"]["cores"] >= 1


def test_score_pairs_by_id_and_reports_orphans(data, tmp_path):
    saved = tmp_path / "filled"
    first = run(
        "evaluate", "--method", "mean", "--data", data, "--out", tmp_path / "mean.json",
        "--sizes", "64", "--save-predictions", saved,
    )  # fmt: skip
    assert first.exit_code == 0
    arguments = ("score", "--predictions", saved, "--data", data, "--sizes", "64")
    result = run(*arguments, "--out", tmp_path / "folder.json", "--json")
    assert result.exit_code == 0
    measured = json.loads((tmp_path / "mean.json").read_text())["sizes"][0]["metrics"]
    assert json.loads(result.stdout)["sizes"][0]["metrics"] == measured
    Image.new("RGB", (64, 64)).save(saved / "64" / "stray.png")
    again = run(*arguments, "--out", tmp_path / "again.json")
    assert again.exit_code == 1
    assert "stray.png: belongs to no image" in again.stderr


def test_a_foreign_method_that_crashes_fails_on_that_image_alone(data, tmp_path):
    method = tmp_path / "method.py"
    method.write_text(
        "import os\n"
        "def factory():\n"
        "    def inpaint(image, mask):\n"
        "        if mask.sum() % 3 == 0:\n"  # only timed calls get altered inputs
        "            os.abort()\n"
        "        return image\n"
        "    return inpaint\n"
    )
    result = run(
        "evaluate", "--method", f"{method}:factory", "--data", data, "--out", tmp_path / "foreign.json",
        "--sizes", "64,65,66,67", "--timeout", "30", "--memory-limit", "4", "--quality-only", "--json",
    )  # fmt: skip
    sizes = json.loads(result.stdout)["sizes"]
    crashed = sum(size["failures"].get("crash", 0) for size in sizes)
    assert result.exit_code == (1 if crashed else 0)
    assert 0 < crashed < 12
    assert sum(size["n"] for size in sizes) == 12 - crashed
