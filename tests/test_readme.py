"""Every command and every Python example of the README runs, in order, as it stands there."""

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from df8k.scenes import KINDS, render

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text()

METHOD = """
import numpy as np


def load():
    def inpaint(image, mask):
        known = image[~mask]
        out = image.copy()
        out[mask] = known.mean(axis=0) if known.size else 127
        return out

    return inpaint
"""


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.DOTALL | re.MULTILINE)


def commands() -> list[str]:
    lines = [line.partition("  #")[0].strip() for block in blocks("sh") for line in block.splitlines()]
    return [line for line in lines if line]


@pytest.fixture(scope="module")
def workplace(tmp_path_factory):
    folder = tmp_path_factory.mktemp("readme")
    (folder / "photos").mkdir()
    for index, kind in enumerate(KINDS):
        Image.fromarray(render(kind, 1100 + index, 1024, "readme")).save(folder / "photos" / f"{kind}.png")
    Image.fromarray(render("facade", 900, 600, "readme")).save(folder / "photo.jpg")
    hole = np.zeros((600, 900), np.uint8)
    hole[200:260, 300:420] = 255
    Image.fromarray(hole).save(folder / "mask.png")
    (folder / "my_method.py").write_text(METHOD)
    return folder


def test_the_readme_is_short():
    assert len(README.splitlines()) < 160


def test_every_command_runs(workplace):
    """`make test` is running; what `make demo` would start is shown by make itself and run in small.

    At 80 columns, where no line is wider but for words that break nowhere, such as the path behind "page:".
    """
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "COLUMNS": "80"}
    for command in commands():
        if command in {"make test", "source .venv/bin/activate"}:
            continue
        if command == "make demo":
            shown = subprocess.run(
                ["make", "-n", "--no-print-directory", "demo"],
                cwd=ROOT,
                capture_output=True,
                text=True,
                check=True,
            ).stdout.splitlines()[-1]
            assert shown == ".venv/bin/df8k demo --out demo"
        words = "df8k demo --out demo --sizes 512" if command == "make demo" else command
        found = subprocess.run(
            words.split(), cwd=workplace, env=environment, capture_output=True, text=True, check=False
        )
        assert found.returncode == 0, f"{command}\n{found.stdout}{found.stderr}"
        for line in found.stdout.splitlines():
            whole = line.startswith("next: ") or len(re.sub(r"^\w+: +", "", line).split()) == 1
            assert len(line) <= 80 or whole, f"{command}\n{line}"
    assert (workplace / "demo/site/index.html").exists()
    assert (workplace / "demo/predictions.png").exists()
    assert (workplace / "site/leaderboard.md").exists()
    assert (workplace / "filled.sheet.png").exists()


def test_every_python_example_runs(workplace):
    code = "\n".join(blocks("python"))
    if not (workplace / "dataset").exists():
        pytest.skip("the commands that write the dataset did not run")
    cache = {**os.environ, "HF_HOME": str(workplace / "cache")}
    subprocess.run([sys.executable, "-c", code], cwd=workplace, env=cache, check=True)


def test_every_linked_file_exists():
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", README):
        assert (ROOT / target).exists(), target
