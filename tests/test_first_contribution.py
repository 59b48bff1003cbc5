"""A stranger's first contribution: CONTRIBUTING's metric and method in one copy of the repository, used.

python tests/test_first_contribution.py FOLDER && make -C FOLDER test

The command clones the repository, adds both under other names (the tests of CONTRIBUTING add the examples
themselves) and leaves the clone there; its whole `make test` takes as long as the project's.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
PACKAGES = ("df8k", "masks", "metrics", "baselines", "leaderboard", "_df8k")
CHANGED = ("metrics/_registry.py", "baselines/_registry.py")
RENAMED = (
    ("p99", "p95"),
    ("99", "95"),
    ("in a hundred", "in twenty"),
    ("nearest", "voronoi"),
    ("Nearest", "Voronoi"),
)
USE = """
from pathlib import Path
from click.testing import CliRunner
from PIL import Image
import df8k
from df8k.cli import cli
from df8k.scenes import KINDS, render

assert Path(df8k.__file__).is_relative_to(Path.cwd())
Path("photos").mkdir()
for index, kind in enumerate(KINDS):
    Image.fromarray(render(kind, 96 + index, 72, "first")).save(f"photos/{index}.png")
splits = "[splits]\\ntrain = 0\\nvalidation = 0\\ntest = 1\\n"
Path("config.toml").write_text('name = "first"\\nmin_side = 64\\n' + splits)
for words in (
    "build --source photos --out dataset --config config.toml --workers 1",
    "evaluate --method nearest --data dataset --sizes native --metrics p99 --quality-only --out nearest.json",
    "leaderboard validate nearest.json",
):
    done = CliRunner().invoke(cli, words.split())
    assert done.exit_code == 0, f"{words}: {done.output} {done.exception!r}"
result = df8k.leaderboard.read_result("nearest.json")
assert result.method.name == "nearest"
assert "p99.hole" in result.sizes[0].metrics
"""


@pytest.fixture
def clone(tmp_path):
    folder = tmp_path / "clone"
    ignored = shutil.ignore_patterns("__pycache__", "*.safetensors")
    for name in PACKAGES:
        shutil.copytree(ROOT / name, folder / name, symlinks=True, ignore=ignored)
    for name in ("pyproject.toml", "CONTRIBUTING.md"):
        shutil.copy(ROOT / name, folder)
    return folder


def blocks(text):
    return re.findall(r"```(?:python|text)\n(.*?)```", text, re.DOTALL)


def contribute(clone, *, renamed=()):
    """Do what CONTRIBUTING says of a metric and of a classical method; the new files."""
    text = (clone / "CONTRIBUTING.md").read_text()
    for name, other in renamed:
        text = text.replace(name, other)
    metric = text.partition("## Add a metric\n")[2].partition("\n## ")[0]
    method = text.partition("### A classical method\n")[2].partition("\n### ")[0]
    files = []
    for section in (metric, method):
        (file,) = re.findall(r"The file, `([\w/]+\.py)`", section)
        (clone / file).write_text(blocks(section)[0])
        files.append(file)
    for registry, section, bracket in zip(CHANGED, (metric, method), "})", strict=True):
        end = f"{bracket}\n\n\n@cache"
        before = (clone / registry).read_text()
        assert before.count(end) == 1
        (clone / registry).write_text(before.replace(end, blocks(section)[1] + end))
    return files


def test_a_metric_and_a_method_are_two_files_and_an_entry_each(clone):
    files = contribute(clone)
    for package in PACKAGES:
        for path in (clone / package).rglob("*.py"):
            name = path.relative_to(clone).as_posix()
            same = (ROOT / name).exists() and (ROOT / name).read_bytes() == path.read_bytes()
            assert same == (name not in {*files, *CHANGED}), name

    def run(*command):
        environment = os.environ | {"PYTHONPATH": str(clone)}
        done = subprocess.run(
            command, cwd=clone, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]

    run(BIN / "ruff", "check", *files, *CHANGED)
    run(BIN / "ruff", "format", "--check", *files, *CHANGED)
    run(BIN / "lint-imports", "--no-cache")
    run(sys.executable, "-c", USE)


def test_other_names_reach_files_and_registries(clone):
    files = contribute(clone, renamed=RENAMED)
    assert files == ["metrics/pairwise/p95.py", "baselines/voronoi.py"]
    for file, registry, old, new in zip(files, CHANGED, ("p99", "nearest"), ("p95", "voronoi"), strict=True):
        assert old not in (clone / file).read_text()
        assert f'"{new}"' in (clone / registry).read_text()


def leave(folder):
    """Clone what is committed here to a new folder, and contribute there."""
    subprocess.run(["git", "clone", "--quiet", "--no-hardlinks", ROOT, folder], check=True)
    print(*contribute(folder, renamed=RENAMED), *CHANGED, sep="\n")
    subprocess.run(["git", "-C", folder, "add", "--all"], check=True)


if __name__ == "__main__":
    leave(Path(sys.argv[1]).resolve())
