"""Building: the same dataset whatever the order, the workers and the interruptions."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

import df8k
import masks
from df8k.builder import build
from df8k.config import BuildConfig, read_config
from df8k.sources import candidates
from df8k.verification import verify

CONFIG = BuildConfig(min_side=64)


def made(folder: Path, out: Path, **options):
    return build(candidates([str(folder)]), out, options.pop("config", CONFIG), **options)


@pytest.fixture(scope="module")
def built(pictures, tmp_path_factory):
    out = tmp_path_factory.mktemp("built") / "dataset"
    return made(pictures, out), out


def contents(out: Path) -> dict[str, bytes]:
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in out.rglob("*") if path.is_file()}


def test_every_candidate_stands_in_the_manifest_with_its_reason(built, pictures):
    report, out = built
    rows = {row["key"]: row for row in pq.read_table(out / "manifest.parquet").to_pylist()}
    assert len(rows) == 23
    assert rows["small.png"]["reason"] == "resolution"
    assert rows["fake.jpg"]["reason"] == rows["cut.png"]["reason"] == "decode"
    twins = [rows[key] for key in ("aa-same-bytes.png", "zz-same-pixels.tiff", "deeper/facade-0.png")]
    assert Counter(row["decision"] for row in twins) == {"keep": 1, "reject": 2}
    assert {row["duplicate_of"] for row in twins if row["decision"] == "reject"} == {twins[0]["id"]}
    assert rows["fence-1.png"]["author"] == "Ada"
    assert report.description.decisions == {
        "keep": 18,
        "reject: decode": 2,
        "reject: duplicate": 2,
        "reject: resolution": 1,
    }
    assert report.description.counts == {"train": 12, "validation": 2, "test": 4}


def test_stored_pixels_masks_and_metadata_agree(built):
    _, out = built
    assert verify(out, workers=2) == []
    dataset = df8k.load(out, split="test")
    assert len(dataset) == 4
    for sample in dataset:
        assert (
            sample.image.shape[:2]
            == sample.mask.shape
            == (sample.metadata["height"], sample.metadata["width"])
        )
        assert 0.3 <= sample.mask.mean() <= 0.5
        again = masks.synthesize(aspect=sample.image.shape[1::-1], preset="df8k", key=f"2|{sample.id}")
        assert again.sha256 == sample.metadata["mask_sha256"]
    assert df8k.load(out, split="train")[0].mask is None


def test_nothing_is_left_of_the_work(built):
    _, out = built
    names = {path.name for path in out.iterdir()}
    assert names == {
        "DATASHEET.md",
        "README.md",
        "croissant.json",
        "df8k.json",
        "figures",
        "manifest.parquet",
        "train",
        "validation",
        "test",
    }


def test_names_order_and_workers_do_not_matter(built, pictures, tmp_path):
    report, out = built
    renamed = tmp_path / "renamed"
    renamed.mkdir()
    for index, path in enumerate(sorted(pictures.rglob("*.*"), key=lambda path: path.name[::-1])):
        if path.suffix in {".png", ".tiff", ".jpg"}:
            shutil.copy(path, renamed / f"{index:03d}{path.suffix}")
    other = made(renamed, tmp_path / "other", workers=3)
    assert other.description.fingerprint == report.description.fingerprint
    first, second = contents(out), contents(tmp_path / "other")
    pixels = {name for name in first if name.endswith(".png")}
    assert pixels == {name for name in second if name.endswith(".png")}
    assert all(first[name] == second[name] for name in pixels)


def test_a_finished_build_is_byte_identical_when_made_again(built, pictures, tmp_path):
    _, out = built
    made(pictures, tmp_path / "again", workers=2)
    assert contents(tmp_path / "again") == contents(out)


def test_a_limit_keeps_a_prefix_of_the_keyed_order(built, pictures, tmp_path):
    config = CONFIG.model_copy(update={"limit": 7})
    few = made(pictures, tmp_path / "few", config=config)
    many = made(pictures, tmp_path / "many", config=config, workers=3)
    assert few.description.fingerprint == many.description.fingerprint
    assert sum(few.description.counts.values()) == 7
    assert few.description.decisions["unused: limit"] > 0
    every = {path.stem for path in built[1].rglob("images/*.png")}
    assert {path.stem for path in (tmp_path / "few").rglob("images/*.png")} < every


def test_the_version_changes_masks_and_splits(built, pictures, tmp_path):
    report, _ = built
    other = made(pictures, tmp_path / "two", config=CONFIG.model_copy(update={"version": "3"}))
    assert other.description.fingerprint != report.description.fingerprint


def test_running_again_does_nothing_and_another_configuration_is_refused(built, pictures):
    _, out = built
    before = contents(out)
    assert made(pictures, out).existed
    with pytest.raises(df8k.BuildError, match="another configuration"):
        made(pictures, out, config=CONFIG.model_copy(update={"min_side": 65}))
    with pytest.raises(df8k.BuildError, match="other photographs"):
        build(candidates([str(pictures / "deeper")]), out, CONFIG)
    assert contents(out) == before


def test_a_foreign_folder_is_left_alone(pictures, tmp_path):
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(df8k.BuildError, match="neither empty nor a build"):
        made(pictures, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_no_candidates_and_no_fit_candidates_are_errors(pictures, tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(df8k.SourceError, match="no image files"):
        made(tmp_path / "empty", tmp_path / "out")
    with pytest.raises(df8k.BuildError, match=r"no image is left of 23 candidates: .*resolution"):
        made(pictures, tmp_path / "out", config=CONFIG.model_copy(update={"min_side": 9999}))


def test_one_folder_has_one_builder(pictures, tmp_path):
    out = tmp_path / "out"
    first = subprocess.Popen(
        [*COMMAND, "--no-curation", "--source", str(pictures), "--out", str(out), "--min-side", "64"]
    )
    try:
        while not (out / ".build" / "records").exists() and first.poll() is None:
            time.sleep(0.01)
        with pytest.raises(df8k.BuildError, match="another process"):
            made(pictures, out)
    finally:
        first.kill()
        first.wait()


COMMAND = [sys.executable, "-m", "df8k", "build"]


def test_five_kills_leave_no_trace(built, pictures, tmp_path):
    """`kill -9` at random moments, then the same command: the same dataset, byte for byte."""
    report, reference = built
    out = tmp_path / "out"
    command = [
        *COMMAND,
        "--no-curation",
        "--source",
        str(pictures),
        "--out",
        str(out),
        "--min-side",
        "64",
        "--workers",
        "2",
    ]
    moments = random.Random(os.urandom(8))
    kills = 0
    for _ in range(40):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True)
        # Between the interpreter's start and the end of a whole build.
        time.sleep(moments.uniform(0.5, 2.5))
        alive = process.poll() is None
        os.killpg(process.pid, signal.SIGKILL) if alive else None
        process.wait()
        kills += alive
        if kills == 5:
            break
        if not alive:
            shutil.rmtree(out)
    assert kills == 5
    finished = subprocess.run(command, check=True, capture_output=True, text=True)
    assert report.description.fingerprint in finished.stdout
    assert contents(out) == contents(reference)


def test_workers_end_with_a_killed_parent(pictures, tmp_path):
    out = tmp_path / "out"
    command = [
        *COMMAND,
        "--no-curation",
        "--source",
        str(pictures),
        "--out",
        str(out),
        "--min-side",
        "64",
        "--workers",
        "2",
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True)
    while not list((out / ".build").glob("records/*.json")) and process.poll() is None:
        time.sleep(0.01)
    process.kill()  # the parent alone
    process.wait()
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and _group_alive(process.pid):
        time.sleep(0.05)
    assert not _group_alive(process.pid)


def _group_alive(group: int) -> bool:
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[2]) == group and fields[0] != "Z":
            return True
    return False


def test_hostile_names_do_not_break_a_table(tmp_path):
    from PIL import Image

    folder = tmp_path / "hostile"
    folder.mkdir()
    names = [
        "a\nb.png",
        "<script>alert(1)</script>.png".replace("/", "_"),
        "ü" * 100 + ".png",
        "=1+1.png",
        "-rf.png",
    ]
    for index, name in enumerate(names):
        Image.fromarray(np.full((70, 70, 3), index * 40, np.uint8)).save(folder / name)
    os.rename(folder / "-rf.png", os.fsencode(folder) + b"/\xff\xfe.png")
    made(folder, tmp_path / "out")
    keys = pq.read_table(tmp_path / "out/manifest.parquet")["key"].to_pylist()
    assert "a\nb.png" in keys
    assert r"\udcff\udcfe.png" in keys
    assert verify(tmp_path / "out") == []


def test_a_read_only_target_says_so(pictures, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(df8k.BuildError, match="is a file"):
        made(pictures, tmp_path / "file")


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        ("min_sid = 5", "min_sid: Extra inputs"),
        ("min_side = 0", "min_side: "),
        ('name = "../x"', "name: "),
        ("[splits]\ntrain = 0.9", "add up to 1.2"),
        ("min_side =", "not a TOML file"),
    ],
)
def test_a_wrong_configuration_names_its_fault(tmp_path, text, finding):
    path = tmp_path / "config.toml"
    path.write_text(text)
    with pytest.raises(df8k.BuildError, match=finding):
        read_config(path)


def test_options_win_over_the_file(tmp_path):
    path = tmp_path / "config.toml"
    path.write_text("min_side = 64\nlimit = 3\n[splits]\ntrain = 0.5\nvalidation = 0.25\ntest = 0.25\n")
    config = read_config(path, min_side=100, limit=None)
    assert (config.min_side, config.limit, config.splits.test) == (100, 3, 0.25)


def test_df8k_json_holds_configuration_tools_and_counts(built):
    _, out = built
    description = json.loads((out / "df8k.json").read_text())
    assert description["configuration"]["min_side"] == 64
    assert description["tools"]["numpy"] == np.__version__
    assert sum(description["counts"].values()) == 18
