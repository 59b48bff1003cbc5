"""Harmonic fill against Telea and a direct sparse solve: time and distance to the exact solution.

python benchmarks/bench_harmonic.py [--sizes 512 2048 8192] [--json]
"""

import argparse
import json
import resource
import time
from collections.abc import Callable
from typing import Any

import cv2
import numpy as np

import baselines
from baselines.base import Image, Mask

_SHARE = 0.4


def scene(side: int) -> tuple[Image, Mask]:
    """Smooth noise, and a hole of 40 % in blobs."""
    rng = np.random.default_rng(0)
    coarse = rng.integers(0, 256, (max(4, side // 8), max(4, side // 8), 3)).astype(np.uint8)
    field = cv2.resize(
        rng.normal(size=(24, 24)).astype(np.float32), (side, side), interpolation=cv2.INTER_LINEAR
    )
    image = cv2.resize(coarse, (side, side), interpolation=cv2.INTER_LINEAR)
    return np.asarray(image, dtype=np.uint8), np.asarray(field > np.quantile(field[::8, ::8], 1 - _SHARE))


def direct(image: Image, mask: Mask) -> Image:
    """Solve the harmonic fill exactly by a sparse factorisation."""
    from scipy import sparse
    from scipy.sparse.linalg import splu

    number = np.full(mask.shape, -1)
    ys, xs = np.nonzero(mask)
    number[ys, xs] = np.arange(ys.size)
    right, diagonal, pairs = np.zeros((ys.size, 3)), np.zeros(ys.size), []
    for dy, dx in ((0, 1), (0, -1), (1, 0), (-1, 0)):
        y, x = ys + dy, xs + dx
        inside = np.flatnonzero((y >= 0) & (y < mask.shape[0]) & (x >= 0) & (x < mask.shape[1]))
        other = number[y[inside], x[inside]]
        diagonal[inside] += 1
        pairs.append(np.stack([inside[other >= 0], other[other >= 0]]))
        known = inside[other < 0]
        right[known] += image[y[known], x[known]]
    rows, columns = np.concatenate(pairs, axis=1)
    matrix = sparse.csc_matrix((-np.ones(rows.size), (rows, columns)), (ys.size, ys.size))
    output = image.copy()
    output[mask] = np.rint(splu((matrix + sparse.diags(diagonal)).tocsc()).solve(right)).clip(0, 255)
    return output


def seconds(run: Callable[[], object]) -> tuple[float, float]:
    """Wall and CPU time, the shorter of two runs."""
    times = []
    for _ in range(2):
        wall, cpu = time.perf_counter(), time.process_time()
        run()
        times.append((time.perf_counter() - wall, time.process_time() - cpu))
    return min(times)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sizes", type=int, nargs="+", default=(512, 2048, 8192))
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    fill, telea = baselines.load("harmonic"), baselines.load("telea")
    fill(*scene(64))  # compiles
    rows: list[dict[str, Any]] = []
    for side in options.sizes:
        image, mask = scene(side)
        wall, cpu = seconds(lambda i=image, m=mask: fill(i, m))
        row = {"side": side, "hole": float(mask.mean()), "seconds": wall, "cpu_seconds": cpu}
        if side <= 2048:
            row["telea_seconds"] = seconds(lambda i=image, m=mask: telea(i, m))[0]
        if side <= 1024:
            row["direct_seconds"] = seconds(lambda i=image, m=mask: direct(i, m))[0]
            error = np.abs(fill(image, mask).astype(int) - direct(image, mask))[mask]
            row |= {"max_error": int(error.max()), "mean_error": float(error.mean())}
        row["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        rows.append(row)
    if options.json:
        print(json.dumps(rows, indent=1))
        return
    for row in rows:
        print("  ".join(f"{k} {v:.2f}" if isinstance(v, float) else f"{k} {v}" for k, v in row.items()))


if __name__ == "__main__":
    main()
