"""Croissant metadata: valid by the reference implementation, and it yields the rows and the pixels."""

import json
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest

import df8k
from df8k.builder import build
from df8k.config import BuildConfig
from df8k.sources import candidates

# rdflib, below mlcroissant, uses what Python 3.11 deprecates.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture(scope="module")
def dataset(pictures, tmp_path_factory):
    out = tmp_path_factory.mktemp("croissant") / "dataset"
    build(candidates([str(pictures)]), out, BuildConfig(min_side=64))
    return out


@pytest.fixture(scope="module")
def croissant():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pytest.importorskip("mlcroissant")


def test_the_metadata_is_valid(dataset, croissant):
    loaded = croissant.Dataset(jsonld=dataset / "croissant.json")
    assert loaded.metadata.issues.errors == set()
    assert {item.id for item in loaded.metadata.record_sets} >= {"train", "test", "test-image", "test-mask"}
    content = json.loads((dataset / "croissant.json").read_text())
    assert set(content["license"]) == {"CC0-1.0", "not stated"}


def test_the_reference_command_validates_it(dataset):
    command = [
        Path(sys.executable).with_name("mlcroissant"),
        "validate",
        "--jsonld",
        dataset / "croissant.json",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "Done." in done.stderr
    assert "error" not in done.stderr


def test_rows_and_pixels_come_out(dataset, croissant):
    loaded = croissant.Dataset(jsonld=dataset / "croissant.json")
    samples = {sample.id: sample for sample in df8k.load(dataset)}
    rows = {row["test/id"].decode(): row for row in loaded.records("test")}
    assert {name: row["test/width"] for name, row in rows.items()} == {
        name: sample.metadata["width"] for name, sample in samples.items()
    }
    pictures = {
        row["test-image/id"].decode(): row["test-image/image"] for row in loaded.records("test-image")
    }
    masks = {row["test-mask/id"].decode(): row["test-mask/mask"] for row in loaded.records("test-mask")}
    assert pictures.keys() == masks.keys() == samples.keys()
    for name, sample in samples.items():
        assert np.array_equal(np.asarray(pictures[name]), sample.image)
        assert np.array_equal(np.asarray(masks[name].convert("L")) > 127, sample.mask)
