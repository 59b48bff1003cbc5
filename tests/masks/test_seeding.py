from collections import Counter
from math import atan2, hypot, pi

import numpy as np
from scipy import stats

from masks.presets.lama import THIN
from masks.raster.lattice import Frame
from masks.samplers.circle import ONE, STEPS, toward
from masks.samplers.strokes import chains
from masks.seeding import Stream


def test_stream_is_frozen():
    # NumPy 2.4.6, Linux x86-64.
    stream = Stream("df8k")
    assert [stream.word() for _ in range(3)] == [2340984570, 46758046, 3080516414]
    assert Stream("df8k").direction(65536) == (29396, 58573)


def test_integers_are_uniform():
    stream = Stream("uniform")
    counts = Counter(stream.between(-3, 9) for _ in range(26_000))
    assert set(counts) == set(range(-3, 10))
    assert stats.chisquare(list(counts.values())).pvalue > 1e-4


def test_directions_are_uniform_and_of_the_asked_length():
    stream = Stream("directions")
    vectors = [stream.direction(10_000) for _ in range(36_000)]
    assert all(abs(hypot(*vector) - 10_000) < 60 for vector in vectors)
    bins, _ = np.histogram([atan2(y, x) for x, y in vectors], 36, (-pi, pi))
    assert stats.chisquare(bins).pvalue > 1e-4


def test_strokes_go_every_way_and_drift_none():
    angles, drift = [], []
    for index in range(150):
        drawing = chains(THIN, "thin", Stream(f"d{index}"), Frame((3, 2)))
        for _, x0, y0, x1, y1, _ in drawing.primitives:
            angles.append(atan2(y1 - y0, x1 - x0))
            drift.append((x1 - x0, y1 - y0))
    bins, _ = np.histogram(angles, 36, (-pi, pi))
    assert stats.chisquare(bins).pvalue > 1e-4
    mean = np.mean(drift, axis=0)
    assert (abs(mean) < 4 * np.std(drift, axis=0) / np.sqrt(len(drift))).all()


def test_table_of_directions_is_the_circle():
    angles = np.arange(STEPS) * 2 * pi / STEPS
    expected = np.stack([np.cos(angles), np.sin(angles)], axis=1) * ONE
    assert np.abs(np.array([toward(step) for step in range(STEPS)]) - expected).max() <= 0.501
    assert toward(-1) == toward(STEPS - 1)
