"""The site in a real browser, opened from the disk: what people do with it works, and nothing leaves it."""

import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import axe_core_python
import numpy as np
import pytest
from PIL import Image
from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select, WebDriverWait

import baselines
import df8k
import leaderboard
from df8k.builder import build
from df8k.config import BuildConfig
from df8k.scenes import KINDS, render
from df8k.sources import candidates

HOSTILE = "</script><img src=x onerror=document.title=1>\"'`{{7*7}}\u202eabc🎨<b>" + "W" * 500


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    """Headless Chromium with its logs; skips without one, fails where it is required."""
    program, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not program or not driver:
        message = "chromium and chromedriver are not on the PATH: install them to test the site"
        if os.environ.get("DF8K_REQUIRE_BROWSER"):
            pytest.fail(message)
        pytest.skip(message)
    options = Options()
    options.binary_location = program
    profile = tmp_path_factory.mktemp("profile")
    flags = ["headless=new", "no-sandbox", "disable-gpu", "disable-background-networking", "no-first-run"]
    for flag in [*flags, f"user-data-dir={profile}", "window-size=1440,900"]:
        options.add_argument(f"--{flag}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    chrome = webdriver.Chrome(options=options, service=Service(driver))
    yield chrome
    chrome.quit()


@pytest.fixture(scope="module")
def board(tmp_path_factory, fake):
    """Three methods, one with a hostile name, at a size without crops and one with them."""
    folder = tmp_path_factory.mktemp("browser")
    (folder / "photos").mkdir()
    for kind in sorted(KINDS)[:2]:
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


@dataclass
class Page:
    """A page in the browser."""

    chrome: webdriver.Chrome

    def open(self, path: Path) -> "Page":
        self.chrome.get_log("browser")
        self.chrome.get_log("performance")
        self.chrome.get(path.as_uri())
        return self

    def at(self, name: str):
        return self.chrome.find_element(By.ID, name)

    def all(self, selector: str):
        return self.chrome.find_elements(By.CSS_SELECTOR, selector)

    def run(self, script: str, *given):
        return self.chrome.execute_script(script, *given)

    def select(self, name: str, value: str) -> None:
        Select(self.at(name)).select_by_value(value)

    def until(self, condition):
        return WebDriverWait(self.chrome, 10).until(lambda _: condition())

    def rows(self) -> list[list[str]]:
        script = """return [...document.querySelectorAll('#board tbody tr')].filter((row) => !row.hidden)
            .map((row) => [...row.cells].map((cell) => cell.firstChild.textContent.trim()))"""
        return self.run(script)

    def requests(self) -> list[str]:
        events = [json.loads(line["message"])["message"] for line in self.chrome.get_log("performance")]
        return [
            event["params"]["request"]["url"]
            for event in events
            if event["method"] == "Network.requestWillBeSent"
        ]


@pytest.fixture
def page(browser):
    """A page; afterwards, nothing was complained of and nothing left the disk."""
    found = Page(browser)
    yield found
    assert browser.get_log("browser") == []
    assert all(url.startswith(("file://", "data:")) for url in found.requests())
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_the_table_sorts_by_mouse_and_keyboard(page, board):
    page.open(board)
    column = next(
        i for i, head in enumerate(page.all("#board th button")) if head.text.startswith("psnr hole")
    )
    button = page.all("#board th button")[column]
    button.click()
    ascending = [float(row[column]) for row in page.rows()]
    assert ascending == sorted(ascending)
    assert page.all("#board thead th")[column].get_attribute("aria-sort") == "ascending"
    button.send_keys(Keys.ENTER)
    assert [float(row[column]) for row in page.rows()] == ascending[::-1]
    assert len(ascending) == 3


def test_size_text_region_and_origin_filter(page, board):
    page.open(board)
    assert {row[0] for row in page.rows()} == {"600"}
    page.select("size", "64")
    assert {row[0] for row in page.rows()} == {"64"}
    assert len(page.all("#plot .point-group")) == 3
    page.select("size", "")
    assert len(page.rows()) == 6
    page.at("text").send_keys("NS")
    assert [row[2] for row in page.rows()] == ["ns", "ns"]
    assert page.at("count").text == "2 of 6 rows"
    page.select("region", "hole")
    shown = [head.text for head in page.all("#board th button") if head.is_displayed()]
    assert "psnr hole, dB" in shown
    assert not any("full" in text for text in shown)
    page.select("origin", "reported")
    assert not page.at("board").is_displayed()
    assert page.at("reported").is_displayed()
    page.select("origin", "measured")
    assert not page.at("reported").is_displayed()
    interval = page.all("#board tbody tr:not([hidden]) td:not([hidden]) small")[0]
    assert interval.is_displayed()
    page.at("intervals").click()
    assert not interval.is_displayed()


def test_the_plot_is_linked_to_the_table(page, board):
    page.open(board)
    group = next(g for g in page.all("#plot .point-group") if g.get_attribute("aria-label").startswith("ns "))
    point = group.find_element(By.CLASS_NAME, "point")
    ActionChains(page.chrome).scroll_to_element(point).move_to_element(point).perform()
    row = page.until(lambda: page.all("#board tr.picked"))[0]
    assert row.get_attribute("data-method") == "ns"
    assert page.at("told").text.startswith("ns at size 600: haarpsi hole")
    told = page.at("told").text
    value = next(r for r in page.rows() if r[2] == "ns")
    head = [button.text for button in page.all("#board th button")]
    assert f" {value[head.index('haarpsi hole')]}, {value[head.index('median, ms')]} ms" in told
    point.click()
    top, bottom, seen = page.run(
        "const b = arguments[0].getBoundingClientRect(); return [b.top, b.bottom, innerHeight]", row
    )
    # Half a pixel: scrolling stops at whole ones.
    assert -0.5 <= top < bottom <= seen + 0.5
    page.select("metric", "psnr.hole")
    page.until(lambda: "psnr hole" in page.at("plot").text)
    other = page.all("#plot .point-group")[0]
    page.run("arguments[0].focus()", other)
    other.send_keys(Keys.ENTER)
    assert page.all("#board tr.picked")[0].get_attribute("data-method") in other.get_attribute("aria-label")
    assert "psnr hole" in page.at("told").text


def image_page(board: Path) -> Path:
    return min((board.parent / "pages" / "images").glob("*.html"))


def test_the_slider_moves_by_mouse_and_keyboard(page, board):
    page.open(image_page(board))
    stage, slide = page.at("stage"), page.at("slide")
    assert slide.get_attribute("value") == "50"
    width = stage.size["width"]
    actions = ActionChains(page.chrome).move_to_element(stage).click_and_hold()
    actions.move_by_offset(-width // 4, 0).release().perform()
    assert float(slide.get_attribute("value")) == pytest.approx(25, abs=1.5)
    clip = "return arguments[0].style.clipPath"
    assert page.run(clip, page.at("left-picture")).startswith("inset(0")
    slide.send_keys(Keys.HOME)
    assert (
        page.run("return arguments[0].style.clipPath", page.at("left-picture")) == "inset(0px 100% 0px 0px)"
    )
    slide.send_keys(Keys.ARROW_RIGHT)
    assert float(slide.get_attribute("value")) == 0.5


def test_any_two_methods_are_compared_down_to_the_pixels_of_a_crop(page, board):
    page.open(image_page(board))
    loaded = "return arguments[0].complete && arguments[0].naturalWidth"
    page.until(lambda: page.run(loaded, page.at("left-picture")) == 600)
    assert not any("crop" in url for url in page.requests())
    page.select("left", "method-mean")
    page.select("right", "method-ns")
    page.all("#views button")[1].click()
    page.until(lambda: page.run(loaded, page.at("right-picture")) == 512)
    assert page.at("right-picture").get_attribute("src").endswith("/600/crop-1-method-ns.webp")
    assert page.at("left-picture").get_attribute("src").endswith("/600/crop-1-method-mean.webp")
    assert "crop-1-method-ns.webp" in "".join(page.requests())
    page.select("zoom", "8")
    assert page.at("stage").size["width"] == 8 * 512
    assert (
        page.run("return getComputedStyle(arguments[0]).imageRendering", page.at("left-picture"))
        == "pixelated"
    )
    assert not page.at("outline-picture").is_displayed()
    page.at("outline").click()
    page.until(lambda: page.run(loaded, page.at("outline-picture")) == 512)
    assert page.at("outline-picture").is_displayed()
    page.at("outline").send_keys(Keys.SPACE)
    assert not page.at("outline-picture").is_displayed()
    page.select("size", "0")
    assert page.at("right-picture").get_attribute("src").endswith("/64/whole-method-ns.webp")


def test_a_hostile_name_is_shown_and_does_nothing(page, board):
    page.open(board)
    title = page.chrome.title
    shown = [row[2] for row in page.rows() if row[2] not in {"mean", "ns"}]
    assert len(shown) == 1
    assert shown[0].startswith("</script><img src=x onerror=document.title=1>")
    assert "{{7*7}}" in shown[0]
    assert page.run("return document.documentElement.scrollWidth <= innerWidth")
    for path in (board.parent / "pages" / "methods").glob("*.html"):
        page.chrome.get(path.as_uri())
        assert page.run("return document.documentElement.scrollWidth <= innerWidth"), path
        assert page.run("return document.images.length") == 0
        assert page.chrome.title not in {"1", title}


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_kind_of_page_is_accessible_and_fits(page, board, width, scheme):
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
    page.chrome.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    feature = {"name": "prefers-color-scheme", "value": scheme}
    page.chrome.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})
    pages = board.parent / "pages"
    methods = sorted((pages / "methods").glob("*.html"))
    axe = (Path(axe_core_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
    about = [pages / f"{name}.html" for name in ("dataset", "protocol", "downloads")]
    for path in [board, image_page(board), methods[0], *about]:
        page.open(path)
        assert page.run("return document.documentElement.scrollWidth") <= width, path
        # DevTools puts the checker into the page: the page's own policy lets no other script in.
        page.chrome.execute_cdp_cmd("Runtime.evaluate", {"expression": axe})
        found = page.chrome.execute_async_script(
            "const done = arguments[0]; axe.run(document, {resultTypes: ['violations']}).then("
            "(found) => done(found.violations), "
            "(error) => done([{id: String(error), impact: 'serious', nodes: []}]))"
        )
        serious = [
            (fault["id"], [node["html"][:120] for node in fault["nodes"]][:3])
            for fault in found
            if fault["impact"] in {"serious", "critical"}
        ]
        assert serious == [], path
