"""The public surface: names, keys, errors, and answers where there is no number."""

import subprocess
import sys

import numpy as np
import pytest

import metrics

from .pictures import blob, noisy, scene

PAIRWISE = [spec for spec in metrics.list_metrics() if spec.kind == "pairwise"]


def test_keys_come_in_the_order_asked_for():
    target = scene(40, 50)
    scores = metrics.compute(noisy(target, 5), target, blob(40, 50), names=["psnr", "l1"])
    assert list(scores) == ["psnr.full", "psnr.hole", "psnr.band", "l1.full", "l1.hole", "l1.band"]
    assert scores.reasons == {}


def test_a_metric_is_found_by_name_and_by_variant():
    assert metrics.get("ssim") is metrics.get("ssim-g11s1.5-rgb-valid-v1")
    assert metrics.get("ssim").higher_is_better is True
    assert metrics.get("l1").keys == ("l1.full", "l1.hole", "l1.band")


def test_an_unknown_name_is_answered_with_the_nearest():
    with pytest.raises(metrics.UnknownMetricError, match=r"'ssmi'.*did you mean ssim.*known: l1, mse"):
        metrics.get("ssmi")


def test_listing_and_pixel_metrics_import_no_torch():
    code = (
        "import sys, numpy as np, metrics; metrics.list_metrics();"
        "assert not {'torch', 'numba', 'lpips'} & set(sys.modules);"
        "image = np.zeros((20, 20, 3), np.uint8);"
        "metrics.compute(image, image, np.ones((20, 20), bool)); assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"prediction": np.zeros((8, 9, 3), np.float32)}, "prediction must be uint8 RGB.*float32"),
        ({"target": np.zeros((8, 9), np.uint8)}, r"target must be uint8 RGB.*\(8, 9\)"),
        ({"prediction": np.zeros((8, 10, 3), np.uint8)}, "prediction is 10 x 8 but target is 9 x 8"),
        ({"mask": np.zeros((8, 9), np.uint8)}, "mask must be bool.*uint8"),
        ({"mask": np.zeros((9, 8), bool)}, r"mask must be bool of shape \(8, 9\)"),
        ({"mask": None}, "got NoneType"),
    ],
)
def test_wrong_arrays_are_refused(change, message):
    arrays = {
        "prediction": np.zeros((8, 9, 3), np.uint8),
        "target": np.zeros((8, 9, 3), np.uint8),
        "mask": np.zeros((8, 9), bool),
    }
    with pytest.raises(metrics.MetricError, match=message):
        metrics.compute(**(arrays | change), names=["l1"])


def test_empty_pictures_are_refused():
    image = np.zeros((0, 9, 3), np.uint8)
    with pytest.raises(metrics.MetricError, match="empty"):
        metrics.compute(image, image, np.zeros((0, 9), bool), names=["l1"])


def test_a_picture_without_a_hole_has_no_value_there_and_says_why():
    target = scene(40, 40)
    scores = metrics.compute(noisy(target, 5), target, np.zeros((40, 40), bool))
    for name in ("l1", "psnr", "ssim"):
        assert scores[f"{name}.full"] is not None
        assert scores[f"{name}.hole"] is None
        assert "no missing pixel" in scores.reasons[f"{name}.hole"]


def test_a_picture_smaller_than_the_window_has_no_ssim():
    target = scene(10, 40)
    scores = metrics.compute(target, target, np.ones((10, 40), bool))
    assert scores["ssim.full"] is None
    assert "smaller than the metric's window" in scores.reasons["ssim.full"]
    assert scores["l1.full"] == 0


def test_a_fully_missing_picture_has_equal_values_everywhere():
    target = scene(40, 40)
    scores = metrics.compute(noisy(target, 5), target, np.ones((40, 40), bool))
    for name in ("l1", "psnr", "ssim"):
        assert scores[f"{name}.full"] == scores[f"{name}.hole"]
    assert scores["l1.band"] is None  # no known pixel, so no rim


@pytest.mark.parametrize("spec", PAIRWISE, ids=lambda spec: spec.name)
def test_a_hole_of_one_pixel_is_a_number_or_says_why_not(spec):
    target = scene(70, 75)
    mask = np.zeros((70, 75), bool)
    mask[33, 36] = True
    scores = metrics.compute(noisy(target, 5), target, mask, names=[spec.name])
    for key, value in scores.items():
        assert (value is None) == (key in scores.reasons)
        if value is not None:
            assert spec.range[0] <= value <= spec.range[1]


def test_inputs_are_not_changed():
    target = scene(40, 40)
    prediction, mask = noisy(target, 5), blob(40, 40)
    copies = target.copy(), prediction.copy(), mask.copy()
    metrics.compute(prediction, target, mask)
    for array, copy in zip((target, prediction, mask), copies, strict=True):
        np.testing.assert_array_equal(array, copy)


def test_views_with_strides_give_the_same_values():
    target = scene(60, 80)
    prediction, mask = noisy(target, 5), blob(60, 80)
    flipped = metrics.compute(prediction[::-1, ::-1], target[::-1, ::-1], mask[::-1, ::-1])
    straight = metrics.compute(prediction, target, mask)
    assert flipped == pytest.approx(straight, rel=1e-12)
