"""Running a result again: agreement, disagreement, and what is refused."""

import json

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

import baselines
import df8k
import leaderboard
import metrics
from baselines import MethodCard
from df8k.builder import build
from df8k.cli import cli
from df8k.config import BuildConfig
from df8k.scenes import KINDS, render
from df8k.sources import candidates
from leaderboard.audit.reproduce import reproduce
from leaderboard.calls.timing import Budget
from leaderboard.statistics.tolerance import metric_tolerance


class Shade:
    """Paints one grey; ``weights`` stands for a file of weights."""

    def __init__(self, grey, weights=None, version="1", **settings):
        self.grey = grey
        self.card = MethodCard(
            name="shade",
            version=version,
            summary="grey",
            source="tests",
            licence="none",
            weights_sha256=weights,
            settings=settings,
        )

    def __call__(self, image, mask):
        if self.grey is None:
            raise RuntimeError("no grey")
        return np.full_like(image, self.grey)


@pytest.fixture(scope="module")
def scenes(tmp_path_factory):
    """Twelve test images: an interval needs eight of them."""
    folder = tmp_path_factory.mktemp("scenes")
    for key in ("first", "second"):
        for index, kind in enumerate(KINDS):
            size = (150 + 11 * index, 96 + 10 * index)
            Image.fromarray(render(kind, *size, key)).save(folder / f"{kind}-{key}.png")
    out = tmp_path_factory.mktemp("dataset") / "many"
    shares = {"train": 0, "validation": 0, "test": 1}
    build(candidates([str(folder)]), out, BuildConfig(name="many", min_side=64, splits=shares))
    return df8k.load(out)


@pytest.fixture(scope="module")
def claimed(scenes, tmp_path_factory):
    path = tmp_path_factory.mktemp("claimed") / "shade.json"
    plan = leaderboard.Evaluation(
        sizes=[48], metrics=["l1", "psnr", "swd"], limit=8, budget=Budget(warmup_runs=0, runs=1)
    )
    leaderboard.evaluate(Shade(120, "a" * 64, gain=1), scenes, evaluation=plan, out=path)
    return path


def again(claimed, scenes, grey=120, weights="a" * 64, **settings):
    return reproduce(claimed, scenes, Shade(grey, weights, **({"gain": 1} | settings)))


def test_the_same_method_agrees_exactly(claimed, scenes):
    outcome = again(claimed, scenes)
    assert outcome.agrees
    assert {each.verdict for each in outcome.agreements} == {"exact"}
    assert {each.metric for each in outcome.agreements} >= {"l1.hole", "psnr.full", "swd"}
    assert len(outcome.found.dataset.ids) == 8
    assert any("median latency was" in note for note in outcome.notes)


def test_a_slightly_other_picture_lies_within_the_interval_and_another_one_does_not(claimed, scenes):
    near = {each.metric: each for each in again(claimed, scenes, 121).agreements}
    assert near["l1.hole"].verdict == "within interval"
    assert near["l1.hole"].largest > metric_tolerance("l1.hole")
    far = again(claimed, scenes, 255)
    assert not far.agrees
    assert {each.verdict for each in far.agreements if each.metric == "psnr.hole"} == {"differs"}


def test_images_that_end_otherwise_are_named(claimed, scenes):
    outcome = again(claimed, scenes, None)
    assert not outcome.agrees
    assert len(outcome.outcomes) == 8
    assert "was ok, is now error" in outcome.outcomes[0]


def test_another_method_dataset_or_metric_is_refused(claimed, scenes, edited, tmp_path):
    with pytest.raises(leaderboard.LeaderboardError, match=f"SHA-256 {'a' * 64}, these {'b' * 64}"):
        again(claimed, scenes, weights="b" * 64)
    with pytest.raises(leaderboard.LeaderboardError, match=r"settings are .*'gain': 1.*these .*'gain': 2"):
        again(claimed, scenes, gain=2)
    other = edited(claimed, tmp_path, {"dataset": {"fingerprint": "f" * 64}})
    with pytest.raises(leaderboard.LeaderboardError, match="give the dataset that it names"):
        again(other, scenes)
    old = {"l1": "l1-v0", "psnr": "psnr-rgb-pooled-v1", "swd": metrics.get("swd").variant}
    older = edited(claimed, tmp_path, {"protocol": {"metrics": old}})
    with pytest.raises(leaderboard.LeaderboardError, match="result's l1 is l1-v0, this df8k computes"):
        again(older, scenes)


def test_another_version_is_only_told(claimed, scenes):
    outcome = reproduce(claimed, scenes, Shade(120, "a" * 64, "2", gain=1))
    assert outcome.agrees
    assert outcome.notes[0] == "the method's version was 1, is now 2"


def test_the_command_reproduces_and_refuses(results, claimed, dataset, scenes, tmp_path):
    data = ["--data", str(dataset.root)]
    good = CliRunner().invoke(cli, ["reproduce", str(results[1]), *data, "--json"])
    assert good.exit_code == 0, good.output
    assert json.loads(good.output)["agrees"] is True
    foreign = CliRunner().invoke(cli, ["reproduce", str(claimed), "--data", str(scenes.root)])
    assert foreign.exit_code == 2
    assert "give --method to say what to run" in foreign.output
    pictures = CliRunner().invoke(cli, ["reproduce", str(results[1]), *data, "--predictions", str(tmp_path)])
    assert pictures.exit_code == 2
    assert "needs no --predictions" in pictures.output


def test_the_command_fails_where_the_numbers_do(dataset, tmp_path):
    class Impostor(Shade):
        def __init__(self):
            super().__init__(255)
            self.card = baselines.load("mean").card

    path = tmp_path / "mean.json"
    plan = leaderboard.Evaluation(sizes=[48], budget=Budget(warmup_runs=0, runs=1))
    leaderboard.evaluate(Impostor(), dataset, evaluation=plan, out=path)
    answer = CliRunner().invoke(cli, ["reproduce", str(path), "--data", str(dataset.root)])
    assert answer.exit_code == 1
    assert "not reproduced:" in answer.output


def test_scored_pictures_are_scored_again(results, dataset, tmp_path):
    folder = results[1].parent / "telea"
    plan = leaderboard.Evaluation(sizes=[64], metrics=["l1"])
    leaderboard.score(folder, dataset, name="telea", evaluation=plan, out=tmp_path / "scored.json")
    assert reproduce(tmp_path / "scored.json", dataset, folder).agrees
