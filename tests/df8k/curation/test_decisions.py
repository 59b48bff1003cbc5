"""A person's word, near-duplicates and limits in a build."""

from hashlib import sha256

import numpy as np
import pyarrow.parquet as pq
import pytest
from PIL import Image

import df8k
from df8k.builder import build
from df8k.config import BuildConfig, NearDuplicates, read_config, read_names
from df8k.sources import candidates
from df8k.verification import verify

CONFIG = BuildConfig(min_side=64, near_duplicates=NearDuplicates())


def rows(folder, out, config):
    build(candidates([str(folder)]), out, config)
    assert verify(out) == []
    return {row["key"]: row for row in pq.read_table(out / "manifest.parquet").to_pylist()}


@pytest.fixture
def variants(pictures, tmp_path):
    """One scene as it is, smaller, and brighter; and another scene."""
    folder = tmp_path / "variants"
    folder.mkdir()
    original = Image.open(pictures / "fence-13.png").convert("RGB")
    original.save(folder / "original.png")
    original.resize((original.width * 4 // 5, original.height * 4 // 5)).save(folder / "smaller.png")
    Image.open(pictures / "tiles-5.png").save(folder / "other.png")
    return folder


def test_the_best_of_a_group_stays(variants, tmp_path):
    decided = rows(variants, tmp_path / "out", CONFIG)
    assert decided["smaller.png"]["reason"] == "near-duplicate"
    assert decided["smaller.png"]["duplicate_of"] == decided["original.png"]["id"]
    assert decided["original.png"]["decision"] == decided["other.png"]["decision"] == "keep"
    alone = rows(variants, tmp_path / "all", CONFIG.model_copy(update={"near_duplicates": None}))
    assert all(row["decision"] == "keep" for row in alone.values())


def test_a_person_decides_over_the_checks_and_the_groups(variants, tmp_path):
    smaller = sha256((variants / "smaller.png").read_bytes()).hexdigest()
    other = rows(variants, tmp_path / "first", CONFIG)["other.png"]["id"]
    words = CONFIG.model_copy(update={"keep": (smaller,), "drop": (other,), "min_side": 90})
    decided = rows(variants, tmp_path / "out", words)
    assert (decided["smaller.png"]["decision"], decided["smaller.png"]["override"]) == ("keep", "keep")
    assert decided["original.png"]["reason"] == "near-duplicate"
    assert (decided["other.png"]["reason"], decided["other.png"]["override"]) == ("override", "drop")


def test_what_does_not_decode_cannot_be_kept(pictures, tmp_path):
    fake = sha256((pictures / "fake.jpg").read_bytes()).hexdigest()
    decided = rows(pictures, tmp_path / "out", CONFIG.model_copy(update={"keep": (fake,)}))
    assert decided["fake.jpg"]["reason"] == "decode"


def test_override_files_are_read_and_checked(tmp_path):
    path = tmp_path / "keep.txt"
    path.write_text("# looked at in May\n0123456789abcdef  # the lighthouse\n\n" + "a" * 64 + "\n")
    assert read_names(path) == ("0123456789abcdef", "a" * 64)
    assert read_names(None) is None
    with pytest.raises(df8k.BuildError, match=r"keep\.0"):
        read_config(None, keep=("lighthouse.jpg",))
    path.write_bytes(np.arange(200, dtype=np.uint8).tobytes())
    with pytest.raises(df8k.BuildError, match="not a text file"):
        read_names(path)


def test_a_limit_counts_groups_not_files(variants, tmp_path):
    decided = rows(variants, tmp_path / "out", CONFIG.model_copy(update={"limit": 2}))
    assert sum(row["decision"] == "keep" for row in decided.values()) == 2
