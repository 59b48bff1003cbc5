"""Latency on the board: tables and pages of its own, alone or beside quality, never among it."""

import csv
import io
import json
import re

import pytest
from click.testing import CliRunner

import leaderboard
from df8k.cli import cli
from leaderboard.latency.results import read_latency, read_samples, samples_path
from leaderboard.site.plots import latency as plots
from leaderboard.site.style import method_styles
from leaderboard.site.tables import grid
from leaderboard.site.tables import latency as tables


@pytest.fixture(scope="module")
def result(measured):
    return read_latency(measured)


def styles(result):
    return method_styles([result.method.name])


def failing(result, status="out-of-memory"):
    """The same result with its last size lost."""
    gone = {"status": status, "message": "took 9 GiB", "e2e": None, "call": None, "sessions": [], "flags": []}
    lost = result.sizes[-1].model_copy(update=gone | {"repeatability": None})
    return result.model_copy(update={"sizes": [*result.sizes[:-1], lost]})


def test_latency_alone_makes_a_site(measured, tmp_path, result):
    site = leaderboard.build_site([measured], tmp_path)
    assert (site.entries, [found.method.name for found in site.latency]) == ([], ["mean"])
    page = site.page.read_text()
    assert "128x64" in page
    for path in tmp_path.rglob("*.html"):
        for link in re.findall(r'(?:src|href)="([^"]*)"', path.read_text()):
            assert (path.parent / link).is_file(), link
    raw = tmp_path / "pages" / "results" / "latency-mean.json"
    assert read_latency(raw) == result
    assert read_samples(samples_path(raw)) == read_samples(samples_path(measured))
    again = leaderboard.build_site([measured], tmp_path / "again")
    first = {path.name: path.read_bytes() for path in site.page.parent.glob("latency.*")}
    assert first == {path.name: path.read_bytes() for path in again.page.parent.glob("latency.*")}
    assert set(first) == {
        f"latency.{suffix}" for suffix in ("html", "md", "tex", "csv", "json", "svg", "png")
    }


def test_beside_quality_neither_changes_the_other(measured, results, site, tmp_path):
    both = leaderboard.build_site([results[0], measured, *results[1:]], tmp_path)
    for name in ("leaderboard.csv", "leaderboard.md", "leaderboard.svg"):
        assert (tmp_path / name).read_bytes() == (site.page.parent / name).read_bytes()
    assert len(both.entries) == 6
    assert 'href="latency.html"' in both.page.read_text()
    assert 'href="latency.html"' not in site.page.read_text()
    found = (tmp_path / "latency.md").read_text()
    assert found.count("| yes |") == 2  # the very artefact is scored on this board
    assert "l1" not in found


def test_two_results_of_a_method_are_refused(measured, tmp_path):
    copy = tmp_path / "copy.json"
    copy.write_bytes(measured.read_bytes())
    samples_path(copy).write_bytes(samples_path(measured).read_bytes())
    with pytest.raises(leaderboard.LeaderboardError, match="both measure the latency of mean"):
        leaderboard.build_site([measured, copy], tmp_path / "site")


def test_failures_are_rows_in_every_form(result):
    lost = failing(result)
    for text in (grid.markdown(tables.ladder_grid([lost])), grid.latex(tables.ladder_grid([lost]))):
        assert "out-of-memory" in text.replace("\\", "")
    record = list(csv.DictReader(io.StringIO(tables.latency_csv([lost]))))[-1]
    assert (record["status"], record["e2e.p50_s"], record["message"]) == ("out-of-memory", "", "took 9 GiB")
    assert json.loads(tables.latency_json([lost]))[-1]["e2e.p50_s"] is None
    assert tables.latency_remarks([lost])[0] == "mean at size 96: out-of-memory: took 9 GiB"
    drawn = plots.ladder([lost], styles(lost)).to_dict()
    data = [layer["data"]["values"] for layer in drawn["layer"] if "data" in layer]
    marked = [rows for rows in data if rows and "status" in rows[0]]
    assert [[row["status"] for row in rows] for rows in marked] == [["out-of-memory"]] * 2  # cross and word


def test_an_exponent_stands_with_its_interval_in_table_and_plot(result):
    fit = result.by_pixels.model_copy(update={"slope": 1.234, "low": 1.1, "high": 1.3})
    known = result.model_copy(update={"by_pixels": fit})
    assert "1.23 [1.10, 1.30]" in [cell.text for cell in tables.scaling_grid([known]).rows[0]]
    assert "mean: 1.23 [1.10, 1.30]" in json.dumps(plots.ladder([known], styles(known)).to_dict())
    area = plots.latency_against_hole_area(
        [known], styles(known), lambda _result: read_samples_of(known)
    ).to_dict()
    assert "missing megapixels" in json.dumps(area)


def read_samples_of(result):
    return [
        {"series": "area", "input": number, "hole_pixels": pixels, "e2e_s": 0.001}
        for number, pixels in enumerate(result.area.hole_pixels)
    ]


def test_every_flag_has_a_meaning(result):
    part = result.sizes[0].model_copy(update={"flags": list(tables.FLAG_MEANINGS)})
    flagged = result.model_copy(update={"sizes": [part]})
    assert len(tables.latency_remarks([flagged])) == len(tables.FLAG_MEANINGS) == 8


def run(*arguments):
    return CliRunner().invoke(cli, [str(word) for word in arguments])


def test_the_commands_measure_validate_and_build(tmp_path, monkeypatch):
    monkeypatch.setattr("leaderboard.latency.plan.TIERS", TINY)
    monkeypatch.setattr("leaderboard.latency.run.TIERS", TINY)
    out = tmp_path / "mean.json"
    words = ["latency", "--method", "mean", "--sizes", "32,48x32", "--images", 1, "--no-areas", "--out", out]
    found = run(*words, "--tier", "rapid", "--sessions", 1)
    assert found.exit_code == 0, found.output
    assert "48x32" in found.output
    assert "rapid" in found.output
    assert run("leaderboard", "validate", out).output.strip() == f"{out}: accepted"
    built = run("leaderboard", "build", out, "--out", tmp_path / "site")
    assert built.exit_code == 0, built.output
    assert "page: " in built.output
    assert run(*words).exit_code == 2  # taken
    assert run("latency", "--method", "nonesuch", "--sizes", 32, "--out", tmp_path / "x.json").exit_code == 2


def test_the_doctor_says_what_would_spoil_a_timing():
    found = json.loads(run("doctor", "--json").output)
    assert isinstance(found["timing"]["spoilers"], list)
    assert found["timing"]["state"]["allowed_cpus"] >= 1


def _tiny():
    from dataclasses import replace

    from leaderboard.latency.plan import TIERS

    return {name: replace(plan, runs=2, seconds=0.0, warmup_rounds=1) for name, plan in TIERS.items()}


TINY = _tiny()


def test_a_summary_of_latencies_is_their_tables(measured, result):
    printed = CliRunner().invoke(cli, ["leaderboard", "summary", str(measured)])
    assert printed.exit_code == 0, printed.output
    for table in (tables.ladder_grid([result]), tables.scaling_grid([result])):
        assert grid.markdown(table) in printed.output
    lost = failing(result)
    told = tables.latency_markdown([lost])
    assert f"- mean at size {lost.sizes[-1].size}: out-of-memory: took 9 GiB" in told
