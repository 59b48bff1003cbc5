"""Scores of one fill, and comparisons over a set of them."""

import resource
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import psutil
from scipy import stats

import metrics
from baselines.base import Image, Mask

METRICS = ("l1", "haarpsi", "st-lpips-alex", "st-lpips-vgg")


def energy(image: Image, mask: Mask) -> float:
    """Mean absolute difference of neighbours that are both missing, in grey levels."""
    grey = image.astype(np.float32).mean(axis=2)
    down, right = np.abs(np.diff(grey, axis=0)), np.abs(np.diff(grey, axis=1))
    below, beside = mask[1:] & mask[:-1], mask[:, 1:] & mask[:, :-1]
    pairs = int(below.sum()) + int(beside.sum())
    return float(down[below].sum(dtype=np.float64) + right[beside].sum(dtype=np.float64)) / max(pairs, 1)


def scores(output: Image, target: Image, mask: Mask, names: Sequence[str]) -> dict[str, float | None]:
    """Score a fill inside the hole; a metric whose weights are absent has no value.

    Returns:
        Values of ``names`` in the hole, and ``energy``: gradient energy as a multiple of the original's.
    """
    measured = metrics.compute(output, target, mask, names=names)
    values = {name: measured[f"{name}.hole"] for name in names}
    return values | {"energy": energy(output, mask) / max(energy(target, mask), 1e-3)}


def timed(call: Callable[[], Image]) -> tuple[Image, float, float]:
    """Call once: output, wall time, and processor time with that of child processes, in seconds."""
    clock, busy = time.perf_counter(), _cpu_seconds()
    output = call()
    return output, time.perf_counter() - clock, _cpu_seconds() - busy


def compare(first: Sequence[float], second: Sequence[float]) -> dict[str, Any]:
    """Compare paired values.

    Returns:
        ``n``, both means, their ratio, the mean difference first - second and ``interval``, its 95 % interval
        by Student's t over the pairs.
    """
    a, b = np.asarray(first, float), np.asarray(second, float)
    difference = a - b
    half = float(stats.t.ppf(0.975, len(a) - 1) * stats.sem(difference)) if len(a) > 1 else float("nan")
    mean = float(difference.mean())
    return {
        "n": len(a),
        "means": [float(a.mean()), float(b.mean())],
        "ratio": float(a.mean() / b.mean()) if b.mean() else None,
        "difference": mean,
        "interval": [mean - half, mean + half],
    }


def _cpu_seconds() -> float:
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    total = time.process_time() + ended.ru_utime + ended.ru_stime
    for child in psutil.Process().children(recursive=True):
        try:
            spent = child.cpu_times()
        except psutil.Error:
            continue
        total += spent.user + spent.system
    return total
