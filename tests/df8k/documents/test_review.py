"""Review pages: complete, safe, and usable in a real browser."""

import json
import re
import shutil
import time

import numpy as np
import pyarrow.parquet as pq
import pytest
from PIL import Image

from df8k.builder import build
from df8k.config import BuildConfig, read_names
from df8k.scenes import render
from df8k.sources import candidates

HOSTILE = "<img src=x onerror=alert(1)>_<_script>.png"
OFF = ("flat", "blur", "upscaled", "noise", "compression", "border", "document", "person")
CONFIG = BuildConfig(
    min_side=64, curation={name: {"off": True} for name in OFF} | {"person": {"uncertain": -9}}
)


@pytest.fixture(scope="module")
def reviewed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("photos")
    for index, kind in enumerate(("fence", "tiles", "hills", "foliage")):
        Image.fromarray(render(kind, 160, 140, str(index))).save(folder / f"{kind}.png")
    Image.fromarray(np.full((100, 100, 3), 80, np.uint8)).save(folder / HOSTILE)
    (folder / "fake.png").write_bytes(b"<html>")
    out = tmp_path_factory.mktemp("reviewed") / "dataset"
    build(candidates([str(folder)]), out, CONFIG)
    return out


def rows_of(page) -> list[dict]:
    match = re.search(
        r'<script type="application/json" id="data">(.*?)</script>', page.read_text(), re.DOTALL
    )
    return json.loads(match[1])


def test_every_picture_stands_on_its_sheet(reviewed):
    sheets = {path.stem: rows_of(path) for path in (reviewed / "review").iterdir()}
    assert {name: len(rows) for name, rows in sheets.items()} == {
        "kept-1": 4,
        "rejected-1": 2,
        "uncertain-1": 4,
    }
    assert {row["reason"] for row in sheets["rejected-1"]} == {"grayscale", "decode"}
    assert all(row["image"] and row["scores"] for row in sheets["kept-1"])
    assert all("perhaps a person" in row["detail"] for row in sheets["uncertain-1"])


def test_a_hostile_name_is_data_not_markup(reviewed):
    text = (reviewed / "review/rejected-1.html").read_text()
    assert "<img src=x" not in text
    assert any(HOSTILE in row["name"] for row in rows_of(reviewed / "review/rejected-1.html"))


def test_no_checks_no_review(tmp_path, pictures):
    build(candidates([str(pictures)]), tmp_path / "out", BuildConfig(min_side=64))
    assert not (tmp_path / "out/review").exists()


@pytest.fixture
def browser(tmp_path):
    selenium = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
    paths = shutil.which("chromium"), shutil.which("chromedriver")
    if None in paths:
        pytest.skip("chromium and chromedriver are not installed")
    options = selenium.ChromeOptions()
    options.binary_location = paths[0]
    for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--window-size=1100,900"):
        options.add_argument(argument)
    options.add_argument(f"--user-data-dir={tmp_path / 'profile'}")
    options.add_experimental_option("prefs", {"download.default_directory": str(tmp_path / "saved")})
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = selenium.Chrome(options=options, service=selenium.ChromeService(executable_path=paths[1]))
    yield driver
    driver.quit()


def test_a_person_sorts_marks_and_exports(reviewed, browser, tmp_path):
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys
    from selenium.webdriver.support.ui import Select

    browser.get((reviewed / "review/kept-1.html").as_uri())

    def shown() -> list[str]:
        return [figure.get_attribute("data-id") for figure in browser.find_elements(By.TAG_NAME, "figure")]

    def press(*keys: str) -> None:
        for key in keys:
            browser.switch_to.active_element.send_keys(key)

    rows = pq.read_table(reviewed / "manifest.parquet").to_pylist()
    kept = {row["id"]: row["score_grayscale_chroma"] for row in rows if row["decision"] == "keep"}
    Select(browser.find_element(By.ID, "sort")).select_by_value("grayscale_chroma")
    browser.find_element(By.ID, "descending").click()
    assert [kept[name] for name in shown()] == sorted(kept.values(), reverse=True)
    press(Keys.ARROW_RIGHT, "k", "d", "k", "d", Keys.ARROW_LEFT, "u")
    order = shown()
    # On a busy machine the browser hands its store over a little after the page was left.
    deadline = time.monotonic() + 60
    browser.refresh()
    while browser.find_element(By.ID, "kept").text != "1" and time.monotonic() < deadline:
        time.sleep(0.2)
        browser.refresh()
    assert browser.find_element(By.ID, "kept").text == "1"
    browser.find_element(By.ID, "save-keep").click()
    browser.find_element(By.ID, "save-drop").click()
    names = {word: tmp_path / "saved" / f"{word}.txt" for word in ("keep", "drop")}
    deadline = time.monotonic() + 60
    while not all(path.exists() for path in names.values()) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert read_names(names["keep"]) == (order[0],)
    assert sorted(read_names(names["drop"])) == sorted((order[1], order[3]))
    assert not [entry for entry in browser.get_log("browser") if entry["level"] == "SEVERE"]
    assert all(
        browser.execute_script("return arguments[0].naturalWidth", image) == 160
        for image in browser.find_elements(By.TAG_NAME, "img")
    )


def test_the_hostile_name_does_nothing_in_a_browser(reviewed, browser):
    from selenium.webdriver.common.by import By

    browser.get((reviewed / "review/rejected-1.html").as_uri())
    captions = [caption.text for caption in browser.find_elements(By.TAG_NAME, "figcaption")]
    assert any(HOSTILE in caption for caption in captions)
    assert len(browser.find_elements(By.TAG_NAME, "img")) == 2
