"""Real photographs: the labelled challenge, and a build of UHD photos."""

import csv

import pyarrow.parquet as pq
import pytest

import df8k
from df8k.build import build
from df8k.config import BuildConfig
from df8k.decode import decode
from df8k.sources import candidates
from df8k.verify import verify

pytestmark = pytest.mark.shared


@pytest.fixture(scope="module")
def challenge(shared, tmp_path_factory):
    out = tmp_path_factory.mktemp("challenge") / "dataset"
    build(candidates([str(shared / "curation-challenge")]), out, workers=2)
    rows = {row["key"]: row for row in pq.read_table(out / "manifest.parquet").to_pylist()}
    with (shared / "curation-challenge/labels.csv").open(newline="") as file:
        return out, rows, {row["file"]: row for row in csv.DictReader(file)}


def test_every_file_has_a_decision_and_every_rejection_a_reason(challenge):
    _, rows, labels = challenge
    assert rows.keys() == labels.keys()
    for row in rows.values():
        assert row["decision"] in {"keep", "reject"}
        assert (row["decision"] == "keep") == (not row["reason"])


def test_the_checks_that_exist_agree_with_the_labels(challenge):
    """decode and resolution as labelled; nothing that is labelled good is rejected."""
    _, rows, labels = challenge
    for name, label in labels.items():
        if label["reason"] in {"decode", "resolution", "alpha"}:
            assert rows[name]["reason"] == label["reason"], name
        elif label["expected"] == "accept":
            assert rows[name]["decision"] == "keep", name


def test_the_turned_photo_comes_out_upright(challenge):
    _, rows, _ = challenge
    assert (rows["exif-rotated.jpg"]["width"], rows["exif-rotated.jpg"]["height"]) == (2700, 1800)


def test_sixteen_bits_keep_their_highlights(shared, challenge):
    """Clipping at 255 would turn all but the darkest 1/257 of the samples white."""
    pixels = decode((shared / "curation-challenge/sixteen-bit.png").read_bytes())
    assert (pixels == 255).mean() < 0.2
    assert pixels.std() > 20


def test_exact_duplicates_alone_are_found(challenge):
    """The labelled duplicates are near ones: none has the pixels of another file."""
    _, rows, _ = challenge
    kept = [row["id"] for row in rows.values() if row["decision"] == "keep"]
    assert len(kept) == len(set(kept))
    assert not any(row["reason"] == "duplicate" for row in rows.values())


def test_a_dataset_of_uhd_photos_verifies(shared, tmp_path):
    config = BuildConfig(limit=4, splits={"train": 0, "validation": 0.5, "test": 0.5})
    build(candidates([str(shared / "photos")]), tmp_path / "out", config, workers=2)
    assert verify(tmp_path / "out", workers=2) == []
    for sample in df8k.load(tmp_path / "out"):
        assert min(sample.image.shape[:2]) >= 1024
        assert 0.3 <= sample.mask.mean() <= 0.5
        assert sample.metadata["licence"]
