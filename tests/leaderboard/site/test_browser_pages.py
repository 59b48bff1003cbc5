"""Every kind of page in a real browser, on a desk and on a phone: pictures, addresses, accessibility."""

import json

import numpy as np
import pytest
from selenium.webdriver.common.action_chains import ActionChains

from leaderboard.results.per_image import read_arrays
from leaderboard.results.schema import read_result

LABELS = """return [...document.querySelectorAll('#plot .point-group text')].map((text) => {
    const box = text.getBoundingClientRect(); return [box.left, box.top, box.right, box.bottom]; })"""
LOADED = "return [...document.images].every((image) => image.complete && image.naturalWidth > 0)"
CAPTURE = """window.copied = null;
    Object.defineProperty(navigator, 'clipboard', {
        value: {writeText: async (text) => { window.copied = text; }}})"""


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_kind_of_page_is_accessible_and_fits(page, board, image_page, width, scheme):
    page.shown_as(width, scheme)
    pages = board.parent / "pages"
    methods = sorted((pages / "methods").glob("*.html"))
    names = ("compare", "images", "dataset", "protocol", "papers", "downloads", "contribute")
    for path in [board, image_page, methods[0], *(pages / f"{name}.html" for name in names)]:
        page.open(path)
        assert page.run("return document.documentElement.scrollWidth") <= width, path
        assert page.axe() == [], path


def test_every_column_is_reached_and_the_method_stays(page, board):
    page.open(board)
    room = "const box = document.getElementById('board').parentElement; "
    assert page.run(room + "return box.scrollWidth - box.clientWidth") <= 0
    page.all("details.menu summary")[0].click()
    page.all("#presets button")[-1].click()
    assert page.run(room + "return box.scrollWidth - box.clientWidth") > 0
    assert "more" in page.at("board").find_element("xpath", "..").get_attribute("class")
    page.run(room + "box.scrollLeft = 1e6")
    edges = "const edge = (cell) => cell.getBoundingClientRect();"
    edges += "const row = document.querySelector('#board tr'); "
    left = page.run(edges + "return edge(row.querySelector('.stick')).left")
    right = page.run(edges + "return edge(row.cells[row.cells.length - 1]).right")
    assert left >= 0
    assert right <= 1440


def test_a_phone_shows_method_and_ranking_metric_at_once(page, board):
    page.shown_as(390).open(board)
    seen = page.run(
        "return [...document.querySelectorAll('#board tbody tr:not([hidden])')].map((row) =>"
        " [row.querySelector('.stick').getBoundingClientRect().left,"
        " row.querySelector('.ranks').getBoundingClientRect().right])"
    )
    assert len(seen) == 3
    assert all(left >= 0 and right <= 390 for left, right in seen)


def test_the_address_keeps_what_is_shown(page, board):
    page.open(board)
    page.select("size", "")
    page.at("text").send_keys("n")
    page.all("details.menu summary")[0].click()
    page.all("#boxes input[value='psnr.full']")[0].click()
    page.all("#boxes input[value='n']")[0].click()
    page.all("#board th[data-key='l1.hole'] button")[0].click()
    page.at("intervals").click()
    page.select("metric", "ssim.hole")
    rows, address = page.rows(), page.chrome.current_url
    heads = page.run("return [...document.querySelectorAll('#board th')].map((head) => head.hidden)")
    page.visit(address)
    assert page.rows() == rows
    assert page.run("return [...document.querySelectorAll('#board th')].map((head) => head.hidden)") == heads
    assert page.at("text").get_attribute("value") == "n"
    assert page.at("metric").get_attribute("value") == "ssim.hole"
    assert not page.at("intervals").is_selected()
    page.visit(f"{board.as_uri()}#size=77&columns=nonesuch&sort=constructor:1&metric=%3Cb%3E")
    assert {row[0] for row in page.rows()} == {"600"}
    assert "psnr hole, dB" in [head.text for head in page.all("#board th button")]


def test_the_shown_table_is_copied(page, board):
    page.open(board)
    page.run(CAPTURE)
    menu = page.all("details.menu summary")[1]
    for index in range(2):
        menu.click()
        page.all("button[data-table]")[index].click()
        page.until(lambda: page.run("return window.copied"))
        text = page.run("const text = window.copied; window.copied = null; return text")
        shown = [head.text for head in page.all("#board th button") if head.is_displayed()]
        if index == 0:
            lines = text.splitlines()
            assert len(lines) == 2 + len(page.rows())
            assert all(line.replace("\\|", "").count("|") == len(shown) + 1 for line in lines)
            assert "**" in text
        else:
            assert text.startswith("\\begin{tabular}{rlrrrr")
            assert text.splitlines()[2].count(" & ") == len(shown) - 1
            assert text.count(r"\\") == 1 + len(page.rows())
            assert "\\_" in text or "\\{\\{" in text
    assert page.at("count").text == "3 rows copied as LaTeX"
    page.open(board.parent / "pages" / "contribute.html")
    page.run(CAPTURE)
    page.all("button[data-text]")[0].click()
    assert "@inproceedings{sanchez2025rethined," in page.until(lambda: page.run("return window.copied"))


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("size", ["600", ""])
def test_labels_of_the_plot_cover_no_other(page, board, width, size):
    page.shown_as(width).open(board)
    page.select("size", size)
    boxes = page.run(LABELS)
    assert boxes
    for index, (left, top, right, bottom) in enumerate(boxes):
        for other in boxes[index + 1 :]:
            assert right <= other[0] or other[2] <= left or bottom <= other[1] or other[3] <= top


