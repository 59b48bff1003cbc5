"""What every metric promises, walked over the registry: a new metric is tested by existing."""

import numpy as np
import pytest

import metrics
from metrics import pair as pair_module

from .pictures import blob, composite, noisy, scene

SPECS = [spec for spec in metrics.list_metrics() if spec.kind == "pairwise" and not spec.weights]
ONE = ("ssim", "ms-ssim", "haarpsi", "energy.ratio", "seam.ratio")
IDENTICAL = {"psnr": 150.0, **dict.fromkeys(ONE, 1.0)}
STRIPED = ("pixel", "ssim", "gmsd", "haarpsi", "energy", "seam", "known_drift")
SYMMETRIC = {"l1", "mse", "psnr", "ssim", "ms-ssim", "gmsd", "haarpsi", "known-drift"}

names = pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)


def scores_of(prediction, target, mask, spec):
    return metrics.compute(prediction, target, mask, names=[spec.name])


@names
@pytest.mark.parametrize("shape", [(181, 203), (256, 192)])
def test_identical_pictures_have_the_best_value(spec, shape):
    target, mask = scene(*shape), blob(*shape)
    for key, value in scores_of(target, target, mask, spec).items():
        assert value == pytest.approx(IDENTICAL.get(key, IDENTICAL.get(spec.name, 0.0)), abs=1e-12)


@names
def test_values_stay_in_range_and_keys_match(spec):
    target, mask = scene(190, 200), blob(190, 200)
    for prediction in (noisy(target, 90), 255 - target):
        scores = scores_of(prediction, target, mask, spec)
        assert tuple(scores) == spec.keys
        assert all(spec.range[0] <= value <= spec.range[1] for value in scores.values())


@pytest.mark.parametrize("name", sorted(SYMMETRIC))
def test_symmetric_metrics_do_not_ask_which_is_the_original(name):
    target, mask = scene(190, 200), blob(190, 200)
    prediction = noisy(target, 15)
    one = metrics.compute(prediction, target, mask, names=[name])
    other = metrics.compute(target, prediction, mask, names=[name])
    assert one == pytest.approx(other, rel=1e-12)


@names
def test_more_noise_is_never_better(spec):
    target, mask = scene(190, 200), blob(190, 200)
    series = [scores_of(noisy(target, sigma, seed=3), target, mask, spec) for sigma in (2, 6, 14, 30, 60)]
    for key in spec.keys:
        values = [scores[key] for scores in series]
        ordered = sorted(values, reverse=spec.higher_is_better is True)
        assert values == ordered, key


@names
def test_the_height_of_the_strips_never_changes_a_value(spec, monkeypatch):
    target, mask = scene(190, 200), blob(190, 200)
    prediction = composite(noisy(target, 25), target, mask)
    usual = scores_of(prediction, target, mask, spec)
    original = pair_module.in_strips
    for height in (1, 13, 1000):
        for module in ("halving", *(f"pairwise.{name}" for name in STRIPED)):
            monkeypatch.setattr(
                f"metrics.{module}.in_strips", lambda work, rows, _, h=height: original(work, rows, h)
            )
        assert scores_of(prediction, target, mask, spec) == pytest.approx(usual, rel=1e-12)


@names
def test_a_flipped_pair_with_a_flipped_hole_has_flipped_values(spec):
    target, mask = scene(192, 224), blob(192, 224)
    prediction = noisy(target, 15)
    straight = scores_of(prediction, target, mask, spec)
    arrays = (np.ascontiguousarray(array[:, ::-1]) for array in (prediction, target, mask))
    # HaarPSI's even windows have no centre, so its regions move by one sample under a flip.
    tolerance = 2e-2 if spec.name == "haarpsi" else 1e-10
    assert scores_of(*arrays, spec) == pytest.approx(straight, rel=tolerance)
