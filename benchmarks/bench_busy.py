"""What a busy core does to a call: each method on two threads, alone and beside a burner.

    python benchmarks/bench_busy.py                       # a few minutes; nothing else may run
    python benchmarks/bench_busy.py --methods harmonic --sizes 1024 --json busy.json

Every row is a fresh process held to two processors. A burner is a loop that never waits, held to the second
of them. Of the calls, each in turn alone and beside it, the medians are shown, and their ratio: with half of
the machine gone, 2 is what perfect division costs; the limit is 2.2.
"""

import argparse
import json
import os
import signal
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

LIMIT = 2.2
METHODS = ("telea", "harmonic", "patchmatch", "rethined", "hifill")
SIZES = (1024, 4096)
THREADS = 2
BURNER = "while True: pass"


def measure(name: str, side: int, rounds: int) -> dict[str, Any]:
    """One row, in this process."""
    from df8k import baselines, masks
    from df8k.scenes import render

    cores = sorted(os.sched_getaffinity(0))[:THREADS]
    os.sched_setaffinity(0, cores)
    scene = render("facade", side, side, "busy")
    hole = masks.synthesize(aspect=(1, 1), preset="df8k-small", key="busy").rasterize(side, side)
    scene[hole] = 0
    inpaint = baselines.load(name)
    inpaint(scene, hole)
    burner = subprocess.Popen([sys.executable, "-c", BURNER])
    os.sched_setaffinity(burner.pid, cores[-1:])
    times: dict[str, list[float]] = {"alone": [], "beside": []}
    try:
        for _ in range(rounds):
            for state, sent in (("alone", signal.SIGSTOP), ("beside", signal.SIGCONT)):
                burner.send_signal(sent)
                time.sleep(0.05)
                start = time.perf_counter()
                inpaint(scene, hole)
                times[state].append(time.perf_counter() - start)
    finally:
        burner.kill()
        burner.wait()
    alone, beside = (1000 * statistics.median(times[state]) for state in ("alone", "beside"))
    return {"method": name, "side": side, "alone_ms": alone, "beside_ms": beside, "ratio": beside / alone}


def main() -> None:
    """Print a table; exit code 1 when a ratio is above the limit."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--methods", default=",".join(METHODS))
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)))
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--child", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        print(json.dumps(measure(options.child[0], int(options.child[1]), options.rounds)))
        return
    rows = []
    for name in options.methods.split(","):
        for side in options.sizes.split(","):
            command = [sys.executable, __file__, "--child", name, side, "--rounds", str(options.rounds)]
            environment = {**os.environ, "OMP_NUM_THREADS": str(THREADS), "NUMBA_NUM_THREADS": str(THREADS)}
            done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
            if done.returncode:
                sys.exit(done.stderr)
            row = json.loads(done.stdout.splitlines()[-1])
            rows.append(row)
            print(
                f"{name:12} {side:>5}  alone {row['alone_ms']:7.0f} ms  "
                f"beside {row['beside_ms']:7.0f} ms  {row['ratio']:.2f}",
                flush=True,
            )
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1) + "\n")
    sys.exit(any(row["ratio"] > LIMIT for row in rows))


if __name__ == "__main__":
    main()
