"""Paired tests: right levels, enough power, and the definitions of others."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from leaderboard.statistics.paired import compare_paired, holm

REPETITIONS, IMAGES, LEVEL = 200, 40, 0.05


def planted(difference: float, spread: float = 0.3) -> list[np.ndarray]:
    """PSNR of two methods on 40 images, 200 times: hard images are hard for both, each errs on its own.

    Differences spread by 0.3 dB: 0.1 dB is usual between settings of one method, 0.2 to 0.4 dB between Telea
    and Navier-Stokes; see benchmarks/bench_significance.py.
    """
    rng = np.random.Generator(np.random.Philox(key=[7, round(10 * difference)]))
    hard = rng.normal(22, 4.5, (REPETITIONS, IMAGES))
    own = rng.normal(0, spread / np.sqrt(2), (2, REPETITIONS, IMAGES))
    return list((hard + difference + own[0]) - (hard + own[1]))


def test_a_planted_difference_is_found():
    found = sum(each.p < LEVEL for each in compare_paired(planted(0.2), LEVEL))
    # Student's test would find 98.6 % of them.
    assert found >= stats.binom.ppf(0.001, REPETITIONS, 0.97)


def test_no_difference_is_found_where_there_is_none():
    found = compare_paired(planted(0.0), LEVEL)
    low, high = stats.binom.ppf([0.0005, 0.9995], REPETITIONS, LEVEL)
    assert low <= sum(each.p < LEVEL for each in found) <= high
    covered = sum(each.low <= 0 <= each.high for each in found)
    assert covered >= stats.binom.ppf(0.001, REPETITIONS, 1 - LEVEL)


def test_the_ranks_alone_would_be_fooled_by_lopsided_noise():
    """A median apart from the mean is no difference of means: this is why both tests must agree."""
    rng = np.random.Generator(np.random.Philox(key=11))
    found = compare_paired(list(0.3 * (rng.gamma(2.0, 1.0, (400, IMAGES)) - 2.0)), LEVEL)
    assert sum(each.p_wilcoxon < LEVEL for each in found) > 32
    assert sum(each.p < LEVEL for each in found) <= stats.binom.ppf(0.9995, 400, LEVEL)


def test_scipy_gives_the_same():
    rng = np.random.Generator(np.random.Philox(key=3))
    columns = [rng.normal(0.2, 1, n) for n in (12, 30, 12)]
    for column, found in zip(columns, compare_paired(columns, LEVEL), strict=True):
        assert found.p_wilcoxon == stats.wilcoxon(column).pvalue
        reference = stats.ttest_1samp(column, 0)
        assert found.p_student == pytest.approx(reference.pvalue, rel=1e-9)
        assert [found.low, found.high] == pytest.approx(list(reference.confidence_interval()), rel=1e-9)
        assert found.mean == pytest.approx(column.mean(), rel=1e-12)
        assert found.standardised == pytest.approx(column.mean() / column.std(ddof=1), rel=1e-12)


@pytest.mark.parametrize("n", [2, 5, 7, 20])
def test_ties_and_zeros_are_tested_as_scipy_does(n):
    rng = np.random.Generator(np.random.Philox(key=[5, n]))
    columns = [rng.integers(-3, 4, n).astype(float) for _ in range(6)]
    columns = [column for column in columns if column.any()]
    for column, found in zip(columns, compare_paired(columns, LEVEL), strict=True):
        assert found.p_wilcoxon == stats.wilcoxon(column, zero_method="pratt").pvalue


@pytest.mark.parametrize("n", [8, 30])
def test_another_columns_ties_change_nothing(n):
    rng = np.random.Generator(np.random.Philox(key=[6, n]))
    plain, tied = rng.normal(0.3, 1, n), rng.integers(-2, 3, n).astype(float)
    (alone,) = compare_paired([plain], LEVEL)
    together, _ = compare_paired([plain, tied], LEVEL)
    assert together.p_wilcoxon == alone.p_wilcoxon


def test_the_interval_and_its_test_say_the_same():
    rng = np.random.Generator(np.random.Philox(key=4))
    for each in compare_paired([rng.normal(0.4, 1, 15) for _ in range(50)], LEVEL):
        assert (each.p_student < LEVEL) == (each.low > 0 or each.high < 0)


def test_too_few_images_carry_no_interval():
    seven, eight = compare_paired([np.arange(1.0, 8.0), np.arange(1.0, 9.0)], LEVEL)
    assert (seven.low, seven.high) == (None, None)
    assert eight.low < eight.mean < eight.high


@settings(max_examples=15, deadline=None)  # scipy permutes ties exhaustively
@given(st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=8), st.sampled_from([-1.0, 0.5, 100.0]))
def test_scaling_and_exchanging_change_nothing_but_the_unit(values, factor):
    column = np.array(values)
    first, second = compare_paired([column, factor * column], LEVEL)
    assert second.p_wilcoxon == pytest.approx(first.p_wilcoxon)
    assert second.p_student == pytest.approx(first.p_student)
    assert second.mean == pytest.approx(factor * first.mean, abs=1e-9)
    assert {second.above, second.below} == {first.above, first.below}
    assert 0 < first.p <= 1


def test_equal_methods_and_single_images_show_nothing():
    rounding = np.array([0.0, 5e-16, 0.0, 1e-3]) - np.array([0.0, 0.0, 0.0, 1e-3])
    for column in (np.zeros(40), np.ones(1), rounding):
        assert compare_paired([column], LEVEL)[0].p > LEVEL
    assert compare_paired([np.full(40, 1e-3)], LEVEL)[0].p < 1e-3
    assert compare_paired([], LEVEL) == []


def test_holm_is_the_textbook_s():
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([]) == []


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_holm_keeps_the_order_and_never_helps(p_values):
    adjusted = holm(p_values)
    assert all(
        p <= now <= min(1, p * len(p_values)) + 1e-12 for p, now in zip(p_values, adjusted, strict=True)
    )
    order = np.argsort(p_values, kind="stable")
    assert np.all(np.diff(np.array(adjusted)[order]) >= 0)
