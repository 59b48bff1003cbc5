"""Latency in a browser: a result like any other, refused where the page fills otherwise than Python."""

import json
import shutil

import numpy as np
import pytest

from leaderboard import build_site
from leaderboard.edge.bench import BrowserSessions
from leaderboard.edge.browser import find_browser
from leaderboard.edge.job import Job
from leaderboard.edge.reference import SPEC
from leaderboard.latency.inputs import Procedural
from leaderboard.latency.plan import Plan
from leaderboard.latency.process import Target, staged
from leaderboard.latency.results import read_latency, samples_path
from leaderboard.latency.run import Measurement
from leaderboard.latency.validate import validate_latency

PLAN = Plan(tier="rapid", runs=2, seconds=0.0, sessions=1, warmup_rounds=2)


@pytest.fixture(scope="module")
def measured(tmp_path_factory, app, browser):
    """A session at 160 px, in a browser of its own; the fixture ``browser`` skips where there is none."""
    out = tmp_path_factory.mktemp("bench") / "edge.json"
    assert browser
    sessions = BrowserSessions(find_browser("chromium"), app)
    Measurement(
        Target(spec=SPEC, device="browser"),
        [160],
        material=Procedural(1),
        plan=PLAN,
        areas=False,
        attempt=sessions,
    ).run(out)
    return out


def test_a_measured_page_is_a_latency_result(measured, tmp_path):
    assert validate_latency(measured) == []
    result = read_latency(measured)
    (size,) = result.sizes
    assert (size.status, size.message) == ("ok", "")
    assert size.e2e.n == 2
    assert 0 < size.model.p50_s < size.e2e.p50_s
    (session,) = size.sessions
    assert min(session.process_s, session.load_s, session.first_call_s) > 0
    assert session.peak_bytes > 2**27
    assert 0 < session.timer_s < 0.01
    assert not session.output_moved
    assert result.threads["isolated"] == 1
    assert "Chrome" in result.environment.libraries["browser"]
    assert (result.method.name, result.method.device) == ("rethined-coherence-off-browser", "browser")
    assert "WebAssembly" in result.method.settings["backend"]
    page = build_site([measured], tmp_path / "site").page
    assert "rethined-coherence-off-browser" in page.read_text()
    assert (tmp_path / "site/pages/edge/index.html").is_file()
    assert "pages/edge/index.html" in page.read_text()


def test_an_edited_measurement_is_refused(measured, tmp_path):
    content = json.loads(measured.read_text())
    content["sizes"][0]["e2e"]["p50_s"] /= 2
    (tmp_path / "edited.json").write_text(json.dumps(content))
    shutil.copyfile(samples_path(measured), tmp_path / "edited.parquet")
    assert any("e2e says" in fault for fault in validate_latency(tmp_path / "edited.json"))


@pytest.fixture(scope="module")
def sessions(app):
    return BrowserSessions("no browser", app)


@pytest.mark.parametrize(
    ("change", "finding"),
    [
        (lambda _filled, _mask: None, ""),
        (
            lambda filled, mask: filled.__setitem__(tuple(np.argwhere(~mask)[0]), 7),
            "0.00 % of its hole agree",
        ),
        (lambda filled, mask: filled.__setitem__(mask, filled[mask] ^ 2), "agree with Python; 99.9 %"),
        (None, "the page sent no filled picture of its size"),
    ],
    ids=["equal", "known pixel", "hole", "nothing"],
)
def test_a_page_that_fills_otherwise_has_no_row(sessions, change, finding):
    pictures = Procedural(1).pictures(96)
    with staged(pictures) as inputs:
        job = Job(PLAN, inputs, 1, lambda _name: None)
        if change is not None:
            image, mask = pictures[0].task.method_input()
            filled = sessions._reference(image, mask).first.copy()
            change(filled, mask)
            opaque = np.full((*mask.shape, 1), 255, np.uint8)
            job.receive("filled/0", np.concatenate((filled, opaque), axis=2).tobytes())
        fault = sessions._fault(job)
    assert finding in fault
    assert bool(fault) is bool(finding)
