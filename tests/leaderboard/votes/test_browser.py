"""The voting page in a real browser, from the disk: keys, sides, going back, saving; nothing leaves it."""

import json

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from df8k import leaderboard
from df8k.leaderboard.votes.build import build_vote
from df8k.leaderboard.votes.files import read_key
from df8k.leaderboard.votes.score import score_votes


@pytest.fixture(scope="module")
def built(dataset, tmp_path_factory):
    folder = tmp_path_factory.mktemp("vote-browser")
    for name in ("mean", "telea"):
        leaderboard.evaluate(
            name, dataset, sizes=[64], out=folder / f"{name}.json", predictions=folder / name
        )
    predictions = {name: folder / name for name in ("mean", "telea")}
    return build_vote(predictions, dataset, folder / "page", size=64, pairs=3)


def press(browser, *keys):
    ActionChains(browser).send_keys(*keys).perform()


def text(browser, name):
    return browser.find_element(By.ID, name).text


def source(browser, side):
    return browser.find_element(By.ID, f"{side}-picture").get_attribute("src")


def test_people_vote_by_keys_go_back_and_save(browser, built, tmp_path):
    browser.get(built.page.as_uri())
    browser.execute_script("localStorage.clear()")
    browser.refresh()
    key = read_key(built.key)
    assert text(browser, "progress") == f"Pair 1 of {built.pairs}"
    loaded = "return document.getElementById('left-picture').naturalWidth"
    WebDriverWait(browser, 60).until(lambda page: page.execute_script(loaded) == 64)
    width = browser.execute_script(
        "return document.getElementById('left-picture').getBoundingClientRect().width"
    )
    assert width == 64  # its own resolution
    before = source(browser, "left")
    press(browser, "h")
    assert source(browser, "left") == source(browser, "right") != before
    press(browser, "h")
    assert source(browser, "left") == before
    press(browser, Keys.ARROW_RIGHT)
    assert text(browser, "progress") == f"Pair 2 of {built.pairs}"
    assert source(browser, "left") != before
    press(browser, Keys.BACKSPACE)
    assert source(browser, "left") == before
    choices = [pair.catch or ("left" if pair.left == "telea" else "right") for pair in key.pairs]
    for choice in choices[:-1]:
        press(browser, Keys.ARROW_LEFT if choice == "left" else Keys.ARROW_RIGHT)
    last = f"Pair {built.pairs} of {built.pairs}"
    assert text(browser, "progress") == last
    browser.refresh()  # what was voted is kept
    assert text(browser, "progress") == last
    browser.find_element(By.ID, choices[-1]).click()
    assert browser.find_element(By.ID, "done").is_displayed()
    assert not browser.find_element(By.ID, "pair").is_displayed()
    press(browser, "s")
    ballot = tmp_path / "votes.json"
    ballot.write_text(browser.find_element(By.ID, "votes").get_attribute("value"))
    assert [vote["choice"] for vote in json.loads(ballot.read_text())["votes"]] == choices
    outcome = score_votes(built.key, [ballot])
    assert outcome.fit.strengths[0].method == "telea"
    assert outcome.votes == 3


def test_nothing_leaves_the_page_and_nothing_is_refused(browser, built):
    browser.get_log("performance")
    browser.get(built.page.as_uri())
    press(browser, Keys.ARROW_DOWN)
    asked = [
        json.loads(entry["message"])["message"]["params"]["request"]["url"]
        for entry in browser.get_log("performance")
        if '"Network.requestWillBeSent"' in entry["message"]
    ]
    assert all(url.startswith(("file:", "blob:", "data:")) for url in asked), asked
    assert not [entry for entry in browser.get_log("browser") if entry["level"] == "SEVERE"]
