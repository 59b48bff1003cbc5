"""SSIM against scikit-image, over the whole picture and over its regions."""

import cv2
import numpy as np
import pytest
from skimage.metrics import structural_similarity

import metrics
from tests.metrics.pictures import blob, composite, noisy, scene


def reference(prediction, target):
    """Value and map of scikit-image with the settings of the variant's name."""
    return structural_similarity(
        prediction,
        target,
        gaussian_weights=True,
        sigma=1.5,
        use_sample_covariance=False,
        data_range=255,
        channel_axis=2,
        full=True,
    )


@pytest.mark.parametrize("shape", [(11, 11), (12, 200), (64, 139), (333, 471)])
def test_every_region_equals_scikit_image(shape):
    target = scene(*shape)
    prediction, mask = noisy(target, 20), blob(*shape)
    mask[5, 5] = True
    scores = metrics.compute(prediction, target, mask, names=["ssim"])
    value, full_map = reference(prediction, target)
    inner, inner_mask = full_map[5:-5, 5:-5], mask[5:-5, 5:-5]
    wide = cv2.dilate(mask.view(np.uint8), np.ones((11, 11), np.uint8))[5:-5, 5:-5] > 0
    assert scores["ssim.full"] == pytest.approx(value, rel=1e-10)
    assert scores["ssim.hole"] == pytest.approx(inner[inner_mask].mean(), rel=1e-10)
    assert scores["ssim.hole-wide"] == pytest.approx(inner[wide].mean(), rel=1e-10)


def test_flat_bright_regions_do_not_cancel():
    target = np.full((80, 80, 3), 254, np.uint8)
    prediction = target.copy()
    prediction[::7, ::5] = 255
    scores = metrics.compute(prediction, target, np.ones((80, 80), bool), names=["ssim"])
    assert scores["ssim.full"] == pytest.approx(reference(prediction, target)[0], rel=1e-10)


def test_skipping_equal_tiles_changes_nothing():
    target = scene(300, 700)
    mask = np.zeros((300, 700), bool)
    mask[100:180, 300:420] = True
    prediction = composite(noisy(target, 25), target, mask)
    scores = metrics.compute(prediction, target, mask, names=["ssim"])
    assert scores["ssim.full"] == pytest.approx(reference(prediction, target)[0], rel=1e-12)


def test_the_number_of_threads_changes_no_bit(monkeypatch):
    target = scene(400, 300)
    prediction, mask = noisy(target, 10), blob(400, 300)
    values = []
    for count in ("1", "3"):
        monkeypatch.setenv("OMP_NUM_THREADS", count)
        values.append(dict(metrics.compute(prediction, target, mask, names=["l1", "psnr", "ssim"])))
    assert values[0] == values[1]
