"""Full disks, read-only folders, two writers, a clock that goes back: the same command then ends the same."""

import contextlib
import hashlib
import os
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import baselines
import df8k
import leaderboard
from df8k.builder import build
from df8k.config import BuildConfig
from df8k.publishing.pack import pack
from df8k.scenes import KINDS, render
from df8k.sources import candidates
from leaderboard.audit.validate import validate
from leaderboard.results.schema import read_result

WORDS = (df8k.Df8kError, leaderboard.LeaderboardError, baselines.MethodError, OSError)
ENOUGH = "64m"


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pictures")
    for index, kind in enumerate(list(KINDS)[:3]):
        Image.fromarray(render(kind, 96 + 8 * index, 80, "faults")).save(folder / f"{kind}.png")
    return folder


def make(pictures, out):
    shares = {"train": 0, "validation": 0, "test": 1}
    return build(candidates([str(pictures)]), out, BuildConfig(name="tiny", min_side=64, splits=shares))


@pytest.fixture(scope="module")
def dataset(pictures, tmp_path_factory):
    out = tmp_path_factory.mktemp("calm") / "dataset"
    make(pictures, out)
    return out


def evaluate(dataset, out):
    options = leaderboard.Evaluation(sizes=[48, 64], metrics=["l1", "swd"])
    leaderboard.evaluate(
        baselines.load("mean"),
        df8k.load(dataset),
        evaluation=options,
        out=out / "mean.json",
        predictions=out / "mean.predictions",
    )


@pytest.fixture(scope="module")
def result(dataset, tmp_path_factory):
    folder = tmp_path_factory.mktemp("calm-result")
    evaluate(dataset, folder)
    return folder / "mean.json"


