"""Accumulation over a dataset: order, processes, interruptions and hole-centred sampling."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import metrics
from metrics.hole_points import hole_points
from metrics.pair import Pair
from metrics.pyramid_patches import LEVELS, PATCHES, laplacian_patches

from .pictures import blob, composite, noisy, scene


def pictures(count, sigma=25):
    for index in range(count):
        shape = (90 + 7 * index, 120 - 5 * index)
        target, mask = scene(*shape, seed=index), blob(*shape)
        yield composite(noisy(target, sigma, seed=index), target, mask), target, mask, f"id{index}"


def accumulated(items):
    accumulator = metrics.accumulate("swd")
    for item in items:
        accumulator.update(*item)
    return accumulator


def test_order_processes_and_interruptions_change_no_byte():
    items = list(pictures(5))
    whole = accumulated(items)
    backwards = accumulated(reversed(items))
    first, second = accumulated(items[3:]), accumulated(items[:3])
    first.merge(second)
    resumed = metrics.accumulate("swd")
    resumed.restore(accumulated(items[:2]).state())
    assert resumed.keys == {"id0", "id1"}
    for item in items:
        if item[3] not in resumed.keys:
            resumed.update(*item)
    assert whole.state() == backwards.state() == first.state() == resumed.state()
    assert whole.compute() == resumed.compute()


def test_identical_sets_are_at_distance_nil_and_noise_moves_them_apart():
    values = [accumulated(pictures(4, sigma)).compute()["swd"].value for sigma in (0, 10, 40)]
    assert values[0] == 0
    assert values == sorted(values)


def test_few_patches_are_flagged_and_counted():
    answer = accumulated(pictures(2)).compute()["swd"]
    assert answer.n == 2 * PATCHES
    assert "few" in answer.flags[0]
    assert set(answer.settings) == {"level0", "level1"}


def test_pictures_without_a_hole_are_counted():
    items = list(pictures(2))
    prediction, target, mask, _ = items[0]
    accumulator = accumulated([*items, (prediction, target, np.zeros_like(mask), "known")])
    answer = accumulator.compute()["swd"]
    assert answer.n == 2 * PATCHES
    assert "1 of 3 pictures gave no sample" in answer.flags[-1]


def test_nothing_added_is_an_answer_not_an_error():
    empty = metrics.accumulate("swd")
    assert empty.compute()["swd"].reason == "no picture was added"
    other = metrics.accumulate("swd")
    other.restore(empty.state())
    assert other.keys == frozenset()


def test_misuse_is_told():
    items = list(pictures(2))
    accumulator = accumulated(items)
    with pytest.raises(metrics.MetricError, match="'id0' was added before"):
        accumulator.update(*items[0])
    with pytest.raises(metrics.MetricError, match="both states hold 2 pictures, such as 'id0'"):
        accumulator.merge(accumulated(items))
    with pytest.raises(metrics.MetricError, match=r"use metrics\.compute"):
        metrics.accumulate(["swd", "psnr"])
    with pytest.raises(metrics.MetricError, match=r"use metrics\.accumulate"):
        metrics.compute(*items[0][:3], names=["swd"])
    for damaged in (b"", b"nonsense", accumulator.state()[:-9]):
        with pytest.raises(metrics.MetricError, match="not a saved state"):
            metrics.accumulate("swd").restore(damaged)


def test_states_of_other_versions_are_refused():
    state = accumulated(pictures(1)).state()
    with pytest.raises(metrics.MetricError, match="other metrics, versions or weights"):
        metrics.accumulate("swd").restore(state.replace(b"swd-laplace-4x32-7-v1", b"swd-laplace-4x32-7-v0"))


@settings(max_examples=30, deadline=None)
@given(key=st.text(max_size=9), seed=st.integers(0, 99))
def test_hole_points_lie_in_the_hole_and_depend_on_the_key_alone(key, seed):
    mask = np.random.default_rng(seed).random((23, 31)) < 0.1
    points = hole_points(mask, 12, key=key)
    assert mask[points[:, 0], points[:, 1]].all()
    np.testing.assert_array_equal(points, hole_points(mask, 12, key=key))
    assert hole_points(np.zeros((3, 3), bool), 5, key=key).shape == (0, 2)


def test_hole_points_are_spread_evenly():
    mask = np.zeros((10, 20), bool)
    mask[2:4, 5:15] = True
    points = hole_points(mask, 20_000, key="x")
    counts = np.unique(points, axis=0, return_counts=True)[1]
    assert len(counts) == 20
    assert counts.min() > 850


def test_patches_are_those_of_a_plain_laplacian_pyramid():
    target = scene(704, 912)
    mask = np.zeros((704, 912), bool)
    mask[333, 401] = True
    pair = Pair(target[::-1].copy(), target, mask)
    found = laplacian_patches(pair, "key")
    fine = target.astype(np.float32)
    for level in range(LEVELS):
        coarse = cv2.pyrDown(fine)
        laplacian = fine - cv2.pyrUp(coarse)
        y, x = 333 // 2**level - 3, 401 // 2**level - 3
        expected = laplacian[y : y + 7, x : x + 7].reshape(-1)
        assert found[f"level{level}"].shape == (2, PATCHES, 147)
        np.testing.assert_allclose(found[f"level{level}"][1, 0], expected, atol=2e-4)
        fine = coarse
