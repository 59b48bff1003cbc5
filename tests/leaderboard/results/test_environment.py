"""What a result says of its machine."""

import os

from leaderboard.results.environment import describe_environment


def test_threads_are_those_that_may_run_in_any_library(monkeypatch):
    """numba starts as many as there are processors, whatever bounds the others."""
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.delenv("NUMBA_NUM_THREADS", raising=False)
    assert describe_environment().threads == len(os.sched_getaffinity(0))
    monkeypatch.setenv("NUMBA_NUM_THREADS", "1")
    assert describe_environment().threads == 1