def mount(folder, *options):
    folder.mkdir(exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", ",".join(options), "tmpfs", str(folder)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


@pytest.fixture
def disk(tmp_path):
    """A file system that can be made larger or read-only."""
    folder = tmp_path / "disk"
    if sys.platform != "linux" or os.geteuid() or not mount(folder, "size=4k"):
        pytest.skip("mounting needs root")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def tree(folder):
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def leftovers(folder):
    return [path for path in folder.rglob("*") if path.name.startswith((".tmp-", ".pages-", ".build"))]


def until_done(disk, work, sizes):
    """Run on a disk that grows; how often it ended in words, and never otherwise."""
    refused = 0
    for size in (*sizes, ENOUGH):
        assert mount(disk, "remount", f"size={size}")
        if size == ENOUGH:
            work()
            continue
        with contextlib.suppress(*WORDS):
            work()
            continue
        refused += 1
    return refused


GROWING = ["4k", "16k", "48k", "96k", "160k", "240k", "400k"]


def test_a_build_on_a_disk_that_fills_ends_with_the_same_bytes(disk, pictures, dataset):
    assert until_done(disk, lambda: make(pictures, disk / "dataset"), GROWING) >= 3
    assert tree(disk / "dataset") == tree(dataset)
    assert not leftovers(disk)


def test_an_evaluation_on_a_disk_that_fills_ends_with_the_same_scores(disk, dataset, result):
    def work():
        with contextlib.suppress(leaderboard.LeaderboardError):  # it exists already: done
            evaluate(dataset, disk)

    assert until_done(disk, lambda: evaluate(dataset, disk) if not _done(disk) else work(), GROWING) >= 2
    path = disk / "mean.json"
    assert validate(path, df8k.load(dataset)) == []
    calm, after = read_result(result), read_result(path)
    assert [size.metrics for size in after.sizes] == [size.metrics for size in calm.sizes]
    assert [size.distributions for size in after.sizes] == [size.distributions for size in calm.sizes]
    assert tree(disk / "mean.predictions") == tree(result.parent / "mean.predictions")
    assert not leftovers(disk)
    assert not list(disk.glob("*.partial*"))


def _done(folder):
    return (folder / "mean.json").exists() and not (folder / "mean.partial.jsonl").exists()


@pytest.mark.parametrize("form", ["parquet", "webdataset"])
def test_packing_on_a_disk_that_fills_ends_with_the_same_bytes(disk, dataset, tmp_path, form):
    pack(dataset, tmp_path / "calm", form)
    assert until_done(disk, lambda: pack(dataset, disk / "packed", form), GROWING) >= 2
    assert tree(disk / "packed") == tree(tmp_path / "calm")
    assert not leftovers(disk)


def test_a_board_on_a_disk_that_fills_ends_with_the_same_bytes(disk, result, tmp_path):
    leaderboard.build_site([result], tmp_path / "calm")
    work = lambda: leaderboard.build_site([result], disk / "site")  # noqa: E731
    assert until_done(disk, work, ["4k", "100k", "300k"]) >= 2
    assert tree(disk / "site") == tree(tmp_path / "calm")
    assert not leftovers(disk)


def test_training_state_on_a_disk_that_fills_is_whole_or_as_it_was(disk):
    from _df8k.files import atomic_file

    def save(size):
        with atomic_file(disk / "state.pt") as file:
            file.write(bytes(size))

    assert mount(disk, "remount", "size=64k")
    save(10_000)
    with pytest.raises(OSError, match="No space left"):
        save(100_000)
    assert (disk / "state.pt").stat().st_size == 10_000
    assert [path.name for path in disk.iterdir()] == ["state.pt"]


def test_read_only_folders_are_refused_in_words(disk, pictures, dataset, result):
    assert mount(disk, "remount", "ro")
    for work in (
        lambda: make(pictures, disk / "dataset"),
        lambda: evaluate(dataset, disk),
        lambda: pack(dataset, disk / "packed", "parquet"),
        lambda: leaderboard.build_site([result], disk / "site"),
    ):
        with pytest.raises(WORDS, match=r"[Rr]ead-only"):
            work()


def in_turn(*works):
    """Run in threads at once; what each raised."""
    raised = [None] * len(works)

    def run(index):
        try:
            works[index]()
        except BaseException as error:  # noqa: BLE001 - looked at below
            raised[index] = error

    threads = [threading.Thread(target=run, args=(index,)) for index in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [error for error in raised if error is not None]


def test_two_processes_on_one_output_end_with_one_whole_output(pictures, dataset, result, tmp_path):
    """Each of two refuses in words, or both end with what one alone writes."""
    for work, out, calm in (
        (lambda: make(pictures, tmp_path / "dataset"), tmp_path / "dataset", dataset),
        (lambda: pack(dataset, tmp_path / "packed", "parquet"), tmp_path / "packed", None),
        (lambda: leaderboard.build_site([result], tmp_path / "site"), tmp_path / "site", None),
    ):
        raised = in_turn(work, work)
        assert len(raised) < 2, raised
        assert all(isinstance(error, WORDS) for error in raised), raised
        if calm is not None:
            assert tree(out) == tree(calm)
        assert not leftovers(out)
        before = tree(out)
        work()
        assert tree(out) == before


def test_no_decision_follows_the_wall_clock():
    """A clock that is set back can change nothing: no module asks for the time of day."""
    root = Path(__file__).resolve().parents[2]
    words = ("time.time()", "datetime.now", "datetime.today")
    asking = [
        path.relative_to(root).as_posix()
        for package in ("_df8k", "masks", "metrics", "baselines", "df8k", "leaderboard")
        for path in (root / package).rglob("*.py")
        if any(word in path.read_text() for word in words)
    ]
    # The date until which a server asks to wait, and the day that a run was begun, which decides nothing.
    assert asking == ["_df8k/patience.py", "leaderboard/results/provenance.py"]


def test_numbers_survive_a_clock_that_goes_back(dataset, tmp_path, monkeypatch):
    import time

    moments = iter(np.linspace(2e9, 1e9, 10**6))
    monkeypatch.setattr(time, "time", lambda: float(next(moments)))
    evaluate(dataset, tmp_path)
    assert validate(tmp_path / "mean.json", df8k.load(dataset)) == []
