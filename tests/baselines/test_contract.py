"""What every registered method must keep to; a new method is tested by being registered."""

from time import perf_counter

import numpy as np
import pytest

import baselines
from baselines.base import Closable

CASES = {
    "odd size, hole inside": (63, 97, lambda y, x: (abs(y - 30) < 9) & (abs(x - 50) < 14)),
    "hole over every border": (
        70,
        66,
        lambda y, x: (y < 4) | (y > 64) | (x < 5) | (x > 60) | ((x > 20) & (x < 30)),
    ),
    "one missing pixel": (64, 64, lambda y, x: (y == 31) & (x == 7)),
    "nothing missing": (40, 72, lambda y, _x: y < 0),
    "everything missing": (48, 40, lambda y, _x: y >= 0),
    "one known pixel": (40, 48, lambda y, x: (y != 20) | (x != 30)),
}


@pytest.fixture(scope="module", params=list(baselines.methods()))
def inpaint(request):
    try:
        method = baselines.load(request.param)
    except baselines.MethodError as error:
        assert baselines.methods()[request.param].peer, "only methods of other packages may be absent"
        pytest.skip(f"{request.param}: {error}")
    yield method
    if isinstance(method, Closable):
        method.close()


def example(case):
    height, width, where = CASES[case]
    y, x = np.mgrid[0:height, 0:width]
    image = np.stack([x * 255 // width, y * 255 // height, (x * y) % 256], axis=2).astype(np.uint8)
    return image, where(y, x)


@pytest.mark.parametrize("case", CASES)
def test_known_pixels_shape_and_arguments_are_kept(inpaint, case):
    image, mask = example(case)
    given = image.copy(), mask.copy()
    output = inpaint(image, mask)
    assert output.dtype == np.uint8
    assert output.shape == image.shape
    assert np.array_equal(output[~mask], image[~mask])
    assert np.array_equal(image, given[0])
    assert np.array_equal(mask, given[1])
    assert not np.shares_memory(output, image)


@pytest.mark.parametrize("case", ["odd size, hole inside", "hole over every border", "everything missing"])
def test_what_stands_under_the_hole_has_no_influence(inpaint, case):
    image, mask = example(case)
    other = image.copy()
    other[mask] = np.random.default_rng(0).integers(0, 256, (int(mask.sum()), 3))
    assert np.array_equal(inpaint(image, mask), inpaint(other, mask))


def test_the_card_is_complete(inpaint):
    card = inpaint.card
    assert card.name in baselines.methods()
    assert card.version
    assert card.source
    assert card.licence
    assert (card.parameters > 0) == (card.weights_sha256 is not None or card.untrained)
    assert isinstance(inpaint, baselines.Inpainter)


@pytest.mark.parametrize(
    ("image", "mask"),
    [
        (np.zeros((8, 8, 3), np.float32), np.zeros((8, 8), bool)),
        (np.zeros((8, 8), np.uint8), np.zeros((8, 8), bool)),
        (np.zeros((8, 8, 3), np.uint8), np.zeros((8, 8), np.uint8)),
        (np.zeros((8, 8, 3), np.uint8), np.zeros((8, 9), bool)),
        (np.zeros((0, 8, 3), np.uint8), np.zeros((0, 8), bool)),
    ],
)
def test_wrong_arrays_are_refused(inpaint, image, mask):
    with pytest.raises(baselines.MethodError):
        inpaint(image, mask)


def test_an_unknown_name_offers_the_nearest():
    with pytest.raises(baselines.UnknownMethodError, match=r"did you mean telea\? known: mean, telea"):
        baselines.load("tela")


def test_the_clock_of_the_network_is_part_of_the_call(inpaint):
    if not hasattr(inpaint, "model_seconds"):
        pytest.skip("has no network, or does not tell")
    start = perf_counter()
    inpaint(*example("odd size, hole inside"))
    assert 0 < inpaint.model_seconds < perf_counter() - start
    inpaint(*example("nothing missing"))
    assert inpaint.model_seconds is None
