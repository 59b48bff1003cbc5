"""Detectors of persons: the weight-free one, the learned one, and anybody's own."""

import hashlib
import json
from dataclasses import replace

import numpy as np
import pyarrow.parquet as pq
import pytest
import torch
from click.testing import CliRunner
from skimage import data
from torchvision.models.detection import fasterrcnn_mobilenet_v3_large_fpn

import df8k
from df8k.builder import build
from df8k.checks import Picture, complete, inspect, persons
from df8k.checks.persons import learned, open_detector, resolve, weight_free
from df8k.cli.weights import weights
from df8k.config import BuildConfig
from df8k.sources import candidates

pytestmark = pytest.mark.usefixtures("store")

OTHERS = ("flat", "blur", "upscaled", "noise", "compression", "border", "document", "grayscale")

FAKE = """
from df8k.checks.persons import Suspicion

class Width:
    name = "width"
    def suspect(self, picture):
        return Suspicion(picture.width / 100 - 1, f"{picture.width} px wide")
"""


@pytest.fixture(scope="module")
def state(tmp_path_factory):
    """A file of the right form with random weights."""
    path = tmp_path_factory.mktemp("state") / "detector.pth"
    with torch.random.fork_rng():
        torch.manual_seed(5)
        model = fasterrcnn_mobilenet_v3_large_fpn(weights=None, weights_backbone=None)
    torch.save(model.state_dict(), path)
    return path


@pytest.fixture
def pinned(state, tmp_path, monkeypatch):
    """The store holds that file, and the pin is its hash."""
    content = state.read_bytes()
    pin = replace(
        persons.WEIGHTS[0], size=len(content), sha256=hashlib.sha256(content).hexdigest(), filename="d.pth"
    )
    for module in (persons, learned):
        monkeypatch.setattr(module, "WEIGHTS", (pin,))
    (tmp_path / "weights" / "d.pth").symlink_to(state)
    return pin


def config(**person) -> BuildConfig:
    return BuildConfig(min_side=64, curation={name: {"off": True} for name in OTHERS} | {"person": person})


def test_a_face_and_a_whole_person_are_seen_without_weights():
    detector = open_detector(resolve("auto"))
    assert detector.name == "hog+faces"
    face = detector.suspect(Picture(data.astronaut()))
    assert 0 <= face.score < 1
    assert "face" in face.finding or "hog response" in face.finding
    portrait = detector.suspect(Picture(np.ascontiguousarray(data.astronaut()[20:260, 100:340])))
    assert portrait.score == pytest.approx(0.5)
    assert "a face of" in portrait.finding
    assert detector.suspect(Picture(data.coffee())).score < 0.5


@pytest.mark.parametrize("shape", [(1, 1), (30, 400), (47, 47), (48, 48), (400, 30), (63, 500)])
def test_tiny_and_narrow_pictures_are_nobody(shape):
    pixels = np.zeros((*shape, 3), np.uint8)
    assert weight_free.WeightFree().suspect(Picture(pixels)).score < 0


def test_a_detector_of_ones_own_decides_and_is_named(pictures, tmp_path, monkeypatch):
    (tmp_path / "own_detector.py").write_text(FAKE)
    monkeypatch.syspath_prepend(tmp_path)
    build(candidates([str(pictures)]), tmp_path / "out", config(detector="own_detector:Width"), workers=2)
    rows = pq.read_table(tmp_path / "out/manifest.parquet").to_pylist()
    looked = [row for row in rows if row["reason"] in {"", "person"}]
    assert {row["reason"] for row in looked} == {"", "person"}
    for row in looked:
        score = row["width"] / 100 - 1
        assert row["score_person_suspicion"] == pytest.approx(score)
        assert (row["reason"] == "person") == (score >= 1)
        finding = f"a person: width, {row['width']} px wide"
        assert row["detail"] == (finding if score >= 1 else "")
        assert row["doubt"] == (f"perhaps {finding}" if 0 <= score < 1 else "")
    described = json.loads((tmp_path / "out/df8k.json").read_text())
    assert described["configuration"]["curation"]["person"]["detector"] == "own_detector:Width"
    uncertain = (tmp_path / "out/review/uncertain-1.html").read_text()
    assert "perhaps a person: width" in uncertain


def test_an_unknown_detector_is_an_error_at_once():
    with pytest.raises(ValueError, match=r"no detector is called 'hogg'.*hog\+faces"):
        complete({"person": {"detector": "hogg"}})
    with pytest.raises(df8k.BuildError, match="'nowhere:Detector' cannot be imported"):
        open_detector("nowhere:Detector")


def test_the_learned_detector_is_taken_when_its_weights_are_here(pinned):
    settings = complete({name: {"off": True} for name in OTHERS})
    assert settings["person"]["detector"] == "faster-rcnn"
    verdict = inspect(Picture(data.coffee()), settings)
    # Random weights see next to nothing; what counts is that the network ran and was asked for persons.
    assert -0.6 <= verdict.scores["person_suspicion"] < 1
    assert verdict.reason in {"", "resolution"}
    assert torch.get_num_threads() >= 1


def test_other_bytes_than_the_pinned_ones_are_not_taken(pinned, tmp_path):
    path = tmp_path / "weights" / "d.pth"
    content = bytearray(path.read_bytes())
    content[1000] ^= 1
    path.unlink()
    path.write_bytes(content)
    assert resolve("auto") == "hog+faces"
    with pytest.raises(df8k.BuildError, match="df8k weights fetch person-detector"):
        open_detector("faster-rcnn")


def test_a_file_that_is_no_state_is_refused(tmp_path):
    (tmp_path / "bad.pth").write_bytes(b"not a state")
    with pytest.raises(df8k.BuildError, match="is not the state of the detector"):
        learned.Learned(tmp_path / "bad.pth")
    torch.save({"weight": torch.zeros(3)}, tmp_path / "other.pth")
    with pytest.raises(df8k.BuildError, match="RuntimeError"):
        learned.Learned(tmp_path / "other.pth")


def test_the_highest_probability_of_class_person_counts(state):
    detector = learned.Learned(state)
    seen = {"scores": torch.tensor([0.99, 0.55, 0.4]), "labels": torch.tensor([17, 1, 1])}
    shapes = []

    def planted(batch):
        shapes.append(tuple(batch[0].shape))
        assert 0 <= float(batch[0].min()) <= float(batch[0].max()) <= 1
        return [seen]

    detector._model = planted
    suspicion = detector.suspect(Picture(np.full((900, 2000, 3), 200, np.uint8)))
    assert suspicion.score == pytest.approx(0.5)
    assert suspicion.finding == "faster-rcnn probability 0.55"
    assert shapes == [(3, 600, 1333)]


def test_the_weights_are_listed_with_their_hash():
    listed = json.loads(CliRunner().invoke(weights, ["list", "--json"]).stdout)["weights"]
    entry = next(item for item in listed if item["name"] == "person-detector")
    assert entry["path"] is None
    assert entry["sha256"].startswith("fb6a3cc7")
    assert entry["size"] == 77_844_807
