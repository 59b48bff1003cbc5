"""A clock that tests wind, and methods that spend its time."""

import numpy as np
import pytest

from baselines import MethodCard
from leaderboard.latency.session import Input


class FakeClock:
    """Time that passes only when something is done."""

    def __init__(self):
        self.time = self.used = 0.0
        self.asleep = []  # called with every nap

    def now(self):
        return self.time

    def cpu(self):
        return self.used

    def machine(self):
        return self.used, None

    def sleep(self, seconds):
        self.time += seconds
        for watcher in self.asleep:
            watcher(seconds)

    def work(self, seconds):
        self.time += seconds
        self.used += seconds


class FakeMethod:
    """Spends ``cost(n)`` seconds of the clock in its call number n, counted from 0."""

    card = MethodCard(name="fake", version="1", summary="", source="tests", licence="none")

    def __init__(self, clock, cost):
        self.clock, self.cost, self.calls = clock, cost, 0
        self.model_seconds = None

    def __call__(self, image, mask):
        self.clock.work(self.cost(self.calls))
        self.calls += 1
        return image


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def fake_method():
    return FakeMethod


@pytest.fixture
def inputs():
    """Three pictures with holes of three sizes."""
    found = []
    for side in (4, 8, 12):
        mask = np.zeros((16, 16), bool)
        mask[:side, :side] = True
        found.append(Input(np.full((16, 16, 3), side, np.uint8), mask))
    return found
