"""The button that measures: a file for the board, by the page alone, on the scenes of `df8k latency`."""

import gzip
import json
import shutil

import numpy as np
import pytest

from leaderboard import build_site
from leaderboard.edge import frames
from leaderboard.edge.reference import Answers
from leaderboard.latency.results import read_latency
from leaderboard.latency.validate import validate_latency

QUICK = {"runs": 3, "seconds": 0.0, "sessions": 1, "warmup_rounds": 2}


@pytest.fixture(scope="module")
def brief(app, tmp_path_factory):
    """The page with a plan of a few runs."""
    folder = tmp_path_factory.mktemp("brief") / "app"
    shutil.copytree(app, folder)
    content = json.loads((folder / frames.FRAMES).read_text())
    content["plans"] = [plan | QUICK for plan in content["plans"]]
    (folder / frames.FRAMES).write_text(json.dumps(content))
    return folder


def measured(page, address, label=""):
    """Press the button for the smallest frame, and wait."""
    page.chrome.get(address + "measure.html")
    page.until(lambda: page.data("state") == "ready")
    script = "largest.value = '512'; document.getElementById('label').value = arguments[0]"
    page.chrome.execute_script(script, label)
    return page.press("measure")


def test_the_button_makes_a_file_that_the_board_takes(page, served, brief, tmp_path):
    with served(folder=brief) as address:
        assert measured(page, address, "My Phone 3").startswith("Measured.")
        path = page.save("save")
        for width in (1440, 390):
            size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
            page.chrome.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
            assert page.axe() == [], width
            assert page.chrome.execute_script("return document.documentElement.scrollWidth") <= width
        page.chrome.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        asked = page.requests()
    assert all(url.startswith((address, f"blob:{address}", "data:", "about:")) for url in asked), asked
    assert validate_latency(path) == []
    result = read_latency(path)
    (size,) = result.sizes
    assert (size.size, size.status, size.e2e.n, size.flags) == (512, "ok", 3, size.flags)
    assert "unrepeated" in size.flags
    assert 0 < size.model.p50_s < size.e2e.p50_s
    (session,) = size.sessions
    assert min(session.process_s, session.load_s, session.first_call_s, session.timer_s) > 0
    assert result.method.name == "rethined-coherence-off-browser-my-phone-3"
    site = build_site([path], tmp_path / "site")
    assert "rethined-coherence-off-browser-my-phone-3" in site.page.read_text()
    assert "| browser |" in (tmp_path / "site/latency.md").read_text()
    edited = tmp_path / "edited.json"
    for before, after in (("my-phone-3", "my-phone-4"), ('"attempts": 1', '"attempts": 2')):
        edited.write_text(path.read_text().replace(before, after))
        assert "it was edited after the page had written it" in validate_latency(edited)


def test_a_page_that_fills_otherwise_has_no_times(page, served, brief):
    content = json.loads((brief / frames.FRAMES).read_text())
    first = content["frames"][0]
    wrong = np.full((96, 128, 3), 200, np.uint8)
    answers = Answers(wrong, wrong, 0)
    first |= frames.sample(answers, np.ones((96, 128), bool)) | {"step": first["step"]}
    (brief / frames.FRAMES).write_text(json.dumps(content))
    with served(folder=brief) as address:
        measured(page, address)
        assert "wrong-output: 0.00 % of the hole agree with Python" in page.at("rows").text
        assert not page.at("save").is_enabled()


def test_a_page_that_ended_in_a_session_goes_on_with_a_crash(page, served, brief):
    with served(folder=brief) as address:
        page.chrome.get(address + "measure.html")
        page.until(lambda: page.data("state") == "ready")
        script = """const plan = {tier: "rapid", sessions: 1};
            const kept = {version: self.DF8K.version, plan, sizes: [512], rows: [], pending: 512};
            localStorage.setItem("df8k measurement", JSON.stringify(kept));"""
        page.chrome.execute_script(script)
        page.chrome.refresh()
        page.until(lambda: page.data("state") == "ready")
        assert "crash: the browser ended the page" in page.at("rows").text
        assert page.at("measure").text == "Go on"
        page.chrome.execute_script("tier.value = 'quick'; tier.dispatchEvent(new Event('change'))")
        assert (page.at("measure").text, page.at("rows").text) == ("Measure", "")
        assert page.chrome.execute_script("return localStorage.length") == 0


def test_runs_of_a_mask_are_packed_and_sampled():
    mask = np.zeros((3, 100), bool)
    mask[1, 40:] = mask[2, 90:] = True
    image = np.arange(900, dtype=np.uint32).astype(np.uint8).reshape(3, 100, 3)
    other = image.copy()
    other[2, 95] += 5
    taken = frames.sample(Answers(image, other, 1), mask)
    assert (taken["step"], taken["other"]["at"]) == (1, [65])
    assert len(taken["expected"]) == 4 * mask.sum()
    assert list(gzip.decompress(frames.packed(mask))) == [0x8C, 1, 60, 90, 10]
