"""Shards and their merging: as if the evaluation had never been divided, or refused with the reason."""

import shutil

import numpy as np
import pytest
from click.testing import CliRunner

import leaderboard
from df8k.cli import cli
from leaderboard.audit.merge import merge
from leaderboard.audit.validate import validate
from leaderboard.calls.timing import Budget
from leaderboard.results.distribution_states import features_path
from leaderboard.results.per_image import per_image_path, read_per_image
from leaderboard.site.board import rank
from leaderboard.site.tables import quality as tables

TIMES = {"seconds", "model_seconds", "peak_memory_bytes"}
PLAN = {"sizes": [48, 120], "metrics": ["l1", "psnr", "swd"], "budget": Budget(warmup_runs=0, runs=1)}


def grey(image, _mask):
    return np.full_like(image, 120)


def run(dataset, fake, out, function=grey, **changes):
    plan = leaderboard.Evaluation(**PLAN | changes)
    leaderboard.evaluate(fake(function, "grey"), dataset, evaluation=plan, out=out)
    return out


@pytest.fixture(scope="module")
def whole(dataset, fake, tmp_path_factory):
    return run(dataset, fake, tmp_path_factory.mktemp("whole") / "whole.json")


@pytest.fixture(scope="module")
def shards(dataset, fake, tmp_path_factory):
    folder = tmp_path_factory.mktemp("shards")
    return [run(dataset, fake, folder / f"{index}.json", shard=(index, 4)) for index in (1, 2, 3, 4)]


def without_times(row):
    return {name: value for name, value in row.items() if name not in TIMES}


def test_the_merged_result_is_that_of_an_undivided_run(whole, shards, tmp_path):
    out = tmp_path / "merged.json"
    merged = merge([shards[index] for index in (2, 0, 3, 1)], out)
    straight = leaderboard.read_result(whole)
    for ours, theirs in zip(merged.sizes, straight.sizes, strict=True):
        assert (ours.metrics, ours.distributions) == (theirs.metrics, theirs.distributions)
        assert (ours.n, ours.left_out, ours.failures) == (theirs.n, theirs.left_out, theirs.failures)
        assert ours.known_drift == theirs.known_drift
        assert ours.latency.images == theirs.latency.images
    assert (merged.method, merged.dataset, merged.protocol) == (
        straight.method,
        straight.dataset,
        straight.protocol,
    )
    rows = [
        [without_times(row.record()) for row in read_per_image(per_image_path(path))] for path in (out, whole)
    ]
    assert rows[0] == rows[1]
    for file in features_path(whole).glob("*.safetensors"):
        assert (features_path(out) / file.name).read_bytes() == file.read_bytes()
    assert validate(out) == validate(whole) == []
    assert leaderboard.read_result(out) == merged
    assert [part.ids for part in merged.parts] == [
        leaderboard.read_result(path).dataset.ids for path in shards
    ]


def test_a_shard_alone_stays_off_the_board(shards):
    assert validate(shards[1]) == ["it is shard 2/4, 2 of 6 images: merge the shards with df8k merge"]


def test_times_of_several_machines_are_not_pooled(shards, edited, tmp_path):
    other = edited(shards[2], tmp_path, {"environment": {"cpu": "a faster one", "threads": 64}})
    parts = [shards[0], shards[1], other, shards[3]]
    merged = merge(parts, tmp_path / "merged.json")
    assert {(part.latency, part.peak_memory_bytes) for part in merged.sizes} == {(None, None)}
    assert [part.environment.cpu == "a faster one" for part in merged.parts] == [False, False, True, False]
    assert [part.latency["48"].images for part in merged.parts] == [2, 2, 1, 1]
    assert validate(tmp_path / "merged.json") == []
    assert any("several machines" in line for line in tables.quality_remarks(rank([merged]).entries[:1]))
    assert merged.sizes[0].metrics == merge(shards, tmp_path / "same.json").sizes[0].metrics


