"""Repetition budgets and memory."""

import time

import numpy as np
import pytest

from baselines import MethodCard, MethodFailedError
from leaderboard.calls.timing import Budget, checked_output, warm_up
from leaderboard.harness.producers import Caller
from leaderboard.protocol.task import Task

TASK = Task(np.full((16, 16, 3), 9, np.uint8), np.eye(16, dtype=bool))


class Counted:
    """Paints the number of its call, and takes its time."""

    card = MethodCard(name="counted", version="1", summary="", source="tests", licence="none")

    def __init__(self, seconds=0.0):
        self.seconds, self.calls = seconds, []

    def __call__(self, image, mask):
        self.calls.append(1)
        time.sleep(self.seconds)
        return np.full_like(image, len(self.calls))


def measure(method, **budget):
    return Caller(method, Budget(warmup_runs=0, **budget)).produce(TASK, "id", 16)


def test_the_first_counted_run_is_kept_and_runs_are_bounded():
    method = Counted()
    measured = measure(method, runs=4, seconds=10)
    assert (int(measured.output.max()), len(method.calls), len(measured.seconds)) == (1, 4, 4)


def test_what_prepares_a_call_is_not_timed():
    class Lending(Counted):
        def inputs(self, height, width):
            time.sleep(0.05)
            return np.empty((height, width, 3), np.uint8), np.empty((height, width), bool)

    measured = measure(Lending(), runs=3)
    assert measured.output.max() == 1
    assert len(measured.seconds) == 3
    assert max(measured.seconds) < 0.02


def test_a_slow_call_runs_once():
    method = Counted(0.05)
    measured = measure(method, runs=10, seconds=0.01)
    assert len(method.calls) == 1
    assert measured.seconds[0] >= 0.05


def test_warm_up_ends_when_steady_or_when_the_budget_is_spent():
    def timed(seconds):
        calls = []

        def run():
            calls.append(1)
            return seconds

        return run, calls

    call, calls = timed(0.02)
    assert warm_up(call, runs=10, seconds=10).steady
    assert 2 <= len(calls) < 10
    slow, slow_calls = timed(0.03)
    assert warm_up(slow, runs=10, seconds=0.01).steady is None
    assert len(slow_calls) == 1
    never, never_calls = timed(0.0)
    warm_up(never, runs=0, seconds=10)
    assert never_calls == []


def test_an_output_is_checked_in_one_way():
    extent = (4, 6)
    picture = np.zeros((*extent, 3), np.uint8)
    assert checked_output(picture[:, :, ::-1], extent).flags.c_contiguous
    for wrong in (picture[:, :5], picture.astype(np.float32), picture[:, :, 0], None):
        with pytest.raises(MethodFailedError, match=r"expected uint8 \(4, 6, 3\)") as refusal:
            checked_output(wrong, extent)
        assert refusal.value.kind == "wrong-output"
