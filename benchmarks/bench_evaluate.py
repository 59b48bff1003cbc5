"""What `df8k evaluate --quality-only` takes over decoding and scoring alone, and what a second worker brings.

    python benchmarks/bench_evaluate.py DATASET --limit 8            # several minutes; nothing else may run

The method paints the hole grey, so it is all but free. `alone` decodes every image once, makes its task at
every size and scores it, in this process, with nothing written. The three are measured in turns, each in a
fresh process of one thread, and their medians compared by wall time.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SIZES = "512,1024,2048,3840x2160"
WAYS = ("alone", "evaluate", "workers")


def run(way: str, dataset: Path, sizes: str, limit: int) -> float:
    """Seconds of one way, in this process, imports apart."""
    import pandas  # noqa: F401, ICN001 - what writes the result's table would be loaded within the clock

    import df8k
    from df8k import baselines, leaderboard, metrics
    from df8k.leaderboard.calls.timing import UNTIMED
    from df8k.leaderboard.harness.decoding import tasks_in_blocks
    from df8k.leaderboard.protocol.sizes import parse_sizes
    from df8k.leaderboard.protocol.task import fits

    split = df8k.load(dataset, split="test")
    chosen = parse_sizes(sizes)
    plan = leaderboard.Evaluation(
        sizes=chosen, limit=limit, budget=UNTIMED, workers=2 if way == "workers" else 1
    )
    mean = baselines.load("mean")
    # Loops are compiled, and files read, before any way is timed.
    first = next(make() for sample, size, make in tasks_in_blocks(list(split)[:1], chosen[:1]))
    metrics.compute(first.target, first.target, first.mask, names=list(plan.metrics))
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        if way == "alone":
            for sample, size, make in tasks_in_blocks(list(split)[:limit], chosen):
                if fits(sample.metadata, size):
                    task = make()
                    filled = task.composite(mean(*task.method_input()))
                    metrics.compute(filled, task.target, task.mask, names=list(plan.metrics))
        else:
            leaderboard.evaluate(mean, split, evaluation=plan, out=Path(folder) / "result.json")
        return time.perf_counter() - start


def main() -> None:
    """Print the medians and the two ratios."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("dataset", type=Path)
    parser.add_argument("--sizes", default=SIZES)
    parser.add_argument("--limit", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--child", choices=WAYS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        print(json.dumps(run(options.child, options.dataset, options.sizes, options.limit)))
        return
    seconds: dict[str, list[float]] = {way: [] for way in WAYS}
    environment = os.environ | dict.fromkeys(("OMP_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")
    for _ in range(options.rounds):
        for way in WAYS:
            words = [str(options.dataset), "--sizes", options.sizes, "--limit", str(options.limit)]
            done = subprocess.run(
                [sys.executable, __file__, *words, "--child", way],
                capture_output=True,
                text=True,
                check=False,
                env=environment,
            )
            if done.returncode:
                sys.exit(done.stderr)
            seconds[way].append(json.loads(done.stdout.splitlines()[-1]))
    medians = {way: statistics.median(found) for way, found in seconds.items()}
    for way, median in medians.items():
        print(f"{way:9} {median:7.1f} s  {min(seconds[way]):.1f} to {max(seconds[way]):.1f}")
    over, gain = medians["evaluate"] / medians["alone"], medians["evaluate"] / medians["workers"]
    print(f"evaluate over decoding and scoring alone: {over:.2f}; two workers: {gain:.2f} times as fast")
    if options.json:
        options.json.write_text(json.dumps({**medians, "over": over, "gain": gain}, indent=1) + "\n")


if __name__ == "__main__":
    main()
