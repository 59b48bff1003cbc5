"""The committed results agree with their own per-image files, and the README with them."""

import re
from pathlib import Path

import pytest

from leaderboard.audit.validate import validate
from leaderboard.results.schema import read_result

ROOT = Path(__file__).resolve().parent.parent
RESULTS = sorted((ROOT / "results").glob("*.json"))


@pytest.mark.parametrize("path", RESULTS, ids=lambda path: path.stem)
def test_a_committed_result_is_accepted(path):
    assert validate(path) == []


def test_the_readme_shows_the_results_of_2048():
    rows = re.findall(
        r"^\| `(\w+)` \| ([\d.*]+) \| ([\d.*]+) \|", (ROOT / "README.md").read_text(), re.MULTILINE
    )
    shown = {name: [float(value.strip("*")) for value in values] for name, *values in rows}
    measured = {}
    for path in RESULTS:
        result = read_result(path)
        found = next(part.metrics for part in result.sizes if part.size == 2048)
        measured[result.method.name] = [
            round(found["l1.hole"].mean * 100, 3),
            round(found["psnr.hole"].mean, 2),
        ]
    assert shown == measured