def test_what_does_not_belong_together_is_refused(whole, shards, dataset, fake, tmp_path):
    def refused(parts, reason):
        with pytest.raises(leaderboard.LeaderboardError, match=reason):
            merge(parts, tmp_path / "merged.json")
        assert not any(tmp_path.glob("merged*"))

    ids = leaderboard.read_result(shards[1]).dataset.ids
    refused(
        [shards[0], shards[2], shards[3]], f"2 of 6 images are missing: {ids[0]}, {ids[1]}; .* given: 2/4"
    )
    refused([*shards, shards[1]], f"hold 2 of the same images, such as {ids[0]}")
    refused([shards[0], whole], "whole.json is no shard")
    refused([], "no parts")
    halves = run(dataset, fake, tmp_path / "half.json", shard=(2, 2))
    refused([shards[0], shards[1], halves], "of the same images")
    few = run(dataset, fake, tmp_path / "few.json", shard=(2, 4), limit=4)
    refused([shards[0], few], "not of one evaluation: dataset.images is 6 entries, and 4 entries")
    other = run(dataset, fake, tmp_path / "metric.json", shard=(2, 4), metrics=["l1"])
    refused([shards[0], other], r"not of one evaluation: protocol\.metrics\.psnr")


def test_a_damaged_shard_is_refused(shards, tmp_path):
    for suffix in (".json", ".parquet"):
        shutil.copyfile(shards[0].with_suffix(suffix), tmp_path / f"0{suffix}")
    shutil.copytree(features_path(shards[0]), tmp_path / "0.features")
    (tmp_path / "0.features" / "48.safetensors").write_bytes(b"")
    with pytest.raises(leaderboard.LeaderboardError, match=r"0\.json.*features|cannot be read"):
        merge([tmp_path / "0.json", *shards[1:]], tmp_path / "merged.json")


def test_failures_and_empty_shards_are_taken_over(dataset, fake, tmp_path):
    def broken(_image, _mask):
        raise RuntimeError("never")

    parts = [
        run(dataset, fake, tmp_path / f"{index}.json", broken if index == 2 else grey, shard=(index, 2))
        for index in (1, 2)
    ]
    merged = merge(parts, tmp_path / "merged.json")
    assert merged.sizes[0].failures == {"error": 3}
    assert merged.sizes[0].n == 3
    assert validate(tmp_path / "merged.json") == []


def test_a_shard_without_images_is_refused(dataset, fake, tmp_path):
    with pytest.raises(leaderboard.LeaderboardError, match="shard 9/9 has no images: there are 6"):
        run(dataset, fake, tmp_path / "x.json", shard=(9, 9))
    with pytest.raises(leaderboard.LeaderboardError, match="shard 3/2: of n shards"):
        leaderboard.Evaluation(shard=(3, 2))
    with pytest.raises(leaderboard.LeaderboardError, match="1 of the images are not in the split"):
        run(dataset, fake, tmp_path / "x.json", ids=["0123"])


def test_pictures_are_scored_in_shards_too(results, dataset, tmp_path):
    folder = results[1].parent / "telea"
    for index in (1, 2):
        plan = leaderboard.Evaluation(sizes=[64], shard=(index, 2))
        scored = leaderboard.score(
            folder, dataset, name="telea", evaluation=plan, out=tmp_path / f"{index}.json"
        )
        assert all("100/" in orphan for orphan in scored.orphans)
    merged = merge([tmp_path / "1.json", tmp_path / "2.json"], tmp_path / "merged.json")
    assert merged.sizes[0].metrics == leaderboard.read_result(results[1]).sizes[0].metrics
    assert merged.sizes[0].latency is None


def test_the_command_merges_and_names_what_is_missing(shards, tmp_path):
    files = [str(path) for path in shards]
    out = str(tmp_path / "merged.json")
    good = CliRunner().invoke(cli, ["merge", *files, "--out", out])
    assert good.exit_code == 0, good.output
    assert "grey" in good.output
    assert CliRunner().invoke(cli, ["merge", *files, "--out", out]).exit_code == 2
    bad = CliRunner().invoke(cli, ["merge", *files[1:], "--out", out, "--overwrite"])
    assert bad.exit_code == 2
    assert "2 of 6 images are missing" in bad.output
    assert "shards not given: 1/4" in bad.output
    for wrong in ("0/2", "3/2", "x", "1"):
        answer = CliRunner().invoke(
            cli, ["evaluate", "--method", "mean", "--data", ".", "--out", out, "--shard", wrong]
        )
        assert answer.exit_code == 2
        assert "is no shard" in answer.output
