"""The tutorials, one after the other in one folder, as they stand; and the site that holds them."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from df8k.scenes import KINDS, render

ROOT = Path(__file__).resolve().parent.parent.parent
TUTORIALS = ("build-your-own", "your-method", "reproduce")


def blocks(name):
    text = (ROOT / f"docs/tutorials/{name}.md").read_text()
    return re.findall(r"^```(\w+)(?: title=\"(.*?)\")?\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


@pytest.fixture(scope="module")
def workplace(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tutorials")
    (folder / "photos").mkdir()
    for index, kind in enumerate(KINDS):
        for turn in range(2):
            picture = render(kind, 560 + index, 512 + turn, f"tutorial-{turn}")
            Image.fromarray(picture).save(folder / "photos" / f"{kind}-{turn}.png")
    for name in TUTORIALS:
        for _, title, text in blocks(name):
            if title:
                (folder / title).write_text(text)
    return folder


def test_the_tutorials_run_as_they_stand(workplace):
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    environment = os.environ | {"PATH": path, "OMP_NUM_THREADS": "1"}
    for name in TUTORIALS:
        so_far = ""
        for language, _, text in blocks(name):
            commands = []
            if language == "python":
                so_far += text
                commands = [[sys.executable, "-c", so_far]]
            if language == "sh":
                commands = [shlex.split(line) for line in text.splitlines()]
            for command in commands:
                done = subprocess.run(
                    command, cwd=workplace, env=environment, capture_output=True, text=True, check=False
                )
                assert done.returncode == 0, f"{name}: {command}\n{done.stdout}{done.stderr}"
    assert (workplace / "sample.png").exists()
    assert (workplace / "site/index.html").exists()
    assert (workplace / "board/leaderboard.tex").exists()


def test_the_site_is_built_without_a_warning_and_asks_nobody(tmp_path):
    done = subprocess.run(
        [sys.executable, "-P", ROOT / "docs/site.py", tmp_path], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    site = tmp_path / "site"
    for page in [*(f"tutorials/{name}" for name in TUTORIALS), "reference/masks", "rethined-card"]:
        text = (site / page / "index.html").read_text()
        loaded = re.findall(r"<(?:script|img|source|iframe)[^>]+src=\"?(https?:[^\" >]+)", text)
        styles = re.findall(r"<link[^>]+rel=\"?stylesheet\"?[^>]+href=\"?(https?:[^\" >]+)", text)
        assert loaded + styles == []
    assert "synthesize" in (site / "reference/masks/index.html").read_text()


def test_every_page_is_on_the_way():
    """A page that no other leads to is not read."""
    index = (ROOT / "docs/index.md").read_text()
    linked = set(re.findall(r"\]\(([\w/-]+\.md)\)", index))
    assert {path.name for path in (ROOT / "docs").glob("*.md")} - {"index.md"} <= linked
    assert {f"tutorials/{name}.md" for name in TUTORIALS} <= linked
