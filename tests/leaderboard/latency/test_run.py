"""Whole measurements in their own processes: failures are rows, a kill loses nothing, edits are found."""

import json
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

import leaderboard
from leaderboard.latency import inputs
from leaderboard.latency.inputs import FromDataset, Procedural, hole_series
from leaderboard.latency.plan import Plan
from leaderboard.latency.process import Target
from leaderboard.latency.results import read_latency, samples_path
from leaderboard.latency.run import Measurement
from leaderboard.latency.validate import read_accepted_latency, validate_latency

ONCE = Plan(tier="rapid", runs=2, seconds=0.0, sessions=1, warmup_rounds=1)


def foreign(folder: Path, body: str) -> str:
    """A method of its own file whose call runs ``body``."""
    indented = body.replace("\n", "\n        ")
    path = folder / "method.py"
    path.write_text(
        "import os, time\nfrom pathlib import Path\nimport numpy as np\n"
        f"HERE = Path({str(folder)!r})\n"
        f"class Method:\n    def __call__(self, image, mask):\n        {indented}\n"
        "def make():\n    return Method()\n"
    )
    return f"{path}:make"


def test_a_result_holds_every_run_and_agrees_with_them(measured):
    result = read_accepted_latency(measured)
    assert [part.size for part in result.sizes] == ["128x64", 96]  # by pixels
    assert [(part.width, part.height) for part in result.sizes] == [(128, 64), (96, 96)]
    table = pq.read_table(samples_path(measured)).to_pylist()
    for part in result.sizes:
        own = [row["e2e_s"] for row in table if (row["series"], row["size"]) == ("ladder", str(part.size))]
        assert part.status == "ok"
        assert part.e2e.n == len(own) == 12
        assert part.e2e.p50_s == pytest.approx(np.quantile(own, 0.5))
        assert len(part.sessions) == 2
        assert all(0 < found.call_bytes + 1 < found.peak_bytes < 500e6 for found in part.sessions)
        assert all(found.first_call_s > 0 < found.load_s for found in part.sessions)
    assert result.area.size == 96
    assert result.by_hole.points == len(inputs.AREA_PRESETS)
    assert result.by_pixels.points == 2
    assert result.threads["OMP_NUM_THREADS"] == str(len(result.threads["cpus"]))
    assert result.environment.threads == len(result.threads["cpus"])


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        (("sizes", 0, "e2e", "p50_s"), 1e-9, "size 128x64: e2e says"),
        (("sizes", 0, "flags"), ["fast"], "size 128x64: flags says"),
        (("sizes", 1, "sessions", 0, "p50_s"), 1e-9, "size 96: sessions says"),
        (("by_pixels", "slope"), 0.1, "by_pixels says"),
        (("by_hole", "slope"), 0.0, "by_hole says"),
        (("samples_sha256",), "0" * 64, "is not the file of runs"),
        (("method", "untrained"), True, "untrained weights"),
    ],
)
def test_an_edit_is_found(measured, tmp_path, path, value, words):
    content = json.loads(measured.read_text())
    place = content
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    edited = tmp_path / "edited.json"
    edited.write_text(json.dumps(content))
    samples_path(edited).write_bytes(samples_path(measured).read_bytes())
    faults = validate_latency(edited)
    assert any(words in fault for fault in faults), faults


def test_failures_are_rows_and_what_a_clean_process_may_mend_is_tried_twice(tmp_path):
    spec = foreign(
        tmp_path,
        "if image.shape[0] == 64:\n    (HERE / f'try-{os.getpid()}').touch()\n    os._exit(3)\n"
        "if image.shape[0] == 80:\n    raise RuntimeError('broken')\nreturn image",
    )
    result = Measurement(Target(spec=spec), [48, 64, 80], plan=ONCE, areas=False).run(tmp_path / "x.json")
    small, crashed, broken = result.sizes
    assert (small.status, small.model.n) == ("ok", 3)
    assert small.model.p50_s < small.e2e.p50_s
    assert (crashed.status, crashed.attempts, crashed.e2e) == ("crash", 2, None)
    assert len(list(tmp_path.glob("try-*"))) == 2
    assert (broken.status, broken.attempts) == ("error", 1)
    assert "RuntimeError: broken" in broken.message
    assert validate_latency(tmp_path / "x.json") == []