def test_an_image_starts_with_original_and_best_and_shows_every_method(page, image_page):
    page.open(image_page)
    assert page.at("left").get_attribute("value") == "original"
    ranked = [tile.text.split()[0] for tile in page.all("#fills .tile")]
    assert ranked[0] == "Original"
    best = page.at("right").get_attribute("value")
    assert page.all("#fills .tile")[1].get_attribute("aria-pressed") == "true"
    page.all("#fills .tile")[2].click()
    assert page.at("right").get_attribute("value") != best
    # The knob stands under the divider, at both ends too.
    for percent in (0, 50, 100):
        page.run("slide.value = arguments[0]; slide.dispatchEvent(new Event('input'))", percent)
        middle, track, knob = page.run(
            "const box = (id) => document.getElementById(id).getBoundingClientRect(); const s = box('slide');"
            "return [box('divider').left + 1, [s.left, s.width], 16]"
        )
        assert track[0] + knob / 2 + percent / 100 * (track[1] - knob) == pytest.approx(middle, abs=2)
    page.at("errors").click()
    assert page.run("return getComputedStyle(document.getElementById('left-picture')).mixBlendMode") == (
        "difference"
    )
    address = page.chrome.current_url
    page.visit(address)
    assert page.at("errors").is_selected()
    assert page.at("right").get_attribute("value") != best


def test_two_methods_are_compared_over_all_images(page, board):
    page.open(board.parent / "pages" / "compare.html")
    first, second = (
        page.at(name).find_element("css selector", "option:checked").text for name in ("first", "second")
    )
    assert first != second
    results = {}
    for path in board.parent.parent.glob("*.json"):
        result = read_result(path)
        results[result.method.name] = read_arrays(path, result)[600].values["haarpsi.hole"]
    named = [
        next(values for name, values in results.items() if name[:4] == text[:4]) for text in (first, second)
    ]
    gaps = named[0] - named[1]
    assert len(page.all("#scatter .point")) == len(page.all("#differences rect:not(.range)")) == len(gaps)
    mean = page.all("#tests td")[0].text.replace("−", "-")
    assert float(mean) == pytest.approx(float(np.mean(gaps)), abs=6e-5)
    assert page.at("verdict").text == "3 images cannot show a difference: at least 6 are needed."
    assert f"better on {int((gaps > 0).sum())}," in page.at("counts").text
    page.at("swap").click()
    assert float(page.all("#tests td")[0].text.replace("−", "-")) == pytest.approx(-float(mean))
    page.select("size", "0")
    address = page.chrome.current_url
    assert "size=64" in address
    page.visit(address)
    assert page.at("first").find_element("css selector", "option:checked").text == second
    ActionChains(page.chrome).move_to_element(page.all("#scatter .point")[0]).perform()
    assert page.until(lambda: len(page.all("#peek img"))) == 3
    link = page.all("#peek a")[0].get_attribute("href")
    page.visit(link)
    left = page.at("left").find_element("css selector", "option:checked").text
    assert left == second
    page.open(board.parent / "pages" / "compare.html")
    page.select("page", "compare-l1-hole")
    page.until(lambda: page.chrome.current_url.endswith("compare-l1-hole.html"))
    assert "l1 hole" in page.at("scatter").text


def test_the_gallery_groups_by_kind_of_mask_and_shows_any_method(page, board):
    page.open(board.parent / "pages" / "images.html")
    tiles = page.all("#gallery li")
    assert len(tiles) == 3
    groups = json.loads(page.at("gallery").get_attribute("data-groups"))
    name = page.at("by").get_attribute("value")
    shown = [title.text.rpartition(" (")[0] for title in page.all("#gallery h2")]
    assert shown == groups[name][1]
    page.select("source", "method-ns")
    page.until(lambda: page.run(LOADED))
    assert all("/method-ns.webp" in image.get_attribute("src") for image in page.all("#gallery img"))
    page.select("by", "")
    assert len(page.all("#gallery ul")) == 1
    address = page.chrome.current_url
    page.visit(address)
    assert page.at("source").get_attribute("value") == "method-ns"
    assert len(page.all("#gallery ul")) == 1


def test_pictures_of_the_first_page_and_of_methods_are_there_and_lazy(page, board):
    methods = sorted((board.parent / "pages" / "methods").glob("*.html"))
    for path in [board, *methods]:
        page.open(path)
        assert page.run("return [...document.images].every((image) => image.loading === 'lazy')")
        count = page.run(
            "for (const image of document.images) image.loading = 'eager'; return document.images.length"
        )
        assert count >= 3, path
        assert page.until(lambda: page.run(LOADED)), path
