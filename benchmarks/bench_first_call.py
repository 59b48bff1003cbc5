"""Time from nothing to the first answer: each method and some metrics, in fresh processes.

    python benchmarks/bench_first_call.py                  # a minute or two
    python benchmarks/bench_first_call.py --burner         # the same beside a loop that holds one core

Loading (imports too) and the first call at 1024 x 1024, by the clock and in processor seconds: with an empty
cache of the user after an installation, which leaves compiled loops beside the package, and again with what
that left there. Each row is the median of some processes. Limits: 5 s empty, 1.5 s warm, by the clock when
quiet, for all but learned metrics, which need torch.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

LIMITS = {"empty": 5.0, "warm": 1.5}
METHODS = ("rethined", "hifill", "harmonic", "patchmatch")
METRICS = {"metrics": "l1,psnr,ssim,haarpsi", "lpips": "lpips-alex", "st-lpips": "st-lpips-alex"}
LEARNED = ("lpips", "st-lpips")
SIDE = 1024
BURNER = "while True: pass"


def measure(what: str) -> list[tuple[float, float]]:
    """Load, call, and call again, in this process: clock and processor seconds of each."""
    marks = [(time.perf_counter(), time.process_time())]

    def mark() -> None:
        marks.append((time.perf_counter(), time.process_time()))

    if what in METRICS:
        from df8k import metrics

        def call(image: Any, hole: Any) -> None:
            scores = metrics.compute(image, image[::-1].copy(), hole, names=METRICS[what].split(","))
            if any(value is None for value in scores.values()):
                sys.exit(f"{what}: {next(iter(scores.reasons.values()))}")
    else:
        from df8k import baselines

        call = baselines.load(what)
    mark()
    import numpy as np

    image = np.random.default_rng(0).integers(0, 256, (SIDE, SIDE, 3), np.uint8)
    hole = np.zeros((SIDE, SIDE), np.bool_)
    hole[300:600, 300:600] = True
    image[hole] = 0
    mark()
    call(image, hole)
    mark()
    call(image, hole)
    mark()
    spans = [(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(marks)]
    return [spans[0], *spans[2:]]


def row(what: str, cache: str | None, processes: int) -> dict[str, list[list[float]]] | str:
    """Median spans of fresh processes by cache, or why there are none.

    Args:
        what: method, or key of `METRICS`.
        cache: the user's cache folder, for what needs weights that lie there; ``None`` for an empty one.
        processes: that each figure is the median of.
    """
    spans: dict[str, list[list[tuple[float, float]]]] = {"empty": [], "warm": []}
    for _ in range(processes):
        with tempfile.TemporaryDirectory() as folder:
            for state, runs in spans.items():
                environment = {**os.environ, "XDG_CACHE_HOME": cache or folder}
                command = [sys.executable, "-P", __file__, "--child", what]
                done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
                if done.returncode:
                    return done.stderr.strip().splitlines()[-1]
                if cache is None or state == "warm":
                    runs.append(json.loads(done.stdout.splitlines()[-1]))
    return {
        state: [
            [statistics.median(values) for values in zip(*span, strict=True)]
            for span in zip(*runs, strict=True)
        ]
        for state, runs in spans.items()
        if runs
    }


def main() -> None:
    """Print a table in Markdown; exit code 1 when a quiet row is above its limit."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--burner", action="store_true", help="a loop that never waits, on the second core")
    parser.add_argument("--processes", type=int, default=3)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--child", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        print(json.dumps(measure(options.child)))
        return
    burner = subprocess.Popen([sys.executable, "-c", BURNER]) if options.burner else None
    if burner is not None:
        os.sched_setaffinity(burner.pid, sorted(os.sched_getaffinity(0))[-1:])
    home = os.environ.get("XDG_CACHE_HOME", str(Path.home() / ".cache"))
    rows, slow = {}, False
    print("| what | cache | load, s | first call, s | both, s | both, processor s | later calls, s |")
    print("|---|---|---:|---:|---:|---:|---:|")
    try:
        for what in (*METHODS, *METRICS):
            rows[what] = found = row(what, home if what in LEARNED else None, options.processes)
            if isinstance(found, str):
                print(f"| {what} | {found} | – | – | – | – | – |", flush=True)
                continue
            for state, (load, first, later) in found.items():
                both = load[0] + first[0]
                slow |= burner is None and what not in LEARNED and both > LIMITS[state]
                times = (
                    f"{load[0]:.2f} | {first[0]:.2f} | {both:.2f} | {load[1] + first[1]:.2f} | {later[0]:.2f}"
                )
                print(f"| {what} | {state} | {times} |", flush=True)
    finally:
        if burner is not None:
            burner.kill()
            burner.wait()
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1) + "\n")
    sys.exit(slow)


if __name__ == "__main__":
    main()
