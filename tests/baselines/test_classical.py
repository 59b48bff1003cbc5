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
