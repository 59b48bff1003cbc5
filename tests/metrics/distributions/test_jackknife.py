"""Pseudo-values are those of the set without each picture."""

from dataclasses import replace

import numpy as np
import pytest

import metrics
from metrics.distributions.frechet import fid
from metrics.distributions.kernel_distance import kid
from metrics.distributions.sliced import swd
from metrics.estimate import Samples
from metrics.pair import Pair
from metrics.pyramid_patches import laplacian_patches
from tests.metrics.pictures import blob, noisy, scene


def drawn(pictures, rows, dimensions, name, *, seed=0):
    """Rows that picture and method both move, several of each picture."""
    rng = np.random.default_rng(seed)
    shift = rng.normal(0, 1, (pictures, 1, dimensions))
    sides = [
        (shift + rng.normal(centre, 1, (pictures, rows, dimensions))).reshape(-1, dimensions)
        for centre in (0.3, 0)
    ]
    owners = np.repeat(np.arange(pictures), rows)
    x, y = (side.astype(np.float32) for side in sides)
    return Samples({name: x}, {name: y}, pictures, 0, {name: owners})


def without(samples, name, picture):
    kept = samples.owners[name] != picture
    return Samples(
        {name: samples.predictions[name][kept]}, {name: samples.targets[name][kept]}, samples.pictures - 1, 0
    )


@pytest.mark.parametrize("metric", [kid, fid])
@pytest.mark.parametrize("rows", [1, 4])
def test_features_are_left_out_exactly(metric, rows):
    samples = drawn(12, rows, 8, "features")
    value = metric(samples).value
    left = np.array([metric(without(samples, "features", picture)).value for picture in range(12)])
    assert metric(samples).pseudo_values == pytest.approx(value + 11 * (value - left), rel=1e-8, abs=1e-9)


def test_the_kernel_distance_has_the_deviation_of_its_pseudo_values():
    estimate = kid(drawn(20, 1, 8, "features"))
    spread = np.std(estimate.pseudo_values, ddof=1) / np.sqrt(20)
    assert spread == pytest.approx(estimate.deviation, rel=1e-8)


def test_the_sliced_distance_is_left_out_nearly():
    """Along fewer directions, and with whitening anew: the spread is that of leaving out in full."""
    pairs = []
    for index in range(12):
        target, mask = scene(96, 96, seed=index), blob(96, 96)
        filled = np.where(mask[..., None], noisy(target, 5 * index + 5, seed=index), target)
        pairs.append(laplacian_patches(Pair(filled, target, mask), f"k{index}"))

    def joined(chosen):
        levels = [name for name in pairs[0] if pairs[0][name].shape[1]]
        sides = [
            {name: np.concatenate([pairs[i][name][side] for i in chosen]) for name in levels}
            for side in (0, 1)
        ]
        owners = {
            name: np.repeat(np.arange(len(chosen)), [pairs[i][name].shape[1] for i in chosen])
            for name in levels
        }
        return Samples(*sides, len(chosen), 0, owners)

    whole = swd(joined(range(12)))
    left = np.array([swd(joined([i for i in range(12) if i != out])).value for out in range(12)])
    full, ours = whole.value + 11 * (whole.value - left), np.array(whole.pseudo_values)
    assert np.corrcoef(full, ours)[0, 1] > 0.9
    assert np.std(ours) == pytest.approx(np.std(full), rel=0.2)


def test_without_owners_there_are_none():
    samples = replace(drawn(12, 1, 8, "features"), owners={})
    assert kid(samples).pseudo_values == fid(samples).pseudo_values == ()


def test_they_follow_the_keys_whatever_the_order():
    found = []
    for order in ((0, 1, 2, 3), (2, 0, 3, 1)):
        sets = metrics.accumulate("swd")
        for index in order:
            target, mask = scene(96, 96, seed=index), blob(96, 96)
            sets.update(noisy(target, 10 * index + 5, seed=index), target, mask, key=f"k{index}")
        found.append(sets.compute()["swd"].pseudo_values)
    assert len(found[0]) == 4
    assert found[0] == found[1]
