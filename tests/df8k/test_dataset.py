"""Reading, by ourselves and by Hugging Face datasets."""

import numpy as np
import pytest

import df8k
from df8k.builder import build
from df8k.config import BuildConfig
from df8k.documents.summary import summarise
from df8k.sources import candidates


@pytest.fixture(scope="module")
def root(pictures, tmp_path_factory):
    out = tmp_path_factory.mktemp("reading") / "dataset"
    build(candidates([str(pictures)]), out, BuildConfig(min_side=64))
    return out


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
@pytest.mark.parametrize("split", ["train", "test"])
def test_hugging_face_datasets_loads_the_same_pixels(root, tmp_path, split):
    import datasets

    loaded = datasets.load_dataset(str(root), split=split, cache_dir=str(tmp_path))
    dataset = df8k.load(root, split=split)
    assert loaded["id"][:] == [sample.id for sample in dataset]
    for row, sample in zip(loaded, dataset, strict=True):
        assert np.array_equal(np.asarray(row["image"]), sample.image)
        if split == "train":
            assert row["mask"] is None
            continue
        mask = np.asarray(row["mask"])
        assert row["image"].size == row["mask"].size
        assert set(np.unique(mask)) == {0, 255}
        assert np.array_equal(mask == 255, sample.mask)
        assert 0.3 <= (mask == 255).mean() <= 0.5


def test_a_dataset_is_a_sequence(root):
    test = df8k.load(root)
    assert [sample.id for sample in test] == sorted(sample.id for sample in test)
    assert [sample.id for sample in test[1:3]] == [test[1].id, test[2].id]
    assert test[-1].id == test[len(test) - 1].id
    with pytest.raises(IndexError):
        test[len(test)]


def test_the_vector_gives_the_stored_mask(root):
    for sample in df8k.load(root):
        assert np.array_equal(sample.vector.rasterize(*sample.image.shape[1::-1]), sample.mask)


def test_errors_say_what_to_do(root, tmp_path, pictures):
    with pytest.raises(df8k.DatasetError, match="not a dataset"):
        df8k.load(tmp_path)
    with pytest.raises(df8k.DatasetError, match="known: train, validation, test"):
        df8k.load(root, split="tset")
    build(candidates([str(pictures)]), tmp_path / "one", BuildConfig(min_side=64, limit=1))
    with pytest.raises(df8k.DatasetError, match="is empty; its counts are train 1"):
        df8k.load(tmp_path / "one")
    path = next(root.glob("validation/images/*.png"))
    data = path.read_bytes()
    path.write_bytes(b"")
    sample = next(sample for sample in df8k.load(root, split="validation") if sample.id == path.stem)
    with pytest.raises(df8k.DatasetError, match="is damaged; df8k verify"):
        _ = sample.image
    path.write_bytes(data)


def test_the_summary_spreads_sizes_and_masks(root):
    summary = summarise(root)
    assert summary["splits"]["test"]["images"] == 4
    assert summary["splits"]["train"]["mask_coverage"] is None
    assert summary["splits"]["test"]["mask_coverage"]["min"] >= 0.3
    assert summary["splits"]["train"]["short_side"]["max"] >= 96
