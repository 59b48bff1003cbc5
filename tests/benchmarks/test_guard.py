"""`make bench`: ratios with intervals, and what counts as moved."""

import itertools

import numpy as np
import pytest

from benchmarks.guard.measure import Ratio, combined, machine_class, measure
from benchmarks.guard.pairs import PAIRS, Timed


class Clock:
    """Moves on only when told to."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now

    def work(self, seconds):
        steps = itertools.cycle(seconds)

        def run():
            self.now += next(steps)

        return run


def timed(ours, peer, rounds=9):
    clock = Clock()
    pair = Timed("ours", "peer", lambda: (clock.work(ours), clock.work(peer)))
    return measure(pair, rounds, clock)


def test_a_ratio_is_of_medians_and_lies_in_its_interval():
    ratio = timed([0.9, 1.0, 1.2], [2.0, 2.1, 1.9])
    assert ratio.ratio == pytest.approx(0.5)
    assert ratio.low <= ratio.ratio <= ratio.high
    assert (ratio.ours_ms, ratio.peer_ms) == pytest.approx((1000, 2000))
    assert timed([0.9, 1.0, 1.2], [2.0, 2.1, 1.9]) == ratio


def test_one_disturbed_round_moves_nothing():
    quiet, disturbed = timed([1.0], [2.0]), timed([1.0] * 9 + [30.0], [2.0])
    assert disturbed.moved_from(quiet) == ""


@pytest.mark.parametrize(
    ("ratio", "low", "high", "said"),
    [(1.3, 1.2, 1.4, "slower"), (0.7, 0.6, 0.8, "faster"), (1.3, 1.0, 1.6, ""), (1.08, 1.06, 1.09, "")],
)
def test_moved_means_apart_and_by_more_than_a_tenth(ratio, low, high, said):
    kept = Ratio("ours", "peer", 1.0, 0.95, 1.05, 1, 1)
    assert Ratio("ours", "peer", ratio, low, high, 1, 1).moved_from(kept) == said


def test_processes_are_combined_by_their_median_within_all_their_intervals():
    processes = [Ratio("ours", "peer", ratio, ratio - 0.1, ratio + 0.2, 1, 1) for ratio in (1.4, 1.0, 1.1)]
    assert combined(processes) == Ratio("ours", "peer", 1.1, 0.9, pytest.approx(1.6), 1, 1)


def test_classes_of_machines_are_names_of_files():
    assert set(machine_class()) <= set("abcdefghijklmnopqrstuvwxyz0123456789-.")


# The others import torch for seconds.
LIGHT = [pair for pair in PAIRS if not pair.name.startswith(("hifill", "haarpsi"))]


@pytest.mark.parametrize("pair", LIGHT, ids=lambda pair: pair.name)
def test_every_pair_has_its_own_name_and_both_sides_work(pair):
    ours, peer = pair.make()
    assert isinstance(ours(), (dict, np.ndarray))
    peer()
    assert [other.name for other in PAIRS].count(pair.name) == 1
