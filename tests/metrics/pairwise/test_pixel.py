"""L1, MSE and PSNR against numpy, scikit-image and their algebra."""

from math import log10

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage.metrics import mean_squared_error, peak_signal_noise_ratio

import metrics
from metrics.pairwise.pixel import PSNR_IDENTICAL
from tests.metrics.pictures import blob, composite, noisy, scene


def test_values_equal_scikit_image_and_numpy():
    target = scene(301, 257)
    prediction, mask = noisy(target, 12), blob(301, 257)
    scores = metrics.compute(prediction, target, mask, names=["l1", "mse", "psnr"])
    error = prediction.astype(np.float64) - target
    assert scores["psnr.full"] == pytest.approx(
        peak_signal_noise_ratio(target, prediction, data_range=255), rel=1e-12
    )
    assert scores["mse.full"] == pytest.approx(mean_squared_error(target, prediction) / 255**2, rel=1e-12)
    assert scores["l1.hole"] == pytest.approx(np.abs(error[mask]).mean() / 255, rel=1e-12)
    assert scores["mse.hole"] == pytest.approx((error[mask] ** 2).mean() / 255**2, rel=1e-12)


def test_identical_pictures_have_the_documented_value():
    target = scene(40, 40)
    scores = metrics.compute(target, target, blob(40, 40), names=["l1", "mse", "psnr"])
    assert {scores[f"psnr.{region}"] for region in ("full", "hole", "band")} == {PSNR_IDENTICAL}
    assert {scores[f"{name}.full"] for name in ("l1", "mse")} == {0.0}


def test_no_two_different_pictures_reach_the_value_of_identical_ones():
    samples = 10**10
    assert -10 * log10(1 / (255**2 * samples)) < PSNR_IDENTICAL


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6), radius=st.integers(0, 20), sigma=st.floats(1, 60))
def test_full_psnr_of_a_composite_is_hole_psnr_less_the_share(seed, radius, sigma):
    target = scene(45, 52, seed=seed % 7)
    y, x = np.mgrid[:45, :52]
    mask = (y - seed % 45) ** 2 + (x - seed % 52) ** 2 <= radius**2
    prediction = composite(noisy(target, sigma, seed=seed), target, mask)
    prediction[seed % 45, seed % 52] ^= 1
    scores = metrics.compute(prediction, target, mask, names=["psnr", "l1"])
    share = mask.mean()
    assert scores["psnr.full"] == pytest.approx(scores["psnr.hole"] - 10 * log10(share), abs=1e-10)
    assert scores["l1.full"] == pytest.approx(scores["l1.hole"] * share, rel=1e-12)


def test_the_band_is_the_rim_of_the_hole():
    mask = np.zeros((64, 64), bool)
    mask[10:50, 10:50] = True
    target = np.zeros((64, 64, 3), np.uint8)
    prediction = target.copy()
    prediction[18:42, 18:42] = 255  # deeper than eight pixels
    scores = metrics.compute(prediction, target, mask, names=["l1"])
    assert scores["l1.band"] == 0
    assert scores["l1.hole"] == pytest.approx(24**2 / 40**2)
    prediction[17, 20] = 255
    scores = metrics.compute(prediction, target, mask, names=["l1"])
    assert scores["l1.band"] == pytest.approx(1 / (40**2 - 24**2))
