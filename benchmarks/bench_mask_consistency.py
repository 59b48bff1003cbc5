"""Is a mask the same shape at every size? Coverage and overlap of every preset's masks, 512 against 8192.

Run: ``python benchmarks/bench_mask_consistency.py [PRESET ...] [--count 100] [--processes 2] [--json]``. The
overlap compares the mask drawn at 512 with the one at 8192 after area reduction, a pixel being missing if
more than half of it is; one that is missing to exactly one half agrees with either. Prints the worst mask of
each preset and exits with 1 when one is beyond 0.2 percentage points or below an overlap of 0.995.
"""

import argparse
import json
import multiprocessing

import cv2
import numpy as np

import masks

SMALL, LARGE = 512, 8192
LARGEST_DIFFERENCE, LEAST_OVERLAP = 0.002, 0.995


def compare(preset: str, key: str) -> tuple[float, float]:
    """Coverage difference and overlap of one mask."""
    cv2.setNumThreads(1)  # the processes are the parallelism
    vector = masks.synthesize((1, 1), preset, key)
    small, large = vector.rasterize(SMALL, SMALL), vector.rasterize(LARGE, LARGE)
    # Area means of 0 and 256 over 16 x 16 pixels are whole numbers, so OpenCV's rounding decides nothing.
    weights = large.astype(np.uint16) * np.uint16((LARGE // SMALL) ** 2)
    parts = cv2.resize(weights, (SMALL, SMALL), interpolation=cv2.INTER_AREA)
    half = (LARGE // SMALL) ** 2 // 2
    reduced = np.where(parts == half, small, parts > half)
    overlap = (small & reduced).sum() / (small | reduced).sum()
    return abs(float(small.mean() - large.mean())), float(overlap)


def main() -> None:
    """Compare and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("presets", nargs="*", default=masks.preset_names())
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    found = {}
    with multiprocessing.Pool(arguments.processes) as pool:
        for preset in arguments.presets:
            tasks = [(preset, f"consistency-{index}") for index in range(arguments.count)]
            rows = np.array(pool.starmap(compare, tasks, chunksize=5))
            found[preset] = {
                "mean_difference": float(rows[:, 0].mean()),
                "largest_difference": float(rows[:, 0].max()),
                "least_overlap": float(rows[:, 1].min()),
            }
            if not arguments.json:
                values = found[preset]
                print(
                    f"{preset:18} coverage differs by {100 * values['mean_difference']:.4f} points, at most "
                    f"{100 * values['largest_difference']:.4f}; least overlap {values['least_overlap']:.5f}",
                    flush=True,
                )
    if arguments.json:
        print(json.dumps(found, indent=2))
    if any(
        values["largest_difference"] > LARGEST_DIFFERENCE or values["least_overlap"] < LEAST_OVERLAP
        for values in found.values()
    ):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
