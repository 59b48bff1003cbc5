"""Packed forms: the same pixels, rows and splits, in shards of bounded size."""

import datasets
import numpy as np
import pyarrow.parquet as pq
import pytest

import df8k
from df8k.builder import build
from df8k.config import BuildConfig
from df8k.publishing import pack as packing
from df8k.publishing.pack import pack
from df8k.sources import candidates


@pytest.fixture(scope="module")
def dataset(pictures, tmp_path_factory):
    out = tmp_path_factory.mktemp("pack") / "dataset"
    build(candidates([str(pictures)]), out, BuildConfig(min_side=64))
    return out


def loaded(folder, split, cache):
    return datasets.load_dataset(str(folder), split=split, cache_dir=str(cache))


@pytest.mark.parametrize("form", ["plain", "parquet", "webdataset"])
def test_every_form_gives_the_same_pixels(dataset, tmp_path, form):
    folder = dataset
    if form != "plain":
        folder = tmp_path / "packed"
        pack(dataset, folder, form)
    assert "figures/resolution.svg" in (folder / "README.md").read_text()
    assert (folder / "figures/resolution.svg").read_bytes() == (
        dataset / "figures/resolution.svg"
    ).read_bytes()
    assert (folder / "DATASHEET.md").is_file()
    for split in ("train", "test"):
        rows = loaded(folder, split, tmp_path / "cache")
        samples = {sample.id: sample for sample in df8k.load(dataset, split=split)}
        seen = set()
        for row in rows:
            sample = samples[row["json"]["id"] if form == "webdataset" else row["id"]]
            seen.add(sample.id)
            image = row["png" if form == "webdataset" else "image"]
            assert np.array_equal(np.asarray(image), sample.image)
            if split == "test":
                mask = row["mask.png" if form == "webdataset" else "mask"]
                assert np.array_equal(np.asarray(mask) > 127, sample.mask)
        assert seen == set(samples)


@pytest.mark.parametrize("form", ["parquet", "webdataset"])
def test_shards_and_row_groups_are_bounded_and_reproducible(dataset, tmp_path, monkeypatch, form):
    monkeypatch.setattr(packing, "SHARD_BYTES", 150_000)
    monkeypatch.setattr(packing, "ROW_GROUP_BYTES", 60_000)
    shards = pack(dataset, tmp_path / "one", form)
    assert len(shards) > 3
    assert max(path.stat().st_size for path in shards) < 250_000
    if form == "parquet":
        assert any(pq.ParquetFile(path).num_row_groups > 1 for path in shards)
    before = {path: path.stat().st_mtime_ns for path in shards}
    shards[1].unlink()
    assert pack(dataset, tmp_path / "one", form) == shards
    changed = [path for path in shards if path.stat().st_mtime_ns != before[path]]
    assert changed == [shards[1]]
    again = pack(dataset, tmp_path / "two", form)
    assert [path.read_bytes() for path in again] == [path.read_bytes() for path in shards]


def test_previews_are_small_pictures_of_their_images(dataset, tmp_path):
    pack(dataset, tmp_path / "out", "parquet")
    row = loaded(tmp_path / "out", "test", tmp_path / "cache")[0]
    assert max(row["preview"].size) <= 512
    preview, image = (np.asarray(row[name], float).ravel() for name in ("preview", "image"))
    assert np.corrcoef(preview, image)[0, 1] > 0.9


def test_what_cannot_be_packed_says_why(dataset, tmp_path):
    with pytest.raises(df8k.DatasetError, match="no form is called 'rar'"):
        pack(dataset, tmp_path / "out", "rar")
    with pytest.raises(df8k.DatasetError, match="not a dataset"):
        pack(tmp_path, tmp_path / "out", "parquet")
