"""CONTRIBUTING.md's new check, done as it says: one file, one line, and everything else follows."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PACKAGES = ("df8k", "masks", "metrics", "baselines", "leaderboard", "_df8k")

CODE = """
import json, sys
import numpy as np, pyarrow.parquet as pq
from pathlib import Path
from PIL import Image
import df8k.checks
from df8k.builder import build
from df8k.config import BuildConfig
from df8k.scenes import render
from df8k.sources import candidates

work = Path(sys.argv[1])
(work / "photos").mkdir()
day = render("hills", 160, 140, "1")
Image.fromarray(day).save(work / "photos/day.png")
Image.fromarray((render("tiles", 160, 140, "2") // 8)).save(work / "photos/night.png")
on = {"resolution", "dark"}
off = {check.reason: {"off": True} for check in df8k.checks.CHECKS if check.reason not in on}
build(candidates([str(work / "photos")]), work / "out", BuildConfig(min_side=64, curation=off))
rows = {row["key"]: row for row in pq.read_table(work / "out/manifest.parquet").to_pylist()}
sheet = (work / "out/review/rejected-1.html").read_text()
limits = json.loads((work / "out/df8k.json").read_text())["configuration"]["curation"]["dark"]
print(json.dumps([df8k.__file__, rows["day.png"]["reason"], rows["night.png"]["reason"],
                  rows["night.png"]["score_dark_luma"], "dark_luma" in sheet, limits]))
"""


@pytest.fixture
def copy(tmp_path):
    """The packages as they stand, in a folder of their own."""
    folder = tmp_path / "repository"
    for name in PACKAGES:
        shutil.copytree(
            ROOT / name, folder / name, symlinks=True, ignore=shutil.ignore_patterns("__pycache__")
        )
    return folder


def test_the_example_of_a_new_check_works_as_written(copy, tmp_path):
    section = (ROOT / "CONTRIBUTING.md").read_text().partition("## Add a check\n")[2].partition("\n## ")[0]
    file, line = re.findall(r"```(?:python|text)\n(.*?)```", section, re.DOTALL)
    name = re.search(r"The file, `(df8k/checks/\w+\.py)`", section)[1]
    assert not (copy / name).exists()
    (copy / name).write_text(file)
    registry = copy / "df8k/checks/__init__.py"
    text = registry.read_text()
    assert line.count("\n") == 1
    registry.write_text(text.replace('    "noise",\n', f'{line}    "noise",\n', 1))
    done = subprocess.run(
        [sys.executable, "-c", CODE, str(tmp_path)],
        check=False,
        capture_output=True,
        text=True,
        cwd=copy,
        env={"PATH": "", "PYTHONPATH": str(copy), "HOME": str(tmp_path)},
    )
    assert done.returncode == 0, done.stderr
    where, day, night, score, sortable, limits = json.loads(done.stdout)
    assert where.startswith(str(copy))
    assert (day, night, sortable, limits) == ("", "dark", True, {"lowest": 40.0})
    assert score < 40
