"""The tutorials, one after the other in one folder, as they stand; and the site that holds them."""

import html
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote

import pytest
from PIL import Image

from df8k.scenes import KINDS, render

ROOT = Path(__file__).resolve().parent.parent.parent
TUTORIALS = ("build-your-own", "your-method", "reproduce")


def execute(notebook):
    """Run a notebook in its folder, as `jupyter execute` does; the first cell that fails ends it."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    environment = os.environ | {"PATH": path, "OMP_NUM_THREADS": "1"}
    command = [
        Path(sys.executable).parent / "jupyter-execute",
        "--timeout=2400",
        "--startup_timeout=300",
        notebook,
    ]
    done = subprocess.run(
        command, cwd=notebook.parent, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{notebook}\n{done.stdout}{done.stderr}"


@pytest.fixture(scope="module")
def workplace(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tutorials")
    (folder / "photos").mkdir()
    for index, kind in enumerate(KINDS):
        for turn in range(2):
            picture = render(kind, 560 + index, 512 + turn, f"tutorial-{turn}")
            Image.fromarray(picture).save(folder / "photos" / f"{kind}-{turn}.png")
    notebooks(folder)
    return folder


def notebooks(folder):
    command = [sys.executable, "-P", ROOT / "docs/notebooks.py", folder]
    subprocess.run(command, check=True)


# Commands by the dozen, each a process of its own: on a busy machine that takes long.
@pytest.mark.timeout(3000)
@pytest.mark.parametrize(
    ("name", "made"), [("build-your-own", "sample.png"), ("your-method", "site/index.html")]
)
def test_the_first_two_tutorials_run_as_they_stand(workplace, name, made):
    execute(workplace / f"{name}.ipynb")
    assert (workplace / made).exists()


@pytest.mark.timeout(3000)
def test_a_later_tutorial_runs_alone_in_an_empty_folder(tmp_path):
    """As on a fresh runtime: its first cell makes what the tutorials before it leave."""
    notebooks(tmp_path)
    execute(tmp_path / "reproduce.ipynb")
    assert (tmp_path / "board/leaderboard.tex").exists()


def test_notebooks_hold_every_block_of_their_pages_and_are_repeatable(tmp_path):
    notebooks(tmp_path / "once")
    notebooks(tmp_path / "again")
    for name in TUTORIALS:
        path = tmp_path / f"once/{name}.ipynb"
        assert path.read_bytes() == (tmp_path / f"again/{name}.ipynb").read_bytes()
        cells = json.loads(path.read_text())["cells"]
        code = [cell["source"] for cell in cells if cell["cell_type"] == "code"]
        page = (ROOT / f"docs/tutorials/{name}.md").read_text()
        texts = re.findall(r"^```\w+.*?\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
        assert len(code) == 1 + len(texts)
        for cell, text in zip(code[1:], texts, strict=True):
            assert "".join(cell).endswith(text.rstrip())
        assert not re.search(r"\]\([^)]*\.md", str(cells))


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
    for name in TUTORIALS:
        assert (site / f"tutorials/{name}.ipynb").exists()
    assert list(broken_links(site)) == []


def broken_links(site):
    """Links between pages, and to parts of pages, that lead nowhere."""
    texts = {page.resolve(): page.read_text() for page in site.rglob("*.html")}
    for page, text in texts.items():
        if page.name == "404.html":
            continue  # its links are absolute, as it is shown at any address
        for link in re.findall(r"<a\b[^>]*?\bhref=[\"']?([^\"'\s>]+)", text):
            address, _, anchor = html.unescape(link).partition("#")
            if re.match(r"\w+:", address):
                continue
            target = (page.parent / unquote(address)).resolve() if address else page
            target = target / "index.html" if target.is_dir() else target
            if not target.exists():
                yield f"{page.relative_to(site.resolve())}: {link}"
            elif (
                anchor
                and target in texts
                and not re.search(rf"\bid=[\"']?{re.escape(unquote(anchor))}[\"'\s>]", texts[target])
            ):
                yield f"{page.relative_to(site.resolve())}: {link} has no such part"


def test_every_page_is_on_the_way():
    """A page that no other leads to is not read."""
    index = (ROOT / "docs/index.md").read_text()
    linked = set(re.findall(r"\]\(([\w/-]+\.md)\)", index))
    assert {path.name for path in (ROOT / "docs").glob("*.md")} - {"index.md"} <= linked
    assert {f"tutorials/{name}.md" for name in TUTORIALS} <= linked
