"""Metrics of sets of pictures: resumable, stored with the result, checked against it."""

import json
from shutil import copytree, rmtree

import numpy as np
import pytest
from PIL import Image

import leaderboard
import metrics
from leaderboard.audit.compare import compare
from leaderboard.audit.validate import validate
from leaderboard.calls.timing import Budget
from leaderboard.results.content_hashes import write_sealed
from leaderboard.results.distribution_states import features_path
from leaderboard.results.per_image import per_image_path
from leaderboard.results.schema import Result, read_result
from leaderboard.site import board

PLAN = leaderboard.Evaluation(
    sizes=[64, 100],
    metrics=["l1", "swd", "fid-clean", "lpips-alex-0.1"],
    budget=Budget(warmup_runs=0, runs=1),
)


@pytest.fixture(autouse=True)
def no_weights(tmp_path, monkeypatch):
    """Nothing that an earlier user of this machine downloaded may be found."""
    monkeypatch.setenv("DF8K_WEIGHTS", str(tmp_path / "weights"))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))


def black(image, _mask):
    return image


@pytest.fixture
def stored(dataset, fake, tmp_path):
    path = tmp_path / "black.json"
    leaderboard.evaluate(fake(black, "black"), dataset, evaluation=PLAN, out=path)
    return path


def test_the_value_is_that_of_one_accumulator_over_all_pictures(stored, dataset, fake, tmp_path):
    leaderboard.evaluate(fake(black), dataset, evaluation=PLAN, predictions=tmp_path / "filled")
    joint = metrics.accumulate("swd")
    for sample in reversed(dataset):
        task = leaderboard.protocol.task.square_task(sample, 64)
        joint.update(task.composite(task.method_input()[0]), task.target, task.mask, key=sample.id)
    found = read_result(stored).sizes[0].distributions["swd"]
    assert found.value == pytest.approx(joint.compute()["swd"].value, rel=1e-12)
    assert found.n == joint.compute()["swd"].n


def test_absent_weights_are_named_with_their_remedy_and_the_rest_runs(stored):
    result = read_result(stored)
    assert result.unavailable.keys() == {"fid-clean", "lpips-alex-0.1"}
    assert "df8k weights fetch" in result.unavailable["lpips-alex-0.1"]
    assert result.sizes[0].distributions["fid-clean"].value is None
    assert "lpips-alex.full" not in result.sizes[0].metrics
    assert result.sizes[0].metrics["l1.full"].n == 6


def test_states_are_stored_beside_the_result_and_prove_it(stored):
    assert sorted(path.name for path in features_path(stored).iterdir()) == [
        "100.safetensors",
        "64.safetensors",
    ]
    assert validate(stored) == []
    content = json.loads(stored.read_text())
    content["sizes"][0]["distributions"]["swd"]["value"] *= 0.5
    stored.write_text(json.dumps(content))
    assert ["size 64: distributions" in fault for fault in validate(stored)] == [False, True]
    (features_path(stored) / "64.safetensors").unlink()
    with pytest.raises(leaderboard.LeaderboardError, match="its values cannot be checked"):
        validate(stored)


def test_without_its_features_a_result_is_taken_with_a_word(stored, tmp_path):
    rmtree(features_path(stored))
    assert validate(stored) == []
    site = leaderboard.build_site([stored], tmp_path / "site")
    assert "swd cannot be recomputed, black.features is not beside it" in site.page.read_text()


def test_swd_is_never_shown_without_gradient_energy(stored):
    result = read_result(stored)
    keys = {column.key for column in board.rank([result]).columns}
    assert {"swd", "energy.ratio", "energy.gap"} <= keys
    bare = [
        part.model_copy(
            update={"metrics": {key: of for key, of in part.metrics.items() if not key.startswith("energy.")}}
        )
        for part in result.sizes
    ]
    keys = {column.key for column in board.rank([result.model_copy(update={"sizes": bare})]).columns}
    assert "swd" not in keys


def test_sets_are_compared_by_their_pseudo_values(stored, dataset, fake, tmp_path):
    grey = tmp_path / "grey.json"
    leaderboard.evaluate(fake(lambda i, _m: np.full_like(i, 128), "grey"), dataset, evaluation=PLAN, out=grey)
    paired = compare([stored, grey], metric="swd", sizes=[64]).comparisons[0].paired
    sides = [read_result(path).sizes[0].distributions["swd"].pseudo_values for path in (stored, grey)]
    assert paired.n == 6
    assert paired.mean == pytest.approx(np.mean([sides[0][image] - sides[1][image] for image in sides[0]]))


def test_pseudo_values_stand_for_images(stored):
    found = read_result(stored).sizes[0].distributions["swd"]
    assert found.pseudo_values.keys() == set(read_result(stored).dataset.ids)
    content = json.loads(stored.read_text())
    content["sizes"][0]["distributions"]["swd"]["pseudo_values"] = {}
    older = stored.with_name("older.json")
    per_image_path(older).write_bytes(per_image_path(stored).read_bytes())
    copytree(features_path(stored), features_path(older))
    write_sealed(Result.model_validate(content), older)
    assert validate(older) == []


def test_an_interrupted_run_takes_its_features_over(dataset, fake, stored, tmp_path):
    out = tmp_path / "again.json"
    count = []

    def stop(*_):
        count.append(1)
        if len(count) == 8:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        leaderboard.evaluate(fake(black, "black"), dataset, evaluation=PLAN, out=out, progress=stop)
    leaderboard.evaluate(fake(black, "black"), dataset, evaluation=PLAN, out=out)
    ours, theirs = read_result(out), read_result(stored)
    assert [part.distributions for part in ours.sizes] == [part.distributions for part in theirs.sizes]
    for size in (64, 100):
        name = f"{size}.safetensors"
        assert (features_path(out) / name).read_bytes() == (features_path(stored) / name).read_bytes()


def test_they_stand_in_the_tables(stored, tmp_path):
    site = leaderboard.build_site([stored], tmp_path / "site")
    text = (tmp_path / "site/leaderboard.md").read_text()
    value = read_result(stored).sizes[0].distributions["swd"].value
    assert "| swd |" in text
    assert f"{value:.4f}" in text
    assert "df8k weights fetch" in site.page.read_text()
    Image.open(tmp_path / "site/leaderboard.png").verify()
