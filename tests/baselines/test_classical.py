"""The floor of the table."""

import cv2
import numpy as np
import pytest

import baselines


@pytest.fixture
def picture():
    y, x = np.mgrid[0:48, 0:64]
    image = np.stack([x * 4, y * 5, (x + y) * 2], axis=2).astype(np.uint8)
    mask = (x - 30) ** 2 + (y - 22) ** 2 < 150
    return image, mask


def test_mean_is_the_rounded_mean_of_the_known_region(picture):
    image, mask = picture
    output = baselines.load("mean")(image, mask)
    expected = np.rint(image[~mask].astype(np.float64).mean(axis=0))
    assert (output[mask] == expected).all()
    assert np.array_equal(output[~mask], image[~mask])


def test_mean_of_nothing_is_grey(picture):
    image, mask = picture
    assert (baselines.load("mean")(image, np.ones_like(mask)) == 128).all()


@pytest.mark.parametrize(("name", "flag"), [("telea", cv2.INPAINT_TELEA), ("ns", cv2.INPAINT_NS)])
def test_opencv_methods_are_opencv_s_on_the_zeroed_picture(picture, name, flag):
    image, mask = picture
    zeroed = np.where(mask[..., None], 0, image).astype(np.uint8)
    expected = cv2.inpaint(zeroed[..., ::-1].copy(), mask.astype(np.uint8) * 255, 3, flag)[..., ::-1]
    assert np.array_equal(baselines.load(name)(image, mask), expected)


def test_a_smooth_picture_is_filled_smoothly(picture):
    image, mask = picture

    def error(name):
        return np.abs(baselines.load(name)(image, mask)[mask].astype(int) - image[mask]).mean()

    assert max(error("telea"), error("ns")) < 0.6 * error("mean")
    assert error("harmonic") < 2  # a plane is harmonic


@pytest.mark.parametrize("name", ["mean", "telea", "ns", "harmonic", "patchmatch", "random-sources"])
def test_pictures_of_a_few_pixels_always_get_the_same_answer(name):
    """OpenCV reads behind pictures a pixel high or wide: memory is stirred between calls."""
    method = baselines.load(name)
    random = np.random.default_rng(7)
    for height, width in [(1, 1), (1, 2), (2, 1), (1, 7), (7, 1), (1, 40), (40, 1), (2, 3), (3, 2), (5, 9)]:
        image = random.integers(0, 256, (height, width, 3), dtype=np.uint8)
        mask = random.random((height, width)) < 0.5
        image[mask] = 0
        answers = set()
        for stir in range(6):
            answers.add(method(image.copy(), mask.copy()).tobytes())
            _ = [np.full(100 * size + stir, 40 * stir, np.uint8) for size in range(1, 30)]
        assert len(answers) == 1, (height, width)
