"""A change of results reads as what changed, and nothing else."""

import json

import pytest
from click.testing import CliRunner

from df8k.cli.leaderboard import leaderboard as group
from leaderboard.audit.changes import Change, change_line, list_changes
from leaderboard.results.schema import read_result


@pytest.fixture
def both(results):
    read = [read_result(path) for path in results]
    return read, list(reversed(read))


def edited(result, factor):
    part = result.sizes[0]
    estimate = part.metrics["l1.hole"]
    metrics = {**part.metrics, "l1.hole": estimate.model_copy(update={"mean": estimate.mean * factor})}
    changed = part.model_copy(update={"metrics": metrics, "failures": {"error": 2}})
    return result.model_copy(update={"sizes": [changed, *result.sizes[1:]]})


def test_the_same_results_in_another_order_differ_in_nothing(both):
    assert list_changes(*both) == []


def test_a_changed_score_is_one_line_with_both_values(both):
    old, _ = both
    new = [edited(old[0], 1.25), *old[1:]]
    changes = list_changes(old, new)
    mean = old[0].sizes[0].metrics["l1.hole"].mean
    assert changes == [
        Change("changed", "mean", 64, "l1.hole", mean, mean * 1.25),
        Change("added", "mean", 64, "failed: error", None, 2),
    ]
    assert change_line(changes[0]) == f"mean at size 64: l1.hole {mean:.6g} → {mean * 1.25:.6g} (+25 %)"
    assert change_line(changes[1]) == "mean at size 64: failed: error absent → 2"
    assert list_changes(old, [edited(old[0], 1.25), *old[1:]], tolerance=0.3) == changes[1:]


def test_methods_sizes_and_provenance_that_come_and_go_are_named(both):
    old, _ = both
    shorter = old[1].model_copy(
        update={"sizes": old[1].sizes[:1], "method": old[1].method.model_copy(update={"version": "2"})}
    )
    lines = [change_line(change) for change in list_changes(old[:2], [shorter, old[2]])]
    assert lines == [
        "mean: removed",
        "ns: added",
        f"telea: version {old[1].method.version} → 2",
        "telea at size 100: removed",
    ]


def test_the_command_prints_the_lines_and_exits_1(results, tmp_path):
    content = json.loads(results[0].read_text())
    content["sizes"][0]["latency"]["median_s"] = 99.0
    path = tmp_path / "mean.json"
    path.write_text(json.dumps(content))
    done = CliRunner().invoke(group, ["diff", str(results[0]), str(path)])
    assert done.exit_code == 1
    assert "mean at size 64: latency median, s " in done.output
    assert "→ 99 (" in done.output
    found = json.loads(CliRunner().invoke(group, ["diff", str(results[0]), str(path), "--json"]).output)
    assert [(entry["field"], entry["new"]) for entry in found] == [("latency median, s", 99.0)]
    same = CliRunner().invoke(group, ["diff", str(results[0].parent), str(results[0].parent)])
    assert (same.exit_code, same.output) == (0, "no difference\n")
