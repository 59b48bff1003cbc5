"""What people do with the page in a browser: masks, keys, sizes of windows, no network, mistakes."""

import itertools

import numpy as np
import pytest
from PIL import Image
from selenium.webdriver.common.keys import Keys

from df8k.scenes import render


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A small scene, masks of its size and of another, a transparent picture, a file that is none."""
    folder = tmp_path_factory.mktemp("files")
    pixels = render("facade", 300, 200, "edge")
    Image.fromarray(pixels).save(folder / "scene.png")
    mask = np.zeros((200, 300), np.uint8)
    mask[60:120, 80:200] = 255
    Image.fromarray(mask).save(folder / "mask.png")
    Image.fromarray(mask[:100]).save(folder / "half.png")
    Image.fromarray(np.dstack((pixels, mask))).save(folder / "transparent.png")
    (folder / "text.png").write_text("no picture")
    return folder


def test_a_photograph_is_turned_as_its_file_says(page, served, tmp_path):
    tags = Image.Exif()
    tags[0x0112] = 6  # orientation: a quarter turn
    Image.fromarray(render("facade", 300, 200, "edge")).save(tmp_path / "turned.jpg", exif=tags)
    with served() as address:
        page.open(address)
        assert page.load("file", tmp_path / "turned.jpg").startswith("200 × 300 pixels")


def saved_mask(page):
    return np.asarray(Image.open(page.save("save-mask"))) == 255


def test_masks_come_from_files_presets_and_keys(page, served, files):
    with served() as address:
        page.open(address)
        page.load("file", files / "scene.png")
        assert page.load("mask", files / "mask.png") == "The mask was added."
        hole = np.zeros((200, 300), bool)
        hole[60:120, 80:200] = True
        assert np.array_equal(saved_mask(page), hole)
        page.at("canvas").send_keys(Keys.CONTROL, "z")
        assert not page.at("fill").is_enabled()
        page.at("canvas").send_keys(Keys.ARROW_LEFT, Keys.ARROW_LEFT, Keys.SPACE)
        dot = saved_mask(page)
        assert 0 < dot.sum() < 2000
        (x,) = {round(np.nonzero(dot)[1].mean())}
        assert x < 150
        page.press("undo")
        page.chrome.execute_script(
            "arguments[0].value = 'band-30-50'; arguments[0].dispatchEvent(new Event('change'))",
            page.at("preset"),
        )
        page.until(lambda: "preset" in page.at("status").text)
        assert 0.25 < saved_mask(page).mean() < 0.55
        status = page.press("fill")
        assert "pixels filled" in status
        page.press("again")
        page.press("clear")
        assert page.press("fill") == "nothing is masked; paint over what shall go"


@pytest.mark.parametrize(
    ("name", "file", "finding"),
    [
        ("mask", "half.png", "the mask has 300 × 100 pixels, the picture 300 × 200"),
        ("file", "transparent.png", "the picture has transparent pixels; flatten it first"),
        ("file", "text.png", "the file cannot be decoded as a picture"),
    ],
)
def test_a_wrong_file_is_refused_in_words(page, served, files, name, file, finding):
    with served() as address:
        page.open(address)
        page.load("file", files / "scene.png")
        assert finding in page.load(name, files / file)
        assert page.data("state") == "open"


def test_the_page_is_accessible_and_fits_phones_and_desks(page, served, files):
    emulate = page.chrome.execute_cdp_cmd
    try:
        with served() as address:
            page.open(address)
            page.load("file", files / "scene.png")
            page.load("mask", files / "mask.png")
            for fill in (False, True):
                if fill:
                    page.press("fill")
                for width, scheme in itertools.product((390, 1440), ("light", "dark")):
                    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
                    emulate("Emulation.setDeviceMetricsOverride", size)
                    feature = {"name": "prefers-color-scheme", "value": scheme}
                    emulate("Emulation.setEmulatedMedia", {"features": [feature]})
                    assert page.axe() == [], (width, scheme, fill)
                    assert page.chrome.execute_script("return document.documentElement.scrollWidth") <= width
    finally:
        emulate("Emulation.clearDeviceMetricsOverride", {})
        emulate("Emulation.setEmulatedMedia", {"features": []})


def test_a_second_load_needs_no_server(page, served, files):
    with served() as address:
        page.open(address)
        version = page.at("facts").text.split(". ")[0]
    page.open(address)
    assert page.at("facts").text.startswith(version)
    assert version.startswith("Version 0.")
    page.load("file", files / "scene.png")
    page.load("mask", files / "mask.png")
    assert "pixels filled" in page.press("fill")


def test_from_the_disk_the_page_says_what_it_needs(page, app):
    page.chrome.get((app / "index.html").as_uri())
    assert "df8k edge serve" in page.at("status").text
    # The browser refuses scripts there, and says so.
    assert page.chrome.get_log("browser")
