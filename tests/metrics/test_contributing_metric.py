"""CONTRIBUTING.md's new metric, done as it says: one file, one line, and everything else follows."""

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

CODE = """
import json, sys
import numpy as np
import metrics

names = [spec.name for spec in metrics.list_metrics()]
heavy = sorted({"numba", "torch"} & set(sys.modules))
target = np.zeros((20, 30, 3), np.uint8)
prediction, mask = target.copy(), np.zeros((20, 30), bool)
mask[5:15, 5:15] = True
prediction[5:7, 5:15] = 51
known = metrics.compute(prediction, target, np.zeros_like(mask), names=["p99"])
print(json.dumps([names, heavy, metrics.compute(prediction, target, mask, names=["p99"]), known.reasons]))
"""


@pytest.fixture
def copy(tmp_path):
    """The packages as they stand, in a folder of their own, with the tests that walk the registry."""
    folder = tmp_path / "repository"
    for name in PACKAGES:
        shutil.copytree(
            ROOT / name, folder / name, symlinks=True, ignore=shutil.ignore_patterns("__pycache__")
        )
    (folder / "tests/metrics").mkdir(parents=True)
    for name in ("pyproject.toml", "tests/metrics/pictures.py", "tests/metrics/test_properties.py"):
        shutil.copy(ROOT / name, folder / name)
    return folder


def test_the_example_of_a_new_metric_works_as_written(copy):
    section = (ROOT / "CONTRIBUTING.md").read_text().partition("## Add a metric\n")[2].partition("\n## ")[0]
    file, line = re.findall(r"```(?:python|text)\n(.*?)```", section, re.DOTALL)
    name = re.search(r"The file, `(metrics/pairwise/\w+\.py)`", section)[1]
    assert not (copy / name).exists()
    (copy / name).write_text(file)
    registry = copy / "metrics/_registry.py"
    text = registry.read_text()
    assert line.count("\n") == 1
    last = '    "surroundings": "no_reference.surroundings",\n'
    assert text.count(last) == 1
    registry.write_text(text.replace(last, last + line))

    environment = os.environ | {"PYTHONPATH": str(copy)}
    run = {"cwd": copy, "env": environment, "capture_output": True, "text": True}
    done = subprocess.run([sys.executable, "-c", CODE], check=False, **run)
    assert done.returncode == 0, done.stderr
    names, heavy, scores, reasons = json.loads(done.stdout)
    assert names.index("p99") == names.index("surroundings") + 1
    assert heavy == []
    assert scores == pytest.approx({"p99.full": 0.2, "p99.hole": 0.2})
    assert "no missing pixel" in reasons["p99.hole"]

    command = [sys.executable, "-m", "pytest", "-q", "-k", "p99", "tests/metrics/test_properties.py"]
    properties = subprocess.run(command, check=False, **run)
    assert properties.returncode == 0, properties.stdout
    assert "6 passed" in properties.stdout
    check = subprocess.run([sys.executable, "-m", "ruff", "check", name], check=False, **run)
    assert check.returncode == 0, check.stdout
