"""The harness: no ground truth leaks, failures become rows, kills lose nothing."""

import json
import re
from copy import copy
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

import baselines
import leaderboard
import masks
import metrics
from leaderboard import Evaluation
from leaderboard.calls.timing import Budget
from leaderboard.protocol.task import square_task
from leaderboard.results.per_image import ImageRow, read_per_image

ONCE = Evaluation(sizes=[64], budget=Budget(warmup_runs=0, runs=1))


def test_a_method_never_sees_what_is_under_the_hole(dataset, fake):
    def look(image, mask):
        assert mask.dtype == np.bool_
        assert 0 < mask.mean() < 1
        assert not image[mask].any()
        assert image.flags.writeable  # its own copy
        image[:] = 7
        mask[:] = False
        return image

    method = fake(look)
    result = leaderboard.evaluate(method, dataset, evaluation=ONCE)
    assert result.sizes[0].n == len(dataset)
    assert result.sizes[0].failures == {}
    # Known pixels were overwritten with 7, reported as drift, and put back before scoring.
    assert result.sizes[0].known_drift.mean > 20
    raw = Evaluation(sizes=[64], metrics=["known-drift"], budget=Budget(warmup_runs=0, runs=1))
    assert (
        leaderboard.evaluate(fake(look), dataset, evaluation=raw).sizes[0].metrics["known-drift.known"].mean
        > 0
    )
    again = leaderboard.evaluate(fake(lambda image, _mask: np.full_like(image, 7)), dataset, evaluation=ONCE)
    assert again.sizes[0].metrics == result.sizes[0].metrics


def test_scores_equal_an_independent_computation(dataset, fake):
    result = leaderboard.evaluate(fake(lambda image, _mask: image), dataset, evaluation=ONCE)
    errors = []
    for sample in dataset:
        task = square_task(sample, 64)
        errors.append(task.target[task.mask].astype(float).mean() / 255)  # the hole stayed black
    assert result.sizes[0].metrics["l1.hole"].mean == pytest.approx(np.mean(errors), rel=1e-12)


def test_the_square_is_the_centre_and_its_mask_the_stored_one(dataset):
    for sample in dataset:
        height, width, _ = sample.image.shape
        left = (width - height) // 2
        task = square_task(sample, height)
        assert np.array_equal(task.target, sample.image[:, left : left + height])
        stored = masks.VectorMask.from_json(sample.metadata["mask_1x1_json"])
        assert np.array_equal(task.mask, stored.rasterize(height, height))


def test_in_format_1_the_square_s_mask_is_cut_from_the_stored_mask(dataset_1):
    odd = 0
    for sample in dataset_1:
        height, width, _ = sample.image.shape
        left = (width - height) // 2
        odd += (width - height) % 2
        task = square_task(sample, height)
        assert np.array_equal(task.target, sample.image[:, left : left + height])
        assert np.array_equal(task.mask, sample.mask[:, left : left + height])
    assert odd  # where half a pixel would show


def test_images_smaller_than_the_size_are_left_out_and_counted(dataset, fake):
    plan = Evaluation(sizes=[120], budget=Budget(warmup_runs=0, runs=1))
    part = leaderboard.evaluate(fake(lambda image, _mask: image), dataset, evaluation=plan).sizes[0]
    assert (part.n, part.left_out) == (3, 3)


def test_failures_become_rows_and_the_run_goes_on(dataset, fake, tmp_path):
    seen = {"count": 0}
    outcomes = ["error", "out-of-memory", "wrong-output", "wrong-output", "ok", "ok"]

    def function(image, _mask):
        outcome = outcomes[seen["count"]]
        seen["count"] += 1
        if outcome == "error":
            raise RuntimeError("broken")
        if outcome == "out-of-memory":
            raise MemoryError("no memory")
        if outcome == "wrong-output":
            return image[:10] if seen["count"] % 2 else image.astype(np.float32)
        return image

    out = tmp_path / "fake.json"
    part = leaderboard.evaluate(fake(function), dataset, evaluation=ONCE, out=out).sizes[0]
    assert part.failures == {"error": 1, "out-of-memory": 1, "wrong-output": 2}
    assert (part.n, part.metrics["psnr.full"].n, part.latency.images) == (2, 2, 2)
    rows = sorted(map(ImageRow.record, read_per_image(tmp_path / "fake.parquet")), key=lambda row: row["id"])
    assert [row["status"] for row in rows] == outcomes
    assert re.fullmatch(r"RuntimeError: broken \(test_run\.py, line \d+\)", rows[0]["error"])
    assert "expected uint8 (64, 64, 3)" in rows[2]["error"]
    assert rows[0]["psnr.full"] is None


