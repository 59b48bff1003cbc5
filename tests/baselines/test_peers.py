"""Methods of other packages: what they say when they are absent, too small for a picture, or too slow."""

from importlib.metadata import PackageNotFoundError

import numpy as np
import pytest

import baselines
from baselines.peers import peer

PEERS = [name for name, entry in baselines.methods().items() if entry.peer]
PACKAGED = [name for name in PEERS if not name.startswith("xphoto")]


def loaded(name, **options):
    try:
        return baselines.load(name, **options)
    except baselines.MethodError as error:
        pytest.skip(f"{name}: {error}")


def stripes(height=61, width=83):
    y, x = np.mgrid[0:height, 0:width]
    image = np.stack([128 + 100 * np.sin(x / 3), 128 + 100 * np.sin((x + y) / 5), y * 2], axis=2)
    mask = (abs(y - 30) < 8) & (abs(x - 40) < 11)
    return image.astype(np.uint8), mask


@pytest.mark.parametrize("name", PEERS)
def test_two_processes_give_the_same_bytes(name):
    image, mask = stripes()
    outputs = []
    for _ in range(2):
        method = loaded(name)
        outputs.append(method(image, mask))
        method.close()
    assert np.array_equal(*outputs)
    assert not np.array_equal(outputs[0][mask], np.zeros_like(image[mask]))


@pytest.mark.parametrize("name", PEERS)
def test_a_picture_beyond_its_reach_is_a_failure_that_says_so(name):
    method = loaded(name, megapixels=0.001)
    with pytest.raises(baselines.MethodFailedError, match=rf"{name} is run up to 0.001 megapixels.*83 x 61"):
        method(*stripes())


@pytest.mark.parametrize("name", ["pypatchmatch", "gmic-matchpatch"])
def test_a_call_that_takes_too_long_is_a_timeout(name):
    method = loaded(name, seconds=0.01)
    image = np.random.default_rng(0).integers(0, 256, (300, 300, 3)).astype(np.uint8)
    mask = np.zeros((300, 300), bool)
    mask[60:240, 60:240] = True
    with pytest.raises(baselines.MethodFailedError, match=r"0\.01 s") as caught:
        method(image, mask)
    assert caught.value.kind == "timeout"
    method.close()


@pytest.mark.parametrize("name", PACKAGED)
def test_an_absent_package_is_named(name, monkeypatch):
    def absent(distribution):
        raise PackageNotFoundError(distribution)

    monkeypatch.setattr(peer, "version", absent)
    with pytest.raises(baselines.MethodError, match="is not installed: run pip install"):
        baselines.load(name)


@pytest.mark.parametrize("name", ["xphoto-shiftmap", "xphoto-fsr"])
def test_an_opencv_without_the_module_is_told(name, monkeypatch):
    monkeypatch.delattr("cv2.xphoto")
    with pytest.raises(baselines.MethodError, match="pip install opencv-contrib-python-headless"):
        baselines.load(name)


def test_another_quality_is_refused():
    with pytest.raises(baselines.MethodError, match="fast or best; got 'worst'"):
        baselines.load("xphoto-fsr", quality="worst")


@pytest.mark.parametrize("name", PEERS)
@pytest.mark.parametrize("extent", [(1, 1), (1, 40), (9, 9), (17, 8)])
def test_tiny_pictures_are_filled(name, extent):
    method = loaded(name)
    image = np.full((*extent, 3), 90, np.uint8)
    mask = np.zeros(extent, bool)
    mask[0, 0] = True
    output = method(image, mask)
    assert output.shape == image.shape
    assert np.array_equal(output[~mask], image[~mask])
    method.close()
