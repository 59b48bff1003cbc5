"""Ties with the best are those that paired images cannot tell apart."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leaderboard.results.per_image import read_arrays
from leaderboard.results.schema import read_result
from leaderboard.site import board
from leaderboard.statistics.paired import holm
from leaderboard.statistics.ties import LEVEL, pairwise_tests, tied_with_best


def test_a_constant_difference_is_no_tie_although_the_intervals_of_the_means_overlap():
    rng = np.random.Generator(np.random.Philox(key=1))
    hard = rng.normal(10, 5, 40)
    noise = rng.normal(0, 1, 40)
    values = {"a": hard, "b": hard + 0.5, "c": hard + noise - noise.mean() + 0.01}
    assert tied_with_best(values, higher_is_better=False) == {"a", "c"}
    assert tied_with_best(values, higher_is_better=True) == {"b"}


def test_the_rule_is_that_of_compare_with_its_correction():
    """Of many methods that are equal, none may be called worse by chance."""
    rng = np.random.Generator(np.random.Philox(key=2))
    hard = rng.normal(10, 5, 30)
    values = {f"m{index}": hard + rng.normal(0, 1, 30) for index in range(12)}
    pairs = pairwise_tests(values)
    assert len(pairs) == 66
    assert min(pair.paired.p for pair in pairs) < LEVEL  # uncorrected, chance would tell some apart
    adjusted = holm([pair.paired.p for pair in pairs])
    best = max(values, key=lambda name: values[name].mean())
    tied = {best} | {
        name
        for pair, p in zip(pairs, adjusted, strict=True)
        for name in (pair.first, pair.second)
        if best in {pair.first, pair.second} and p >= LEVEL
    }
    assert tied_with_best(values, higher_is_better=True) == tied == set(values)


def test_methods_without_common_images_are_not_tied():
    nan = np.nan
    values = {
        "a": np.array([1.0, 1.0, nan, nan]),
        "b": np.array([nan, nan, 2.0, 2.0]),
        "c": np.full(4, nan),
    }
    assert tied_with_best(values, higher_is_better=False) == {"a"}
    assert tied_with_best({"c": np.full(4, nan)}, higher_is_better=False) == set()


@given(st.lists(st.floats(0, 1), min_size=2, max_size=12), st.sampled_from([1.0, -2.5, 1e3]))
def test_a_shift_of_all_values_changes_nothing_and_equals_are_tied(values, shift):
    array = np.array(values)
    assert tied_with_best({"a": array, "b": array.copy()}, higher_is_better=True) == {"a", "b"}
    shifted = {"a": array + shift, "b": array + shift}
    assert tied_with_best(shifted, higher_is_better=True) == {"a", "b"}


def test_the_board_knows_the_ties_of_its_per_image_files(results):
    read = [read_result(path) for path in results]
    arrays = [read_arrays(path, result) for path, result in zip(results, read, strict=True)]
    entries = board.rank(read, arrays).entries
    for entry in entries:
        assert entry.values is not None
        ok = np.isfinite(entry.values.values["l1.hole"])
        assert entry.values.values["l1.hole"][ok].mean() == pytest.approx(
            entry.size_result.metrics["l1.hole"].mean, rel=1e-12
        )
        if entry.rank == 1:
            assert "l1.hole" in entry.tied
    assert board.rank(read).entries[0].tied == frozenset()
