"""Hashes within a distance: those that comparing with all finds, in the order of their numbers."""

import numpy as np
import pytest

from df8k.curation.likeness import hashes
from df8k.curation.likeness.hashes import NearHashes, thresholds


def near_pairs(count: int, distance: int, seed: int) -> np.ndarray:
    """Hashes of which a quarter differ from an earlier one in 0 to ``distance`` + 2 bits."""
    random = np.random.default_rng(seed)
    made = random.integers(0, 2**64, count, dtype=np.uint64)
    for index in range(4, count, 4):
        bits = random.choice(64, min(64, int(random.integers(0, distance + 3))), replace=False)
        flip = np.bitwise_or.reduce(np.uint64(1) << bits.astype(np.uint64), initial=np.uint64(0))
        made[index] = made[random.integers(0, index)] ^ flip
    return made


@pytest.mark.parametrize("distance", [0, 2, 12, 19, 64])
def test_tables_give_what_comparing_with_all_gives(monkeypatch, distance):
    monkeypatch.setattr(hashes, "_TAIL", 64)
    codes, index = near_pairs(700, distance, distance), NearHashes(distance)
    several = 0
    for number, code in enumerate(codes):
        expected = np.flatnonzero(np.bitwise_count(codes[:number] ^ code) <= distance)
        assert np.array_equal(index.near(int(code)), expected)
        several += len(expected) > 1
        index.add(int(code))
    assert len(index) == 700
    assert several
    assert bool(index._runs) == (distance <= 20)


def test_no_pair_within_the_distance_escapes_every_band():
    for distance in range(21):
        limits = thresholds(distance)
        # A pair that differs in more than its limit in every band differs in more bits than the distance.
        assert sum(limit + 1 for limit in limits) > distance
        assert sum(limits) == distance - 3


def test_nothing_is_near_below_zero():
    index = NearHashes(-1)
    index.add(5)
    assert index.near(5).size == 0
