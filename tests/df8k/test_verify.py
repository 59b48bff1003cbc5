"""Verification: every kind of damage is found and named."""

import json
import shutil

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

import df8k
import masks
from df8k.builder import build
from df8k.config import BuildConfig
from df8k.sources import candidates
from df8k.verification import verify


@pytest.fixture(scope="module")
def pristine(pictures, tmp_path_factory):
    out = tmp_path_factory.mktemp("verify") / "dataset"
    build(candidates([str(pictures)]), out, BuildConfig(min_side=64))
    return out


@pytest.fixture
def dataset(pristine, tmp_path):
    return shutil.copytree(pristine, tmp_path / "dataset")


def findings(dataset):
    return "\n".join(map(str, verify(dataset)))


def edit(path, column, value, row=0):
    table = pq.read_table(path)
    values = table[column].to_pylist()
    values[row] = value
    index = table.column_names.index(column)
    pq.write_table(table.set_column(index, column, pa.array(values, table.schema.field(column).type)), path)


def test_a_changed_pixel_is_found(dataset):
    path = next(dataset.glob("train/images/*.png"))
    pixels = np.asarray(Image.open(path)).copy()
    pixels[0, 0, 0] ^= 1
    Image.fromarray(pixels).save(path)
    assert f"train/images/{path.name}: its SHA-256 is" in findings(dataset)
    assert "its pixels' SHA-256 is" in findings(dataset)


def test_a_changed_pixel_is_found_even_when_the_hash_was_edited_with_it(dataset):
    from hashlib import sha256

    row = df8k.load(dataset, split="train")[0].metadata
    path = dataset / "train" / row["file_name"]
    pixels = np.asarray(Image.open(path)).copy()
    pixels[0, 0, 0] ^= 1
    Image.fromarray(pixels).save(path)
    edit(dataset / "train/metadata.parquet", "sha256", sha256(path.read_bytes()).hexdigest())
    assert findings(dataset).count("its pixels' SHA-256 is") == 1


def test_absent_cut_and_strange_files_are_found(dataset):
    images = sorted(dataset.glob("train/images/*.png"))
    images[0].unlink()
    images[1].write_bytes(images[1].read_bytes()[:100])
    (dataset / "train/images/holiday.png").write_bytes(b"x")
    problems = findings(dataset)
    assert f"{images[0].name}: absent" in problems
    assert f"{images[1].name}: does not decode" in problems
    assert "holiday.png: belongs to no image" in problems


def test_a_changed_mask_is_found(dataset):
    path = next(dataset.glob("test/masks/*.png"))
    mask = np.asarray(Image.open(path)).copy()
    mask[0, 0] = 255 - mask[0, 0]
    Image.fromarray(mask).save(path)
    assert f"{path.name}: differs from its vector in 1 pixels" in findings(dataset)


def test_an_edited_vector_is_found(dataset):
    first, second = df8k.load(dataset, split="test")[:2]
    edit(dataset / "test/metadata.parquet", "mask_json", second.metadata["mask_json"])
    assert "cannot be drawn at" in findings(dataset)
    same_aspect = masks.synthesize(aspect=first.image.shape[1::-1], preset="df8k", key="another")
    edit(dataset / "test/metadata.parquet", "mask_json", same_aspect.json)
    assert "its vector's SHA-256 is" in findings(dataset)
    assert "differs from its vector" in findings(dataset)


def test_a_moved_image_is_found(dataset):
    table = pq.read_table(dataset / "train/metadata.parquet")
    pq.write_table(table.slice(1), dataset / "train/metadata.parquet")
    problems = findings(dataset)
    assert "11 rows, df8k.json says 12" in problems
    assert "the fingerprint of the tables is" in problems
    assert "its kept images are not those" in problems


def test_a_table_cannot_name_files_outside(dataset):
    edit(dataset / "test/metadata.parquet", "file_name", "../../../etc/passwd")
    assert "names '../../../etc/passwd'" in findings(dataset)


def test_an_edited_fingerprint_and_a_damaged_description_are_found(dataset):
    path = dataset / "df8k.json"
    content = json.loads(path.read_text())
    path.write_text(json.dumps(content | {"fingerprint": "0" * 64}))
    assert "it says 000" in findings(dataset)
    path.write_text(json.dumps(content | {"counts": "many"}))
    with pytest.raises(df8k.DatasetError, match=r"df8k.json is damaged: counts"):
        verify(dataset)
    path.write_text(json.dumps(content | {"format_version": 99}))
    with pytest.raises(df8k.DatasetError, match="has format 99"):
        verify(dataset)
    path.unlink()
    with pytest.raises(df8k.DatasetError, match="it is not a dataset"):
        verify(dataset)


def test_a_damaged_table_is_one_problem_not_a_crash(dataset):
    (dataset / "test/metadata.parquet").write_bytes(b"PAR1")
    assert "test/metadata.parquet" in findings(dataset)
