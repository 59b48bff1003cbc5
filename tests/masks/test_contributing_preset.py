"""CONTRIBUTING.md's new mask preset, done as it says: one file, one line, and everything else follows."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("df8k", "masks", "metrics", "baselines", "leaderboard", "_df8k")
TESTS = ("test_presets.py", "test_goldens.py", "goldens.json", "published.json")


@pytest.fixture
def copy(tmp_path):
    """The packages as they stand, in a folder of their own, with the tests that walk the catalogue."""
    folder = tmp_path / "repository"
    for name in PACKAGES:
        shutil.copytree(
            ROOT / name, folder / name, symlinks=True, ignore=shutil.ignore_patterns("__pycache__")
        )
    (folder / "tests/masks").mkdir(parents=True)
    for name in ("pyproject.toml", *(f"tests/masks/{name}" for name in TESTS)):
        shutil.copy(ROOT / name, folder / name)
    return folder


def test_the_example_of_a_new_preset_works_as_written(copy):
    pytest.importorskip("ruff")
    text = (ROOT / "CONTRIBUTING.md").read_text()
    section = text.partition("## Add a mask preset\n")[2].partition("\n## ")[0]
    file, line = re.findall(r"```(?:python|text)\n(.*?)```", section, re.DOTALL)
    name = re.search(r"The file, `(masks/presets/\w+\.py)`", section)[1]
    assert not (copy / name).exists()
    (copy / name).write_text(file)
    catalogue = copy / "masks/catalogue.py"
    text = catalogue.read_text()
    assert line.count("\n") == 1
    last = '    "text",\n'
    assert text.count(last) == 1
    catalogue.write_text(text.replace(last, last + line))

    environment = os.environ | {"PYTHONPATH": str(copy)}
    run = {"cwd": copy, "env": environment, "capture_output": True, "text": True}
    listed = subprocess.run([sys.executable, "-m", "df8k", "masks", "presets", "--json"], check=False, **run)
    assert listed.returncode == 0, listed.stderr
    assert json.loads(listed.stdout)[-1]["name"] == "dust"

    command = [sys.executable, "-m", "pytest", "-q", "-k", "dust", "tests/masks/test_presets.py"]
    promises = subprocess.run(command, check=False, **run)
    assert promises.returncode == 0, promises.stdout
    assert "6 passed" in promises.stdout
    check = subprocess.run([sys.executable, "-m", "ruff", "check", name], check=False, **run)
    assert check.returncode == 0, check.stdout

    goldens = copy / "tests/masks/goldens.json"
    before = json.loads(goldens.read_text())
    frozen = subprocess.run([sys.executable, "tests/masks/test_goldens.py"], check=False, **run)
    assert frozen.returncode == 0, frozen.stderr
    after = json.loads(goldens.read_text())
    assert set(after) - set(before) == {"dust-v1 1:1", "dust-v1 2:3"}
    assert {key: after[key] for key in before} == before
