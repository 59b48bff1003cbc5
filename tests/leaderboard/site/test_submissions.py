"""Entries of a board are checked before they lie there, and named safely."""

import json
import re

import jsonschema
import pytest
import yaml
from click.testing import CliRunner

import leaderboard
from df8k.cli.leaderboard import leaderboard as group
from leaderboard.audit.validate import validate
from leaderboard.site import submissions


def test_an_entry_is_the_accepted_result_with_its_companions(results, tmp_path):
    board = tmp_path / "results"
    target = submissions.add(results[1], board)
    assert target == board / "telea.json"
    assert target.read_bytes() == results[1].read_bytes()
    assert validate(target) == []
    with pytest.raises(leaderboard.LeaderboardError, match="stands on the board already"):
        submissions.add(results[1], board)
    assert submissions.add(results[1], board, replace=True) == target
    submissions.add(results[0], board)
    assert len(leaderboard.build_site(sorted(board.glob("*.json")), tmp_path / "site").entries) == 4


def test_a_refused_result_leaves_the_board_as_it_was(results, dataset, fake, tmp_path):
    board = tmp_path / "results"
    submissions.add(results[0], board)
    before = sorted(board.iterdir())
    few = tmp_path / "few.json"
    plan = leaderboard.Evaluation(sizes=[64], limit=2)
    leaderboard.evaluate(fake(lambda i, _m: i, "few"), dataset, evaluation=plan, out=few)
    with pytest.raises(leaderboard.LeaderboardError, match="measure it on the board's images"):
        submissions.add(few, board)
    edited = tmp_path / "edited.json"
    content = json.loads(results[1].read_text())
    content["sizes"][0]["metrics"]["psnr.full"]["mean"] += 1
    edited.write_text(json.dumps(content))
    edited.with_suffix(".parquet").write_bytes(results[1].with_suffix(".parquet").read_bytes())
    with pytest.raises(leaderboard.LeaderboardError, match="its per-image values give"):
        submissions.add(edited, board)
    assert sorted(board.iterdir()) == before


def test_a_method_called_like_a_path_stays_in_the_folder(dataset, fake, tmp_path):
    path = tmp_path / "x.json"
    leaderboard.evaluate(fake(lambda i, _m: i, "../../etc/passwd"), dataset, sizes=[64], out=path)
    target = submissions.add(path, tmp_path / "board")
    assert target.parent == tmp_path / "board"
    assert re.fullmatch(r"etc-passwd-[0-9a-f]{10}\.json", target.name)


def test_the_schema_accepts_results_and_refuses_others(results):
    schema = json.loads(CliRunner().invoke(group, ["schema"]).output)
    content = json.loads(results[0].read_text())
    jsonschema.validate(content, schema)
    content["surprise"] = 1
    with pytest.raises(jsonschema.ValidationError, match="surprise"):
        jsonschema.validate(content, schema)


def test_the_workflow_runs_commands_that_exist_with_the_least_rights(tmp_path):
    text = CliRunner().invoke(group, ["workflow"]).output
    flow = yaml.safe_load(text)
    assert flow["permissions"] == {"contents": "read"}
    assert "pull_request_target" not in text
    commands = re.findall(r"df8k leaderboard (\w+)", text)
    assert {"validate", "diff", "build"} == set(commands) <= set(group.commands)
    # A stranger's words never become a part of a script.
    scripts = [step["run"] for job in flow["jobs"].values() for step in job["steps"] if "run" in step]
    assert not any("${{" in script for script in scripts)


def test_the_command_adds_and_names_the_file(results, tmp_path):
    done = CliRunner().invoke(group, ["add", str(results[2]), "--board", str(tmp_path / "b")])
    assert done.exit_code == 0
    assert done.output == f"added: {tmp_path / 'b' / 'ns.json'}\n"
