"""What CONTRIBUTING says of adding a method, classical or learned, done as it says."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("df8k", "masks", "metrics", "baselines", "leaderboard", "_df8k")
SECTION = (ROOT / "CONTRIBUTING.md").read_text().partition("## Add a method\n")[2].partition("\n## ")[0]
CLASSICAL, LEARNED = SECTION.partition("### A learned method\n")[::2]

EXPLAIN = """
import sys
from pathlib import Path
import numpy as np
import baselines, df8k
from baselines.shipped import shipped_weights
from leaderboard.harness.explain import explainer

assert baselines.__file__.startswith(sys.argv[1])
method = baselines.load("tiny")
assert not method.card.untrained
assert "tiny" in {weights.method for weights in shipped_weights()}
mask = np.zeros((40, 50), bool)
mask[10:20, 10:30] = True
explainer(method)(np.full((40, 50, 3), 90, np.uint8), mask, Path(sys.argv[2]))
"""


@pytest.fixture
def copy(tmp_path):
    """The packages as they stand, in a folder of their own."""
    folder = tmp_path / "repository"
    for name in PACKAGES:
        shutil.copytree(
            ROOT / name, folder / name, symlinks=True, ignore=shutil.ignore_patterns("__pycache__")
        )
    shutil.copy(ROOT / "pyproject.toml", folder)
    (folder / "tests").mkdir()
    shutil.copy(ROOT / "tests/baselines/test_contract.py", folder / "tests")
    return folder


def follow(folder, text):
    """Write the files that a text shows under their names, and add its entry to the registry."""
    *files, entry = re.findall(r"```(?:python|text)\n(.*?)```", text, re.DOTALL)
    mentioned = dict.fromkeys(re.findall(r"`(baselines/[\w/]+\.py)`", text))
    names = [name for name in mentioned if not (ROOT / name).exists()]
    assert len(names) == len(files)
    for name, content in zip(names, files, strict=True):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(content)
    registry = folder / "baselines/_registry.py"
    before = registry.read_text()
    end = "    ),\n)\n"
    assert before.count(end) == 1
    registry.write_text(before.replace(end, f"    ),\n{entry})\n"))
    return names


def run(folder, *command):
    environment = os.environ | {"PYTHONPATH": str(folder), "NUMBA_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-P", "-m", *command],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return done.stdout


def contract_tests(folder, name):
    """Run the contract's tests of one method in the copy; their number."""
    out = run(
        folder, "pytest", "-q", "-p", "no:cacheprovider", "tests/test_contract.py", "-k", f"{name} or {name}-"
    )
    return int(re.search(r"(\d+) passed", out)[1])


def test_a_classical_method_is_one_file_and_one_entry(copy):
    (name,) = follow(copy, CLASSICAL)
    run(copy, "ruff", "check", name, "baselines/_registry.py")
    run(copy, "ruff", "format", "--check", name, "baselines/_registry.py")
    assert contract_tests(copy, "nearest") >= 15


def test_a_learned_method_is_one_folder_and_one_entry(copy, tmp_path):
    names = follow(copy, LEARNED)
    assert {Path(name).parent.name for name in names} == {"tiny"}
    run(copy, "ruff", "check", "baselines/tiny", "baselines/_registry.py")
    run(copy, "ruff", "format", "--check", "baselines/tiny", "baselines/_registry.py")
    assert contract_tests(copy, "tiny") >= 15
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    noise = np.random.default_rng(0)
    for number in range(3):
        pixels = noise.integers(0, 256, (330, 340, 3), np.uint8)
        Image.fromarray(pixels).save(pictures / f"{number}.png")
    config = tmp_path / "config.toml"
    config.write_text(
        "[training]\nbatch_size = 2\nlevels_px = [320]\nvalidation_images = 1\n[method]\nknown = 0.2\n"
    )
    command = ["df8k", "train", "tiny", "--data", str(pictures), "--out", str(tmp_path / "run"), "--json"]
    trained = json.loads(run(copy, *command, "--config", str(config), "--steps", "2"))
    assert trained["step"] == 2
    shutil.copy(trained["weights"], copy / "baselines/tiny/weights.safetensors")
    script = tmp_path / "script.py"
    script.write_text(EXPLAIN)
    subprocess.run(
        [sys.executable, "-P", script, copy, tmp_path / "stages.png"],
        env=os.environ | {"PYTHONPATH": str(copy)},
        check=True,
    )
    with Image.open(tmp_path / "stages.png") as stages:
        assert stages.size == (100, 40)
