"""``kill -9`` at random moments changes nothing but times, and nothing is scored twice."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from leaderboard.audit.validate import validate
from leaderboard.results.distribution_states import features_path
from leaderboard.results.per_image import ImageRow, per_image_path, read_per_image
from leaderboard.results.schema import read_result

ROOT = Path(__file__).resolve().parents[3]
KILLS = 10
TIMES = {"seconds", "model_seconds", "peak_memory_bytes"}


@pytest.fixture(scope="module")
def outcome(dataset, tmp_path_factory):
    """What the commands did, and the folder of their results."""
    folder = tmp_path_factory.mktemp("killed")
    script = Path(__file__).with_name("interrupting.py")
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, str(script), str(dataset.root), str(folder), str(KILLS), "5"]
    done = subprocess.run(
        command, env=environment, cwd=folder, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout), folder


def rows(path):
    return [
        {name: value for name, value in row.items() if name not in TIMES}
        for row in map(ImageRow.record, read_per_image(per_image_path(path)))
    ]


def scores(path):
    return [
        (part.size, part.n, part.left_out, part.failures, part.metrics, part.distributions)
        for part in read_result(path).sizes
    ]


def test_the_result_is_that_of_an_undisturbed_run(outcome):
    found, folder = outcome
    assert found["straight"] == [0, 0]
    assert found["killed"]["code"] == 0
    # Every one of the ten processes was killed before it ended.
    assert [type(moment) for moment in found["killed"]["moments"]] == [int] * KILLS
    assert found["killed"]["moments"] == sorted(found["killed"]["moments"])
    assert rows(folder / "killed.json") == rows(folder / "straight.json")
    assert scores(folder / "killed.json") == scores(folder / "straight.json")
    assert validate(folder / "killed.json") == []


def test_what_was_scored_is_not_scored_again(outcome):
    found, folder = outcome
    for name, kills in (("killed", KILLS), ("first", 3)):
        result = read_result(folder / f"{name}.json")
        images = len(result.dataset.ids) * len(result.sizes)
        logged = found[name]["logged"]
        assert found[name]["again"] == []
        assert len(set(logged)) == images
        # Only what a kill caught before it was stored was scored a second time.
        assert images <= len(logged) <= images + kills


def test_a_killed_shard_merges_to_the_same(outcome):
    found, folder = outcome
    assert found["first"]["code"] == found["merge"] == 0
    assert rows(folder / "merged.json") == rows(folder / "straight.json")
    assert scores(folder / "merged.json") == scores(folder / "straight.json")
    for size in (48, 64, 80):
        states = [features_path(folder / name) / f"{size}.safetensors" for name in ("merged", "straight")]
        assert states[0].read_bytes() == states[1].read_bytes()


def test_nothing_is_left_behind(outcome):
    _, folder = outcome
    left = {path.suffix for path in folder.iterdir()} - {".json", ".parquet", ".features", ".log"}
    assert left == set()
    assert all(path.suffix == ".safetensors" for path in features_path(folder / "killed.json").iterdir())
