"""What `df8k evaluate --quality-only` takes over decoding and scoring alone, and what a second worker brings.

    python benchmarks/bench_evaluate.py DATASET --limit 8            # several minutes; nothing else may run

The method paints the hole grey, so it is all but free. `alone` decodes every image once, makes its task
at every size and scores it, in this process, with nothing written. `halves` does so in two processes that
share nothing, at once, every second image each: what two cores of this machine can bring at best. All are
measured in turns, in fresh processes of one thread, and their medians compared by wall time; by processor
time too, that of workers included, which says something on a busy machine as well.
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
WAYS = ("alone", "halves", "evaluate", "workers")


def processor_s() -> float:
    """Processor time of this process and of its children that ended."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def run(way: str, dataset: Path, sizes: str, limit: int, half: int | None) -> tuple[float, float]:
    """Seconds of one way, by the clock and of the processor, in this process, imports apart."""
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
        start, spent = time.perf_counter(), processor_s()
        if way in ("alone", "halves"):
            samples = list(split)[:limit] if half is None else list(split)[half:limit:2]
            for sample, size, make in tasks_in_blocks(samples, chosen):
                if fits(sample.metadata, size):
                    task = make()
                    filled = task.composite(mean(*task.method_input()))
                    metrics.compute(filled, task.target, task.mask, names=list(plan.metrics))
        else:
            leaderboard.evaluate(mean, split, evaluation=plan, out=Path(folder) / "result.json")
        return time.perf_counter() - start, processor_s() - spent


def measured(way: str, words: list[str]) -> tuple[float, float]:
    """Measure one way in processes of its own: seconds of the slower one, and of the processor in all."""
    environment = os.environ | dict.fromkeys(("OMP_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")
    parts = [["--half", "0"], ["--half", "1"]] if way == "halves" else [[]]
    children = [
        subprocess.Popen(
            [sys.executable, __file__, *words, "--child", way, *part],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
        )
        for part in parts
    ]
    times = []
    for child in children:
        output, error = child.communicate()
        if child.returncode:
            sys.exit(error)
        times.append(json.loads(output.splitlines()[-1]))
    return max(by_clock for by_clock, _ in times), sum(of_processor for _, of_processor in times)


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
    parser.add_argument("--half", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        print(json.dumps(run(options.child, options.dataset, options.sizes, options.limit, options.half)))
        return
    seconds: dict[str, list[float]] = {way: [] for way in WAYS}
    spent: dict[str, list[float]] = {way: [] for way in WAYS}
    for _ in range(options.rounds):
        for way in WAYS:
            words = [str(options.dataset), "--sizes", options.sizes, "--limit", str(options.limit)]
            by_clock, of_processor = measured(way, words)
            seconds[way].append(by_clock)
            spent[way].append(of_processor)
    medians = {way: statistics.median(times) for way, times in seconds.items()}
    processor = {way: statistics.median(times) for way, times in spent.items()}
    for way, median in medians.items():
        extent = f"{min(seconds[way]):.1f} to {max(seconds[way]):.1f}"
        print(f"{way:9} {median:7.1f} s  {extent}; {processor[way]:.1f} s of the processor")
    over, gain = medians["evaluate"] / medians["alone"], medians["evaluate"] / medians["workers"]
    of_processor = processor["evaluate"] / processor["alone"]
    print(f"evaluate over decoding and scoring alone: {over:.2f}, of the processor {of_processor:.2f}")
    most = medians["alone"] / medians["halves"]
    print(f"two workers: {gain:.2f} times as fast; two processes that share nothing: {most:.2f} times")
    if options.json:
        figures = {**medians, "over": over, "over_processor": of_processor, "gain": gain, "most": most}
        options.json.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
