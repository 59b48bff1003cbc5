"""What a row is stands beside its name, in every written form of the board."""

import csv
import io
import json

import pytest

import leaderboard
from leaderboard.audit.validate import validate
from leaderboard.results.schema import Method, read_result
from leaderboard.site.kinds import row_kind

STAGES = ("harmonic start", "coherence")


def method(**changes):
    card = {
        "name": "m",
        "version": "1",
        "summary": "",
        "source": "",
        "licence": "",
        "parameters": 0,
        "weights_sha256": None,
        "untrained": False,
        "settings": {},
        "spec": "m",
        "device": "cpu",
    }
    return Method(**card | changes)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "not stated"),
        ({"learning": "none"}, "no learning"),
        ({"learning": "no effect"}, "no learning in effect"),
        ({"learning": "ours"}, "our weights"),
        ({"learning": "official"}, "official weights"),
        ({"learning": "none", "control": True}, "control, no learning"),
        ({"untrained": True, "control": True}, "control, untrained network"),
        (
            {"learning": "ours", "added_stages": STAGES},
            "our weights; re-implementation with added stages: harmonic start, coherence",
        ),
    ],
)
def test_a_row_says_what_it_is(changes, words):
    assert row_kind(method(**changes)) == words


def test_every_form_of_the_board_shows_it(dataset, fake, tmp_path):
    made = {
        "copy": fake(lambda i, _m: i, "copy", learning="ours", added_stages=STAGES),
        "fresh": fake(lambda i, _m: i, "fresh", untrained=True, control=True),
    }
    for name, inpaint in made.items():
        leaderboard.evaluate(inpaint, dataset, sizes=[64], out=tmp_path / f"{name}.json")
    # Only as a control may a network without weights stand on a board.
    assert validate(tmp_path / "fresh.json") == []
    site = leaderboard.build_site([tmp_path / f"{name}.json" for name in made], tmp_path / "site")
    words = [row_kind(read_result(tmp_path / f"{name}.json").method) for name in made]
    for name in ("leaderboard.md", "leaderboard.tex", "leaderboard.csv", "index.html"):
        text = (site.page.parent / name).read_text()
        assert all(kind in text for kind in words), name
    table = (site.page.parent / "pages/tables/size-64.csv").read_text()
    assert {row["method"]: row["what it is"] for row in csv.DictReader(io.StringIO(table))} == {
        "copy": words[0],
        "fresh": words[1],
    }
    records = json.loads((site.page.parent / "leaderboard.json").read_text())
    assert {record["method"]: record["control"] for record in records} == {"copy": False, "fresh": True}
