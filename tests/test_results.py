"""The committed results agree with their own per-image files and say how they were timed."""

from pathlib import Path

import pytest

from leaderboard.audit.validate import validate
from leaderboard.results.schema import read_result
from leaderboard.site.timing import timing_of

ROOT = Path(__file__).resolve().parent.parent
RESULTS = sorted((ROOT / "results").glob("*.json"))


@pytest.mark.parametrize("path", RESULTS, ids=lambda path: path.stem)
def test_a_committed_result_is_accepted(path):
    assert validate(path) == []


@pytest.mark.parametrize("path", RESULTS, ids=lambda path: path.stem)
def test_a_published_time_rests_on_five_runs_or_says_that_it_does_not(path):
    result = read_result(path)
    for part in result.sizes:
        timing = timing_of(result.method, part, [])
        if timing is not None:
            enough = part.latency.runs >= 5 * part.latency.images
            assert ("few runs" in timing.flags) is not enough
