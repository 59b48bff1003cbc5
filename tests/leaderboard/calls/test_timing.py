"""Repetition budgets and memory."""

import time

import numpy as np

from leaderboard.calls.timing import Budget, measure, warm_up


def counted(seconds=0.0):
    calls = []

    def call():
        calls.append(1)
        time.sleep(seconds)
        return len(calls)

    return call, calls


def test_the_first_counted_run_is_kept_and_runs_are_bounded():
    call, calls = counted()
    measured = measure(lambda: call, Budget(runs=4, seconds=10))
    assert (measured.output, len(calls), len(measured.seconds)) == (1, 4, 4)


def test_what_prepares_a_call_is_not_timed():
    def prepare():
        time.sleep(0.05)
        return lambda: 7

    measured = measure(prepare, Budget(runs=3))
    assert measured.output == 7
    assert len(measured.seconds) == 3
    assert max(measured.seconds) < 0.02


def test_a_slow_call_runs_once():
    call, calls = counted(0.05)
    measured = measure(lambda: call, Budget(runs=10, seconds=0.01))
    assert len(calls) == 1
    assert measured.seconds[0] >= 0.05


def test_warm_up_ends_when_steady_or_when_the_budget_is_spent():
    call, calls = counted(0.02)
    warm_up(lambda: call, Budget(warmup_runs=10))
    assert 2 <= len(calls) < 10
    slow, slow_calls = counted(0.03)
    warm_up(lambda: slow, Budget(warmup_runs=10, warmup_s=0.01))
    assert len(slow_calls) == 1
    never, never_calls = counted()
    warm_up(lambda: never, Budget(warmup_runs=0))
    assert never_calls == []


def test_the_peak_of_a_call_is_seen_though_it_is_freed():
    def hungry():
        return int(np.ones(200_000_000, np.uint8)[::4096].sum())

    measured = measure(lambda: hungry, Budget(runs=1))
    assert measured.peak_bytes is None or 190e6 < measured.peak_bytes < 260e6