def test_a_hang_and_a_hunger_for_memory_end_at_their_bounds(tmp_path):
    hang = Target(spec=foreign(tmp_path, "time.sleep(600)\nreturn image"), timeout_s=1.0)
    (part,) = Measurement(hang, [32], plan=ONCE, areas=False).run(tmp_path / "hang.json").sizes
    assert (part.status, part.attempts) == ("timeout", 2)
    body = "self.kept = np.ones(2**29, np.uint8)\ntime.sleep(5)\nreturn image"
    hungry = Target(spec=foreign(tmp_path, body), memory_bytes=2**28)
    (part,) = Measurement(hungry, [32], plan=ONCE, areas=False).run(tmp_path / "hungry.json").sizes
    assert (part.status, part.attempts) == ("out-of-memory", 2)


def test_what_a_foreign_method_finishes_later_is_waited_for(tmp_path):
    path = tmp_path / "late.py"
    path.write_text(
        "import time\nclass Late:\n    model_seconds = 0.004\n"
        "    def __call__(self, image, mask):\n        self.image = image\n        return image\n"
        "    def synchronise(self):\n        time.sleep(0.02)\n"
        "def make():\n    return Late()\n"
    )
    target = Target(spec=f"{path}:make")
    (part,) = Measurement(target, [32], plan=ONCE, areas=False).run(tmp_path / "late.json").sizes
    assert part.call.least_s >= 0.02
    assert part.model.p50_s == 0.004


def test_a_measurement_goes_on_where_it_stopped(tmp_path):
    spec = foreign(tmp_path, "open(HERE / 'calls', 'a').write('x')\nreturn image")
    out = tmp_path / "x.json"
    measurement = Measurement(Target(spec=spec), [32, 48], plan=ONCE, areas=False)

    def stop(*_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        measurement.run(out, progress=stop)
    before = (tmp_path / "calls").stat().st_size
    other = Measurement(Target(spec=spec), [32, 64], plan=ONCE, areas=False)
    with pytest.raises(leaderboard.LeaderboardError, match="sizes was"):
        other.run(out)
    result = measurement.run(out)
    assert [part.status for part in result.sizes] == ["ok", "ok"]
    assert (tmp_path / "calls").stat().st_size == 2 * before
    assert not list(tmp_path.glob("*.partial.*"))
    with pytest.raises(leaderboard.LeaderboardError, match="--overwrite"):
        measurement.run(out)


def test_what_cannot_be_loaded_is_no_result(tmp_path):
    with pytest.raises(leaderboard.LeaderboardError, match=r"was not measured at any size: .*nonesuch"):
        Measurement(Target(spec="nonesuch"), [32], plan=ONCE).run(tmp_path / "x.json")
    assert not (tmp_path / "x.json").exists()


@pytest.mark.parametrize("sizes", [[], [64, 64], ["native"], [64, "native"]])
def test_sizes_must_be_pixels_each_once(sizes):
    with pytest.raises(leaderboard.LeaderboardError, match="distinct sizes in pixels"):
        Measurement(Target(spec="mean"), sizes)


def test_scenes_are_the_same_everywhere_and_their_holes_of_the_preset():
    first, again = (Procedural(2).pictures("96x64") for _ in range(2))
    for one, other in zip(first, again, strict=True):
        assert one.name == other.name
        assert np.array_equal(one.task.target, other.task.target)
        assert np.array_equal(one.task.mask, other.task.mask)
        assert 0.25 < one.task.mask.mean() < 0.55
    shares = [picture.task.mask.mean() for picture in hole_series(64)]
    assert shares == sorted(shares)
    assert shares[0] < 0.12 < 0.45 < shares[-1]


def test_a_dataset_gives_its_first_pictures_that_are_large_enough(dataset):
    found = FromDataset(dataset, 2).pictures(100)
    large = [sample.id for sample in dataset if min(sample.image.shape[:2]) >= 100]
    assert [picture.name for picture in found] == large[:2]
    assert FromDataset(dataset).pictures(4096) == []
    drawn = FromDataset(dataset, 1, "blobs").pictures(64)[0].task.mask
    assert 0.02 < drawn.mean() < 0.12
    with pytest.raises(leaderboard.LeaderboardError, match="no native size"):
        Procedural().pictures("native")


def test_too_small_a_dataset_is_a_row(dataset, tmp_path):
    out = tmp_path / "x.json"
    material = FromDataset(dataset, 1)
    result = Measurement(Target(spec="mean"), [64, 4096], material=material, plan=ONCE).run(out)
    assert [part.status for part in result.sizes] == ["ok", "left-out"]
    assert validate_latency(out) == []


def test_another_schema_is_refused(measured, tmp_path):
    content = json.loads(measured.read_text()) | {"schema_version": 99}
    path = tmp_path / "new.json"
    path.write_text(json.dumps(content))
    with pytest.raises(leaderboard.LeaderboardError, match="schema 99"):
        read_latency(path)
