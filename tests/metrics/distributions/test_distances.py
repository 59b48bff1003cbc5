"""Distances between sets of features against their reference implementations and their algebra."""

import math

import numpy as np
import pytest
import torch
from cleanfid.fid import kernel_distance as clean_fid_kernel_distance
from sklearn.svm import LinearSVC
from torch_fidelity.metric_fid import fid_features_to_statistics, fid_statistics_to_metric
from torch_fidelity.metric_isc import KEY_METRIC_ISC_MEAN, KEY_METRIC_ISC_STD, isc_features_to_metric

from metrics.distributions import kernel_distance as kernel_module
from metrics.distributions.frechet import fid, frechet_distance
from metrics.distributions.inception_score import inception_score, score
from metrics.distributions.kernel_distance import kernel_distance, kid
from metrics.distributions.separability import pids, separating_scores, uids
from metrics.distributions.sliced import sliced_distance, swd
from metrics.estimate import Samples


def gaussian(n, d, *, seed, shift=0.0):
    rng = np.random.default_rng(seed)
    mixing = rng.normal(size=(d, d)) / np.sqrt(d)
    return (rng.normal(size=(n, d)) @ mixing + shift).astype(np.float32)


def samples(x, y, name="features"):
    return Samples({name: x}, {name: y}, len(x), 0)


@pytest.mark.parametrize(("n", "m"), [(400, 300), (40, 300), (40, 50)])
def test_frechet_distance_equals_torch_fidelity(n, m):
    x, y = gaussian(n, 64, seed=1), gaussian(m, 64, seed=2, shift=0.2)
    statistics = (fid_features_to_statistics(torch.from_numpy(rows).double()) for rows in (x, y))
    theirs = fid_statistics_to_metric(*statistics, verbose=False)["frechet_inception_distance"]
    assert frechet_distance(x, y) == pytest.approx(theirs, rel=1e-5)


def test_frechet_distance_of_known_gaussians():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200_000, 3)).astype(np.float32)
    y = (rng.normal(size=(200_000, 3)) * 2 + 1).astype(np.float32)
    assert frechet_distance(x, y) == pytest.approx(3 * 1 + 3 * (2 - 1) ** 2, rel=2e-2)
    assert frechet_distance(x, x) == pytest.approx(0, abs=1e-9)


def test_fid_flags_and_refuses():
    few = gaussian(20, 64, seed=3)
    assert "singular" in fid(samples(few, few)).flags[0]
    assert fid(samples(gaussian(80, 64, seed=3), gaussian(80, 64, seed=4))).flags == ()
    assert fid(samples(few[:1], few[:1])).value is None


def test_kernel_distance_equals_clean_fid_up_to_a_thousand_samples():
    x, y = gaussian(300, 64, seed=1), gaussian(300, 64, seed=2, shift=0.2)
    theirs = clean_fid_kernel_distance(x.astype(np.float64), y.astype(np.float64), num_subsets=1)
    assert kernel_distance(x, y)[0] == pytest.approx(theirs, rel=1e-9)


def test_kernel_distance_over_subsets_agrees_with_the_whole_within_its_deviation(monkeypatch):
    monkeypatch.setattr(kernel_module, "_SUBSET_SIZE", 150)
    x, y = gaussian(300, 16, seed=1), gaussian(300, 16, seed=2, shift=0.1)
    value, deviation = kernel_distance(x, y)
    whole = clean_fid_kernel_distance(x.astype(np.float64), y.astype(np.float64), num_subsets=1)
    assert abs(value - whole) < deviation
    assert kernel_distance(x, y) == (value, deviation)


def test_jackknife_is_leaving_out_one_pair_at_a_time():
    x, y = gaussian(12, 8, seed=1), gaussian(12, 8, seed=2, shift=0.5)
    left_out = [kernel_distance(np.delete(x, i, 0), np.delete(y, i, 0))[0] for i in range(12)]
    assert kernel_distance(x, y)[1] == pytest.approx(math.sqrt(11 * np.var(left_out)), rel=1e-9)


