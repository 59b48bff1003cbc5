"""Nothing that was compiled inside a clock is counted; times come from a simulated clock."""

import sys
from types import SimpleNamespace

import numba
import numpy as np
import pytest

from leaderboard.calls.compilation import compiled_so_far, without_compilation
from leaderboard.calls.timing import Budget
from leaderboard.harness.producers import Caller
from leaderboard.protocol.task import Task


class Simulated:
    """A method of a steady 100 ms that compiles for 10 s at every new shape, on a clock of its own."""

    def __init__(self, kernel_at=()):
        self.now, self.shapes, self.calls, self.kernel_at = 0.0, set(), 0, set(kernel_at)

    def clock(self):
        return self.now

    def __call__(self, image, _mask):
        self.calls += 1
        self.now += 0.1
        if image.shape not in self.shapes:
            self.shapes.add(image.shape)
            self.now += 10.0
        if self.calls in self.kernel_at:
            self.now += 5.0
            numba.njit(lambda value: value + 1)(self.calls)
        return image


def tasks():
    """Pictures of five shapes and one size, each shape twice."""
    for side in (32, 40, 48, 56, 64) * 2:
        mask = np.zeros((side, 48), bool)
        mask[8:16, 8:16] = True
        yield Task(np.full((side, 48, 3), 90, np.uint8), mask)


@pytest.mark.parametrize("kernel_at", [(), (4, 5, 9, 23, 24, 31, 44)])
def test_no_call_that_compiles_for_its_shape_is_counted(kernel_at):
    method = Simulated(kernel_at)
    caller = Caller(method, Budget(runs=3, seconds=100.0), method.clock)
    runs = [second for task in tasks() for second in caller.produce(task, "x", "native").seconds]
    assert len(runs) == 30
    # The 90th percentile of a steady method is its median.
    assert runs == pytest.approx([0.1] * 30)


def test_a_kernel_that_is_compiled_is_noticed_and_a_cached_one_is_not():
    kernel = numba.njit(lambda value: value + 1)
    before = compiled_so_far()
    kernel(1)
    first = compiled_so_far()
    kernel(2)
    assert before != first == compiled_so_far()
    kernel(2.5)  # another type is another kernel
    assert first != compiled_so_far()


def test_a_graph_of_torch_and_numba_coming_in_are_noticed(monkeypatch):
    before = compiled_so_far()
    counters = SimpleNamespace(counters={"stats": {"unique_graphs": before.graphs + 1}})
    monkeypatch.setitem(sys.modules, "torch._dynamo.utils", counters)
    assert compiled_so_far() != before
    monkeypatch.delitem(sys.modules, "numba")
    assert not compiled_so_far().numba


def test_a_method_that_always_compiles_is_counted_at_last():
    made = iter(range(10))
    assert without_compilation(lambda: next(made), lambda _outcome: True) == 3
