"""Does the latency protocol measure what a method takes? Methods that sleep a known time, measured for real.

Each method is a file in its own process, as anybody's would be. The sleeper takes a known time with known
jitter after a slow first call; the asynchronous one returns at once, is done later, and says so by
``synchronise()``. Errors are relative to the time that the method itself saw pass, jitter included.

    python -P benchmarks/latency.py          # about a minute
    python -P benchmarks/latency.py --json r.json
"""

import argparse
import json
import statistics
import tempfile
import textwrap
from pathlib import Path
from typing import Any

SLEEPER = """
    import random, time

    class Sleeper:
        def __init__(self, seconds, jitter, first):
            self.seconds, self.jitter, self.first = seconds, jitter, first
            self.random, self.log = random.Random(0), open({log!r}, "a", buffering=1)

        def __call__(self, image, mask):
            start = time.perf_counter()
            wanted = self.first if self.first else self.seconds * self.random.gauss(1, self.jitter)
            self.first = 0
            time.sleep(max(0.0, wanted))
            self.log.write(f"{{time.perf_counter() - start}}\\n")
            return image

    def make():
        return Sleeper({seconds}, {jitter}, {first})
"""
LATE = """
    import threading, time

    class Late:
        work = None

        def __call__(self, image, mask):
            self.output = image.copy()
            self.work = threading.Thread(target=self.finish)
            self.work.start()
            return self.output

        def finish(self):
            time.sleep({seconds})
            self.output[0, 0] = 255

        def synchronise(self):
            if self.work is not None:
                self.work.join()

    def make():
        return Late()
"""


def measured(folder: Path, name: str, source: str) -> tuple[Any, list[float]]:
    """One size of one method, and the seconds that the method itself saw."""
    from leaderboard.latency.inputs import Procedural
    from leaderboard.latency.plan import Plan
    from leaderboard.latency.process import Target
    from leaderboard.latency.run import Measurement

    path = folder / f"{name}.py"
    path.write_text(textwrap.dedent(source))
    plan = Plan(tier="quick", sessions=2)
    measurement = Measurement(
        Target(spec=f"{path}:make"), [256], material=Procedural(1), plan=plan, areas=False
    )
    (part,) = measurement.run(folder / f"{name}.json").sizes
    log = folder / f"{name}.log"
    return part, [float(line) for line in log.read_text().split()] if log.exists() else []


def sleeper(folder: Path, seconds: float, jitter: float) -> dict[str, Any]:
    """A known time with known jitter, after a first call of a second."""
    name = f"sleep-{1000 * seconds:.0f}"
    source = SLEEPER.format(seconds=seconds, jitter=jitter, first=1.0, log=str(folder / f"{name}.log"))
    part, log = measured(folder, name, source)
    truth = statistics.median(value for value in log if value < 0.9)
    return {
        "method": f"sleeps {1000 * seconds:.0f} ms, jitter {100 * jitter:.0f} %",
        "true_p50_ms": 1e3 * truth,
        "p50_ms": 1e3 * part.e2e.p50_s,
        "model_p50_ms": 1e3 * part.model.p50_s,
        "error_percent": 100 * (part.e2e.p50_s / truth - 1),
        "cold_s": part.sessions[0].first_call_s,
        "runs": part.e2e.n,
        "flags": part.flags,
    }


def late(folder: Path, seconds: float) -> dict[str, Any]:
    """Returns at once; the work takes ``seconds`` more, and ``synchronise()`` waits for it."""
    part, _log = measured(folder, "late", LATE.format(seconds=seconds))
    return {
        "method": f"returns at once, done {1000 * seconds:.0f} ms later",
        "true_p50_ms": 1e3 * seconds,
        "p50_ms": 1e3 * part.e2e.p50_s,
        "model_p50_ms": 1e3 * part.model.p50_s,
        "error_percent": 100 * (part.e2e.p50_s / seconds - 1),
        "cold_s": part.sessions[0].first_call_s,
        "runs": part.e2e.n,
        "flags": part.flags,
    }


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows = [sleeper(folder, 0.01, 0.1), sleeper(folder, 0.1, 0.1), late(folder, 0.05)]
    print("| method | true, ms | end to end, ms | error, % | model, ms | first call, s | runs | flags |")
    print("|---|---:|---:|---:|---:|---:|---:|---|")
    for row in rows:
        numbers = [f"{row[key]:.2f}" for key in ("true_p50_ms", "p50_ms")]
        numbers += [f"{row['error_percent']:+.1f}", f"{row['model_p50_ms']:.2f}", f"{row['cold_s']:.2f}"]
        flags = ", ".join(row["flags"]) or "–"
        print(f"| {' | '.join([row['method'], *numbers, str(row['runs']), flags])} |")
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=2) + "\n")


if __name__ == "__main__":
    main()
