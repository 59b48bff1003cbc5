"""Sizes that the machine spoilt are measured again: how often, what is told, and after an interruption."""

import json
from dataclasses import asdict

import numpy as np
import pytest
from pydantic import ValidationError

import leaderboard
from baselines import MethodCard
from leaderboard.latency.plan import Plan
from leaderboard.latency.process import Target
from leaderboard.latency.results import read_latency, read_samples, samples_path
from leaderboard.latency.run import Measurement
from leaderboard.latency.validate import validate_latency
from leaderboard.site.tables.latency import latency_json, latency_markdown, latency_remarks

PLAN = Plan(tier="rapid", runs=6, seconds=0.0, sessions=2, warmup_rounds=1)
FAKE = MethodCard(name="fake", version="1", summary="", source="tests", licence="none")
CARD = json.loads(json.dumps(asdict(FAKE)))  # as it comes from another process


def session(seconds, *, others=0.0, slower=1.0):
    """A session of twelve runs of ``seconds`` each, the last of them ``slower`` times as long."""
    runs = [
        {
            "input": turn % 3,
            "e2e_s": seconds * (slower if turn > 10 else 1),
            "call_s": seconds,
            "model_s": None,
        }
        for turn in range(12)
    ]
    return {
        "status": "ok",
        "message": "",
        "card": CARD,
        "runs": runs,
        **dict.fromkeys(("process_s", "load_s", "first_call_s", "wall_s"), 0.1),
        "warmup_s": [],
        "steady": True,
        "end": "runs",
        "output_moved": False,
        "others_cores": others,
        "stolen_cores": 0.0,
        "busy_cores": 0.0,
        "repeated_s": seconds,
        **dict.fromkeys(("peak_bytes", "call_bytes", "gpu_allocated_bytes", "gpu_reserved_bytes")),
    }


STEADY, SLOWER, DISTURBED = session(0.100), session(0.120), session(0.100, others=1.0)
THROTTLED = session(0.100, slower=1.5)
FAILED = {"status": "error", "message": "broken"}


class Sessions:
    """Gives the next of some sessions each time one is asked for."""

    def __init__(self, *rows):
        self.rows, self.given = rows, 0

    def __call__(self, *_args, **_options):
        self.given += 1
        return dict(self.rows[self.given - 1])


def measurement(sessions, takes=3, sizes=(32,)):
    return Measurement(Target(spec="mean"), sizes, plan=PLAN, takes=takes, areas=False, attempt=sessions)


@pytest.mark.parametrize(
    ("rows", "takes", "flags"),
    [
        ([STEADY, STEADY], 1, []),
        ([STEADY, SLOWER, SLOWER, SLOWER], 2, []),
        ([DISTURBED, STEADY, STEADY, THROTTLED, STEADY, STEADY], 3, []),
        ([STEADY, SLOWER, STEADY, STEADY], 2, []),
        ([*[STEADY, SLOWER] * 3], 3, ["unstable"]),
    ],
)
def test_a_spoilt_size_is_measured_again_and_the_last_take_told(tmp_path, rows, takes, flags):
    sessions, out = Sessions(*rows), tmp_path / "x.json"
    (part,) = measurement(sessions).run(out).sizes
    assert (part.takes, part.flags, part.attempts, sessions.given) == (takes, flags, 2, 2 * takes)
    told = [run["e2e_s"] for row in rows[-2:] for run in row["runs"]]
    assert [row["e2e_s"] for row in read_samples(samples_path(out))] == told
    assert part.e2e.p50_s == pytest.approx(np.median(told))
    assert validate_latency(out) == []
    assert read_latency(out).protocol.takes == 3


def test_what_the_method_or_the_plan_cause_is_not_measured_again(tmp_path):
    rows = [session(0.1) | {"steady": False, "end": "limit"} for _ in range(2)]
    sessions = Sessions(*rows)
    (part,) = measurement(sessions).run(tmp_path / "x.json").sizes
    assert (part.takes, part.flags, sessions.given) == (1, ["unsteady", "short"], 2)


def test_a_failure_ends_its_size(tmp_path):
    sessions = Sessions(DISTURBED, STEADY, FAILED, STEADY, STEADY)
    failed, good = measurement(sessions, sizes=(32, 48)).run(tmp_path / "x.json").sizes
    assert (failed.status, failed.takes, failed.e2e) == ("error", 2, None)
    assert (good.status, good.takes) == ("ok", 1)
    assert validate_latency(tmp_path / "x.json") == []


def test_takes_go_on_after_an_interruption(tmp_path):
    sessions, out = Sessions(STEADY, SLOWER, STEADY, STEADY), tmp_path / "x.json"

    def stop(_label, _turn, _of):
        raise KeyboardInterrupt

    for _ in range(4):
        with pytest.raises(KeyboardInterrupt):
            measurement(sessions).run(out, progress=stop)
    (part,) = measurement(sessions).run(out).sizes
    assert (part.takes, part.flags, sessions.given) == (2, [], 4)


def test_tables_name_the_take_and_what_it_means(tmp_path):
    result = measurement(Sessions(STEADY, SLOWER, STEADY, STEADY)).run(tmp_path / "x.json")
    assert "ok, take 2" in latency_markdown([result])
    assert any(line.startswith("take N") for line in latency_remarks([result]))
    assert '"takes": 2' in latency_json([result])
    once = measurement(Sessions(STEADY, STEADY)).run(tmp_path / "y.json")
    assert "take" not in latency_markdown([once])
    assert not any("take" in line for line in latency_remarks([once]))


def test_there_is_at_least_one_take(tmp_path):
    with pytest.raises(leaderboard.LeaderboardError, match="takes=0"):
        measurement(Sessions(), takes=0)
    measurement(Sessions(STEADY, STEADY)).run(tmp_path / "x.json")
    path = tmp_path / "x.json"
    path.write_text(path.read_text().replace('"takes": 1,\n      "inputs"', '"takes": 0,\n      "inputs"'))
    with pytest.raises((leaderboard.LeaderboardError, ValidationError), match="takes"):
        read_latency(path)