def test_kid_answers_without_a_deviation_when_two_samples_are_all():
    x, y = gaussian(2, 8, seed=1), gaussian(2, 8, seed=2)
    answer = kid(samples(x, y))
    assert answer.value is not None
    assert answer.deviation is None
    assert "few" in answer.flags[0]
    assert kid(samples(x[:1], y[:1])).value is None


def test_inception_score_equals_torch_fidelity():
    logits = gaussian(230, 100, seed=3) * 5
    theirs = isc_features_to_metric(torch.from_numpy(logits), splits=10, shuffle=False)
    value, deviation = inception_score(logits)
    assert value == pytest.approx(theirs[KEY_METRIC_ISC_MEAN], rel=1e-9)
    assert deviation == pytest.approx(theirs[KEY_METRIC_ISC_STD], rel=1e-7)
    assert "uninformative" in score(samples(logits, logits, "logits")).flags[0]
    assert score(samples(logits[:9], logits[:9], "logits")).value is None


def test_separating_scores_equal_scikit_learn():
    fake, real = gaussian(150, 20, seed=1), gaussian(150, 20, seed=2, shift=0.15)
    rows, sides = np.concatenate([fake, real]), np.repeat([0, 1], 150)
    machine = LinearSVC(dual=False, tol=1e-12, max_iter=100_000).fit(rows, sides)
    ours = separating_scores(fake, real)
    np.testing.assert_allclose(np.concatenate(ours), machine.decision_function(rows), atol=1e-4)
    assert uids(samples(fake, real)).value == pytest.approx(1 - machine.score(rows, sides))
    decisions = machine.decision_function(fake) > machine.decision_function(real)
    assert pids(samples(fake, real)).value == pytest.approx(decisions.mean())


def test_paired_and_unpaired_scores_fit_one_machine(monkeypatch):
    fits = []

    def counted(fake, real):
        fits.append(len(fake))
        return separating_scores(fake, real)

    monkeypatch.setattr("metrics.distributions.separability.separating_scores", counted)
    both = samples(gaussian(30, 4, seed=1), gaussian(30, 4, seed=2))
    assert pids(both).value is not None
    assert uids(both).value is not None
    assert fits == [30]


def test_separability_is_nil_far_apart_and_half_at_home():
    near, far = gaussian(100, 4, seed=1), gaussian(100, 4, seed=1, shift=50)
    assert uids(samples(near, far)).value == 0
    assert uids(samples(near, near)).value == pytest.approx(0.5)
    assert "always be told apart" in uids(samples(near[:2], far[:2])).flags[0]


def test_sliced_distance_against_a_plain_loop():
    x, y = gaussian(60, 12, seed=1), gaussian(60, 12, seed=2, shift=0.3)
    generator = np.random.Generator(np.random.Philox(0))
    directions = generator.standard_normal((12, 512))
    distances = []
    for direction in (directions / np.linalg.norm(directions, axis=0)).T:
        a, b = sorted(float(row @ direction) for row in x), sorted(float(row @ direction) for row in y)
        distances.append(np.mean([abs(p - q) for p, q in zip(a, b, strict=True)]))
    assert sliced_distance(x, y) == pytest.approx(np.mean(distances), rel=1e-6)


def test_sliced_distance_of_shifted_points_is_the_mean_projection_of_the_shift():
    x = np.zeros((5, 3), np.float32)
    shift = np.array([3.0, 0, 4.0], np.float32)
    # The mean length of a unit vector's projection in three dimensions is one half.
    assert sliced_distance(x, x + shift) == pytest.approx(2.5, rel=0.1)


def test_swd_refuses_an_empty_set():
    none = np.empty((0, 147), np.float32)
    answer = swd(samples(none, none, "level0"))
    assert answer.value is None
    assert "no picture has a hole" in answer.reason
