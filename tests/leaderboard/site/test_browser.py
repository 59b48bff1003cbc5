"""The board and the slider in a real browser, opened from the disk: what people do with them works."""

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys


def test_the_table_sorts_by_mouse_and_keyboard(page, board):
    page.open(board)
    column = next(
        i for i, head in enumerate(page.all("#board th button")) if head.text.startswith("psnr hole")
    )
    button = page.all("#board th button")[column]
    button.click()
    best_first = [float(row[column]) for row in page.rows()]
    assert best_first == sorted(best_first, reverse=True)
    assert page.all("#board thead th")[column].get_attribute("aria-sort") == "descending"
    button.send_keys(Keys.ENTER)
    assert [float(row[column]) for row in page.rows()] == best_first[::-1]
    assert len(best_first) == 3
    errors = next(button for button in page.all("#board th button") if button.text.startswith("l1 hole"))
    column = page.all("#board th button").index(errors)
    errors.click()
    best_first = [float(row[column]) for row in page.rows()]
    assert best_first == sorted(best_first)


def test_size_text_and_columns_filter(page, board):
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
    page.all("details.menu summary")[0].click()
    hole, everything = (page.all("#presets button")[index] for index in (1, 3))
    hole.click()
    shown = [head.text for head in page.all("#board th button") if head.is_displayed()]
    assert "psnr hole, dB" in shown
    assert not any("full" in text for text in shown)
    everything.click()
    assert len([head for head in page.all("#board th button") if head.is_displayed()]) == len(
        page.all("#board thead th")
    )
    interval = page.all("#board tbody tr:not([hidden]) td:not([hidden]) small")[0]
    assert interval.is_displayed()
    page.at("intervals").click()
    assert not interval.is_displayed()
    assert "RETHINED" not in page.chrome.page_source
    page.open(board.parent / "pages" / "papers.html")
    assert len(page.all("table")) == 2


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


def test_the_slider_moves_by_mouse_and_keyboard(page, image_page):
    page.open(image_page)
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


def test_any_two_methods_are_compared_down_to_the_pixels_of_a_crop(page, image_page):
    page.open(image_page)
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
        strangers = "[...document.images].filter((image) => !image.src.includes('/pages/thumbnails/'))"
        assert page.run(f"return {strangers}.length") == 0
        assert page.chrome.title not in {"1", title}