def test_an_interrupted_run_goes_on_where_it_stopped(dataset, fake, tmp_path):
    straight = leaderboard.evaluate(fake(lambda image, _m: image), dataset, evaluation=ONCE)
    out = tmp_path / "fake.json"
    done = []

    def stop(_stage, count, _total):
        done.append(count)
        if len(done) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        leaderboard.evaluate(fake(lambda i, _m: i), dataset, evaluation=ONCE, out=out, progress=stop)
    journal = tmp_path / "fake.partial.jsonl"
    whole = journal.read_bytes()
    journal.write_bytes(whole + b'{"id": "cut off by a ki')
    method = fake(lambda image, _mask: image)
    result = leaderboard.evaluate(method, dataset, evaluation=ONCE, out=out)
    scored = sum(b'"status"' in line for line in whole.splitlines())
    assert scored == 3
    assert method.calls == len(dataset) - scored
    assert result.sizes[0].metrics == straight.sizes[0].metrics
    assert not journal.exists()


@pytest.fixture
def interrupted(dataset, fake, tmp_path):
    """The name of a result whose evaluation was stopped after the first image."""
    out = tmp_path / "fake.json"

    def stop(*_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        leaderboard.evaluate(fake(lambda i, _m: i), dataset, evaluation=ONCE, out=out, progress=stop)
    return out


@pytest.mark.parametrize(
    ("method", "changes", "named"),
    [
        ("other", {}, 'method.name was "fake", is now "other"'),
        ("fake", {"limit": 4}, "dataset.ids was 6 entries, is now 4 entries"),
        ("fake", {"sizes": [64, 48]}, r"protocol.sizes was \[64\], is now \[64, 48\]"),
        ("fake", {"metrics": ["l1"]}, "protocol.metrics.psnr was .*, is now absent"),
        ("fake", {"shard": (1, 2)}, "dataset.shard was absent"),
        ("fake", {"device": "cuda"}, 'method.device was "cpu", is now "cuda"'),
    ],
)
def test_the_rest_of_another_run_is_not_mixed_in(dataset, fake, interrupted, method, changes, named):
    journal = interrupted.with_suffix(".partial.jsonl")
    before = journal.read_bytes()
    plan = replace(ONCE, **changes)
    with pytest.raises(leaderboard.LeaderboardError, match=f"something else; what changed: .*{named}"):
        leaderboard.evaluate(fake(lambda i, _m: i, method), dataset, evaluation=plan, out=interrupted)
    assert journal.read_bytes() == before


def test_another_dataset_or_machine_is_named(dataset, fake, interrupted, monkeypatch):
    again = partial(leaderboard.evaluate, fake(lambda i, _m: i), evaluation=ONCE, out=interrupted)
    changed = copy(dataset)
    changed.description = dataset.description.model_copy(update={"fingerprint": "f" * 64})
    with pytest.raises(leaderboard.LeaderboardError, match=r"dataset\.fingerprint was"):
        again(changed)
    found = leaderboard.results.environment.describe_environment()
    monkeypatch.setattr(
        leaderboard.harness.run,
        "describe_environment",
        lambda: found.model_copy(update={"threads": 77}),
    )
    with pytest.raises(leaderboard.LeaderboardError, match=r"machine\.threads was \d+, is now 77"):
        again(dataset)


def test_two_processes_do_not_write_one_result(dataset, fake, tmp_path):
    out = tmp_path / "fake.json"

    def second(image, _mask):
        with pytest.raises(leaderboard.LeaderboardError, match="being written by another process"):
            leaderboard.evaluate(fake(lambda i, _m: i), dataset, evaluation=ONCE, out=out)
        return image

    assert leaderboard.evaluate(fake(second), dataset, evaluation=ONCE, out=out).sizes[0].failures == {}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["fake.json", "fake.parquet"]


def test_a_result_that_was_written_but_not_tidied_is_finished(dataset, fake, interrupted, tmp_path):
    journal = interrupted.with_suffix(".partial.jsonl")
    kept = tmp_path / "kept"
    for _ in range(2):
        if kept.exists():
            journal.write_bytes(kept.read_bytes())
        method = fake(lambda i, _m: i)

        def keep(_stage, count, total):
            if count == total:
                kept.write_bytes(journal.read_bytes())

        leaderboard.evaluate(method, dataset, evaluation=ONCE, out=interrupted, progress=keep)
    assert method.calls == 0
    assert not journal.exists()


def test_a_result_is_not_replaced_unasked(dataset, fake, tmp_path):
    out = tmp_path / "fake.json"
    out.write_text("precious")
    method = fake(lambda image, _mask: image)
    with pytest.raises(leaderboard.LeaderboardError, match="--overwrite"):
        leaderboard.evaluate(method, dataset, evaluation=ONCE, out=out)
    assert method.calls == 0
    assert out.read_text() == "precious"
    leaderboard.evaluate(method, dataset, evaluation=ONCE, out=out, overwrite=True)
    assert json.loads(out.read_text())["method"]["name"] == "fake"


@pytest.mark.parametrize(
    ("options", "finding"),
    [
        ({"sizes": []}, "sizes must be distinct"),
        ({"sizes": [64, 64]}, "sizes must be distinct"),
        ({"sizes": [8]}, "at least 16"),
    ],
)
def test_wrong_options_fail_before_any_work(options, finding):
    with pytest.raises(leaderboard.LeaderboardError, match=finding):
        Evaluation(**options)
    with pytest.raises(metrics.MetricError, match="no metric is called 'pnsr'"):
        Evaluation(metrics=["pnsr"])


def test_sizes_given_twice_are_refused_and_not_dropped(dataset, fake):
    method = fake(lambda image, _mask: image)
    with pytest.raises(
        leaderboard.LeaderboardError, match=r"given twice, \[96\] and \[64\] of the evaluation"
    ):
        leaderboard.evaluate(method, dataset, sizes=[96], evaluation=ONCE)
    assert method.calls == 0


def test_a_result_says_what_it_was_measured_with(results, dataset):
    result = leaderboard.read_result(results[1])
    assert result.dataset.fingerprint == dataset.description.fingerprint
    assert result.dataset.ids == [sample.id for sample in dataset]
    assert result.protocol.metrics["ssim"] == metrics.get("ssim").variant
    assert result.method.settings == {"strategy": "native", "radius_px": 3.0}
    assert result.environment.libraries["numpy"] == np.__version__
    assert result.method.version == baselines.load("telea").card.version


def test_predictions_are_the_composited_pictures(results, dataset):
    from PIL import Image

    folder = results[1].parent / "telea" / "64"
    for sample in dataset:
        task = square_task(sample, 64)
        stored = np.asarray(Image.open(folder / f"{sample.id}.png"))
        assert np.array_equal(stored[~task.mask], task.target[~task.mask])
        assert np.array_equal(stored, task.composite(baselines.load("telea")(*task.method_input())))


def test_work_that_a_method_finishes_later_is_waited_for_and_scored(dataset, fake):
    class Late(fake):
        model_seconds = 0.0

        def synchronise(self):
            if self.calls:
                self.output[:] = 90

    def begin(image, _mask):
        method.output = np.zeros_like(image)
        return method.output

    method = Late(begin)
    late = leaderboard.evaluate(method, dataset, evaluation=ONCE).sizes[0]
    prompt = leaderboard.evaluate(
        fake(lambda image, _mask: np.full_like(image, 90)), dataset, evaluation=ONCE
    )
    assert late.metrics == prompt.sizes[0].metrics
    assert late.latency.model_median_s == 0.0
    assert prompt.sizes[0].latency.model_median_s is None
