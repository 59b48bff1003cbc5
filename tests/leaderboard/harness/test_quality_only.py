"""Quality alone: each image answered once, scored on several processes, and never a latency."""

from dataclasses import replace
from threading import Event

import numpy as np
import pytest

import leaderboard
from df8k.dataset import Sample
from leaderboard import Evaluation
from leaderboard.audit.validate import validate
from leaderboard.calls.timing import UNTIMED, Budget
from leaderboard.harness.decoding import tasks_in_blocks
from leaderboard.results.per_image import read_per_image
from leaderboard.site import board

TIMED = Evaluation(
    sizes=[64, 100, "native"], metrics=["l1", "ssim", "swd"], budget=Budget(warmup_runs=1, runs=2)
)


def halved(image, mask):
    return np.where(mask[..., None], image // 2 + 40, image)


def run(dataset, fake, out, plan):
    method = fake(halved)
    result = leaderboard.evaluate(
        method, dataset, evaluation=plan, out=out, predictions=out.with_suffix(".predictions")
    )
    return method, result, read_per_image(out.with_suffix(".parquet"))


def test_rows_are_those_of_the_ordinary_run_but_for_times(dataset, fake, tmp_path):
    _, ordinary, timed = run(dataset, fake, tmp_path / "timed.json", TIMED)
    plan = replace(TIMED, budget=UNTIMED, workers=2)
    method, result, rows = run(dataset, fake, tmp_path / "quality.json", plan)
    assert method.calls == sum(row.status == "ok" for row in rows)
    assert all(row.seconds for row in timed if row.status == "ok")
    assert not any(row.seconds or row.model_seconds for row in rows)
    without = [replace(row, seconds=None, model_seconds=None) for row in timed]
    assert [replace(row, seconds=None, model_seconds=None) for row in rows] == without
    for before, after in zip(ordinary.sizes, result.sizes, strict=True):
        assert after == before.model_copy(update={"latency": None})
        folders = [tmp_path / f"{name}.predictions" / str(after.size) for name in ("timed", "quality")]
        first, second = ({path.name: path.read_bytes() for path in folder.iterdir()} for folder in folders)
        assert first == second
    assert (ordinary.protocol.timing, result.protocol.timing) == ((2, 1.0), (0, 0.0))
    assert validate(tmp_path / "quality.json", dataset) == []
    assert {entry.timing for entry in board.rank([result]).entries} == {None}


def test_workers_beside_timed_calls_are_refused(dataset, fake):
    method = fake(halved)
    with pytest.raises(leaderboard.LeaderboardError, match="would score while calls are timed"):
        leaderboard.evaluate(method, dataset, evaluation=replace(TIMED, workers=2))
    assert method.calls == 0


@pytest.mark.parametrize("ahead", [False, True])
@pytest.mark.parametrize("limit", [1, 150_000, 2**30])
def test_an_image_is_decoded_once_whatever_fits_the_cache(dataset, monkeypatch, limit, ahead):
    decoded = []
    image = Sample.image.fget
    monkeypatch.setattr(Sample, "image", property(lambda self: decoded.append(self.id) or image(self)))
    sizes = (48, 64, "native")
    order = []
    for sample, size, make_task in tasks_in_blocks(list(dataset), sizes, limit=limit, ahead=ahead):
        make_task()
        order.append((sample.id, size))
    assert sorted(decoded) == [sample.id for sample in dataset]
    assert len(set(order)) == len(order) == len(dataset) * len(sizes)


def test_the_next_image_is_decoded_beside_what_is_done_with_one_and_only_when_asked(dataset, monkeypatch):
    begun, decoded = {sample.id: Event() for sample in dataset}, []
    image = Sample.image.fget
    monkeypatch.setattr(Sample, "image", property(lambda self: note(self.id) or image(self)))

    def note(name):
        decoded.append(name)
        begun[name].set()

    samples = list(dataset)
    tasks = tasks_in_blocks(samples, (48,), ahead=True)
    _, _, skipped = next(tasks)
    _, _, make_task = next(tasks)
    assert not any(event.is_set() for event in begun.values())
    make_task()
    assert begun[samples[2].id].wait(60)
    assert not begun[samples[0].id].is_set()
    assert skipped().target.shape[:2] == (48, 48)
    assert sorted(decoded) == sorted(sample.id for sample in samples[:3])
