"""The page in headless Chromium, from a server of its own."""

import threading
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import axe_core_python
import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from leaderboard.edge.app import write_app
from leaderboard.edge.server import Handler, make_server

PATIENCE_S = 300


class Alone(Handler):
    """As a server that sets no headers: the page gets one thread."""

    isolated = False


@pytest.fixture(scope="session")
def app(tmp_path_factory) -> Path:
    """The page's folder, as it ships."""
    folder = tmp_path_factory.mktemp("edge") / "app"
    write_app(folder)
    return folder


@contextmanager
def _served(folder: Path, handler: type[Handler]):
    with make_server(folder, "127.0.0.1", 0, handler=handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/"
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def served(app):
    """Serves the page within a ``with`` block; gives its address."""

    def serve(*, isolated: bool = True, folder: Path = app):
        return _served(folder, Handler if isolated else Alone)

    return serve


@dataclass
class Page:
    """The page in the browser."""

    chrome: webdriver.Chrome
    downloads: Path
    asked: Callable[[webdriver.Chrome], list[str]]

    def open(self, address: str) -> None:
        """Load it and wait for the network."""
        self.chrome.get(address)
        self.until(lambda: self.data("ready") == "network")

    def at(self, name: str):
        return self.chrome.find_element(By.ID, name)

    def data(self, name: str) -> str | None:
        return self.chrome.execute_script("return document.documentElement.dataset[arguments[0]]", name)

    def until(self, condition):
        return WebDriverWait(self.chrome, PATIENCE_S).until(lambda _: condition())

    def settle(self) -> str:
        """Wait for the work that was begun, and read what is status of it."""
        self.until(lambda: self.data("state") != "busy")
        return self.at("status").text

    def load(self, name: str, path: Path) -> str:
        """Choose a file."""
        self.at(name).send_keys(str(path))
        return self.settle()

    def press(self, name: str) -> str:
        self.chrome.execute_script("arguments[0].click()", self.at(name))
        return self.settle()

    def save(self, name: str) -> Path:
        """Press a button that saves a file, and wait for it."""
        before = set(self.downloads.iterdir())
        status = self.press(name)
        path = self.downloads / status.removesuffix(" was saved.")
        self.until(path.is_file)
        assert set(self.downloads.iterdir()) - before <= {path}
        return path

    def axe(self) -> list[str]:
        """Name the accessibility rules that the page breaks."""
        code = (Path(axe_core_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
        # DevTools puts the checker into the page: the page's own policy lets no other script in.
        self.chrome.execute_cdp_cmd("Runtime.evaluate", {"expression": code})
        script = """const done = arguments[0];
            const named = (result) => result.violations.map((fault) => `${fault.id}: ${fault.nodes[0].html}`);
            axe.run().then((result) => done(named(result)), (error) => done([String(error)]));"""
        return self.chrome.execute_async_script(script)

    def requests(self) -> list[str]:
        return self.asked(self.chrome)


@pytest.fixture
def page(blank, asked, tmp_path):
    """The page; afterwards nothing was complained of and nothing asked of another origin."""
    downloads = tmp_path / "downloads"
    downloads.mkdir()
    # Chromium writes under a name of its own, then renames.
    blank.execute_cdp_cmd(
        "Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(downloads)}
    )
    blank.set_script_timeout(PATIENCE_S)
    yield Page(blank, downloads, asked)
    assert blank.get_log("browser") == []
