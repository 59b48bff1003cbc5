"""``df8k edge bench``: the page's latency by command."""

import shutil

import pytest
from click.testing import CliRunner

from df8k.cli import cli
from leaderboard.latency.results import read_latency

pytestmark = pytest.mark.skipif(not shutil.which("chromium"), reason="no chromium on this machine")


def test_it_writes_what_its_options_ask_for(tmp_path):
    out = tmp_path / "edge.json"
    plan = ["--tier", "rapid", "--sessions", "1", "--limit-s", "0.1", "--takes", "2"]
    result = CliRunner().invoke(
        cli, ["edge", "bench", "--sizes", "96", "--images", "1", *plan, "--out", str(out)]
    )
    assert result.exit_code == 0, result.output
    told = read_latency(out)
    assert (told.protocol.tier, told.protocol.takes) == ("rapid", 2)
    (size,) = told.sizes
    assert (size.status, len(size.sessions)) == ("ok", 1)
    assert f"{1000 * size.e2e.p50_s:.3g}" in result.output
