"""A board with a hostile name, to show in the browser."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import axe_core_python
import numpy as np
import pytest
from PIL import Image
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select, WebDriverWait

import baselines
import df8k
import leaderboard
from df8k.builder import build
from df8k.config import BuildConfig
from df8k.scenes import KINDS, render
from df8k.sources import candidates

HOSTILE = "</script><img src=x onerror=document.title=1>\"'`{{7*7}}\u202eabc🎨<b>" + "W" * 500


@pytest.fixture(scope="session")
def board(tmp_path_factory, fake):
    """Three methods, one with a hostile name, at a size without crops and one with them."""
    folder = tmp_path_factory.mktemp("browser")
    (folder / "photos").mkdir()
    for kind in sorted(KINDS)[:3]:
        Image.fromarray(render(kind, 700, 640, "browser")).save(folder / "photos" / f"{kind}.png")
    shares = {"train": 0, "validation": 0, "test": 1}
    source = candidates([str(folder / "photos")])
    build(source, folder / "dataset", BuildConfig(name="tiny", min_side=64, splits=shares))
    dataset = df8k.load(folder / "dataset")
    paths = []
    grey = fake(lambda image, _mask: np.full_like(image, 128), HOSTILE)
    for name, method in {"mean": baselines.load("mean"), "ns": baselines.load("ns"), "grey": grey}.items():
        paths.append(folder / f"{name}.json")
        leaderboard.evaluate(
            method,
            dataset,
            sizes=[64, 600],
            out=paths[-1],
            predictions=paths[-1].with_suffix(".predictions"),
        )
    return leaderboard.build_site(paths, folder / "site", dataset=dataset).page


@pytest.fixture(scope="session")
def image_page(board):
    """The page of one image."""
    return min((board.parent / "pages" / "images").glob("*.html"))


@dataclass
class Page:
    """A page in the browser."""

    chrome: webdriver.Chrome
    asked: Callable[[webdriver.Chrome], list[str]]

    def open(self, path: Path) -> "Page":
        self.chrome.get_log("browser")
        self.chrome.get_log("performance")
        return self.visit(path.as_uri())

    def visit(self, address: str) -> "Page":
        """Load an address afresh, also where only what follows its # changed, until its script has run."""
        self.chrome.get("about:blank")
        self.chrome.get(address)
        script = "document.querySelector('script:not([type])')"
        self.until(lambda: self.run(f"return !{script} || Boolean(document.documentElement.dataset.ready)"))
        return self

    def shown_as(self, width: int, scheme: str = "light") -> "Page":
        """Emulate a screen; what `Page` is for another test afterwards, the fixture undoes."""
        size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
        self.chrome.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        feature = {"name": "prefers-color-scheme", "value": scheme}
        self.chrome.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})
        return self

    def axe(self) -> list[tuple[str, list[str]]]:
        """List what the accessibility checker finds, of any impact."""
        code = (Path(axe_core_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
        # DevTools puts the checker into the page: the page's own policy lets no other script in.
        self.chrome.execute_cdp_cmd("Runtime.evaluate", {"expression": code})
        found = self.chrome.execute_async_script(
            "const done = arguments[0]; axe.run(document, {resultTypes: ['violations']}).then("
            "(found) => done(found.violations), (error) => done([{id: String(error), nodes: []}]))"
        )
        return [(fault["id"], [node["html"][:120] for node in fault["nodes"]][:3]) for fault in found]

    def at(self, name: str):
        return self.chrome.find_element(By.ID, name)

    def all(self, selector: str):
        return self.chrome.find_elements(By.CSS_SELECTOR, selector)

    def run(self, script: str, *given):
        return self.chrome.execute_script(script, *given)

    def select(self, name: str, value: str) -> None:
        Select(self.at(name)).select_by_value(value)

    def until(self, condition):
        return WebDriverWait(self.chrome, 60).until(lambda _: condition())

    def rows(self) -> list[list[str]]:
        script = """return [...document.querySelectorAll('#board tbody tr')].filter((row) => !row.hidden)
            .map((row) => [...row.cells].map((cell) => cell.firstChild.textContent.trim()))"""
        return self.run(script)

    def requests(self) -> list[str]:
        return self.asked(self.chrome)


@pytest.fixture
def page(blank, asked):
    """A page; afterwards, nothing was complained of and nothing left the disk."""
    found = Page(blank, asked).shown_as(1440)
    yield found
    assert blank.get_log("browser") == []
    # A browser that has just started may still be loading an empty tab of its own.
    own = ("file://", "data:", "blob:", "about:", "chrome:", "chrome-")
    assert [url for url in found.requests() if not url.startswith(own)] == []
