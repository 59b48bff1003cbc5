"""Scoring a folder: paired by ID, every fault counted."""

import shutil

import numpy as np
import pytest
from PIL import Image

import leaderboard
from leaderboard.protocol.task import square_task
from leaderboard.results.per_image import read_per_image

PLAN = leaderboard.Evaluation(sizes=[64])


@pytest.fixture
def filled(results, tmp_path):
    return shutil.copytree(results[1].parent / "telea", tmp_path / "telea")


def score(folder, dataset, **options):
    return leaderboard.score(folder, dataset, name="x", **({"evaluation": PLAN} | options))


def test_saved_predictions_score_as_the_method_did(filled, dataset, results):
    plan = leaderboard.Evaluation(sizes=[64, 100])
    scored = score(filled, dataset, evaluation=plan)
    measured = leaderboard.read_result(results[1])
    for ours, theirs in zip(scored.result.sizes, measured.sizes, strict=True):
        assert ours.metrics == theirs.metrics
        assert (ours.left_out, ours.latency, ours.peak_memory_bytes) == (theirs.left_out, None, None)
    assert (scored.orphans, scored.warnings) == ([], [])


def test_a_flat_folder_is_enough_for_one_size(filled, dataset):
    assert score(filled / "64", dataset).result.sizes[0].n == len(dataset)
    with pytest.raises(leaderboard.LeaderboardError, match="has no folder 64"):
        score(filled / "64", dataset, evaluation=leaderboard.Evaluation(sizes=[64, 100]))


def test_native_pictures_are_scored_whole(dataset, tmp_path):
    for sample in dataset:
        picture = np.where(sample.mask[..., None], 0, sample.image).astype(np.uint8)
        Image.fromarray(picture).save(tmp_path / f"{sample.id}.png")
    part = score(tmp_path, dataset, evaluation=leaderboard.Evaluation(sizes=["native"])).result.sizes[0]
    expected = [sample.image[sample.mask].astype(float).mean() / 255 for sample in dataset]
    assert part.metrics["l1.hole"].mean == pytest.approx(np.mean(expected), rel=1e-12)


def test_every_fault_is_counted_and_named(filled, dataset, tmp_path):
    folder = filled / "64"
    ids = [sample.id for sample in dataset]
    (folder / f"{ids[0]}.png").unlink()
    Image.fromarray(np.zeros((60, 64, 3), np.uint8)).save(folder / f"{ids[1]}.png")
    (folder / f"{ids[2]}.png").write_bytes(b"not a picture")
    Image.open(folder / f"{ids[3]}.png").save(folder / f"{ids[3]}.jpg")
    (folder / f"{ids[3]}.png").unlink()
    shutil.copy(folder / f"{ids[4]}.png", folder / "holiday.png")
    out = tmp_path / "x.json"
    scored = score(filled, dataset, out=out)
    assert scored.result.sizes[0].failures == {"missing": 1, "unreadable": 1, "wrong-output": 1}
    assert scored.result.sizes[0].n == 3
    assert scored.orphans == ["64/holiday.png"]
    assert "1 pictures are of a lossy format" in scored.warnings[0]
    rows = {row.id: row.record() for row in read_per_image(tmp_path / "x.parquet")}
    assert rows[ids[1]]["error"] == "got uint8 (60, 64, 3), expected uint8 (64, 64, 3)"
    assert rows[ids[0]]["error"] == f"no 64/{ids[0]}.png"


def test_two_files_for_one_image_are_refused(filled, dataset):
    name = f"{dataset[0].id}.png"
    shutil.copy(filled / "64" / name, (filled / "64" / name).with_suffix(".tiff"))
    with pytest.raises(leaderboard.LeaderboardError, match="are both for"):
        score(filled, dataset)


@pytest.mark.parametrize("given", ["zeroed", "whole"])
def test_exchanged_polarity_is_noticed(dataset, tmp_path, given):
    """A method that took 255 for known fills the known region and keeps the hole as it got it."""
    for sample in dataset:
        task = square_task(sample, 64)
        image = task.method_input()[0] if given == "zeroed" else task.target.copy()
        image[~task.mask] = 128
        Image.fromarray(image).save(tmp_path / f"{sample.id}.png")
    assert "other polarity" in score(tmp_path, dataset).warnings[0]


def test_an_honest_fill_raises_no_alarm(filled, dataset):
    assert score(filled, dataset).warnings == []
    with pytest.raises(leaderboard.LeaderboardError, match="not a folder of predictions"):
        score(filled / "nowhere", dataset)
