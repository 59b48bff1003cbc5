"""Does the latency protocol measure what a method takes? Methods that sleep a known time, measured for real.

Each method is a file in its own process, as anybody's would be. The sleeper takes a known time with known
jitter after a slow first call; the asynchronous one returns at once, is done later, and says so by
``synchronise()``. Errors are relative to the time that the method itself saw pass, jitter included.

    python benchmarks/bench_latency.py          # about a minute
    python benchmarks/bench_latency.py --json r.json
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
    from leaderboard.latency.process import Target
    from leaderboard.latency.run import Measurement

    path = folder / f"{name}.py"
    path.write_text(textwrap.dedent(source))
    target = Target(spec=f"{path}:make")
    measurement = Measurement(target, [256], material=Procedural(1), plan=plan(), areas=False)
    (part,) = measurement.run(folder / f"{name}.json").sizes
    log = folder / f"{name}.log"
    return part, [float(line) for line in log.read_text().split()] if log.exists() else []


def plan() -> Any:
    """Make the quick tier with half of its time."""
    from leaderboard.latency.plan import Plan

    return Plan(tier="quick", sessions=2, seconds=5.0)


def row(method: str, truth: float, part: Any) -> dict[str, Any]:
    """Compare measured values with true ones."""
    model = None if part.model is None else part.model.p50_s
    return {
        "method": method,
        "true_p50_ms": 1e3 * truth,
        "p50_ms": 1e3 * part.e2e.p50_s,
        "error_percent": 100 * (part.e2e.p50_s / truth - 1),
        "model_p50_ms": None if model is None else 1e3 * model,
        "model_error_percent": None if model is None else 100 * (model / truth - 1),
        "first_call_s": part.sessions[0].first_call_s,
        "runs": part.e2e.n,
        "flags": part.flags,
    }


def sleeper(folder: Path, seconds: float, jitter: float) -> dict[str, Any]:
    """Measure a known time with known jitter, after a first call of a second, in a process of its own."""
    name = f"sleep-{1000 * seconds:.0f}"
    source = SLEEPER.format(seconds=seconds, jitter=jitter, first=1.0, log=str(folder / f"{name}.log"))
    part, log = measured(folder, name, source)
    truth = statistics.median(value for value in log if value < 0.9)
    return row(f"sleeps {1000 * seconds:.0f} ms, jitter {100 * jitter:.0f} %", truth, part)


def late(folder: Path, seconds: float) -> dict[str, Any]:
    """Return at once; the work takes ``seconds`` more, and ``synchronise()`` waits for it."""
    part, _log = measured(folder, "late", LATE.format(seconds=seconds))
    return row(f"returns at once, done {1000 * seconds:.0f} ms later", seconds, part)


def inside(folder: Path, seconds: float, jitter: float) -> dict[str, Any]:
    """Time the sleeper in the harness's process, as registered methods are: nothing is passed on."""
    from leaderboard.latency.clock import SystemClock
    from leaderboard.latency.inputs import Procedural
    from leaderboard.latency.session import Input, run_session
    from leaderboard.latency.summary import session_record, size_latency

    log = folder / "inside.log"
    namespace: dict[str, Any] = {}
    source = SLEEPER.format(seconds=seconds, jitter=jitter, first=1.0, log=str(log))
    exec(textwrap.dedent(source), namespace)  # noqa: S102 - the text above
    (picture,) = Procedural(1).pictures(256)
    inputs = [Input(*picture.task.method_input())]
    sessions, samples = [], []
    for number in range(2):
        found = run_session(namespace["make"], inputs, plan(), SystemClock())
        own = [{"session": number, "hole_pixels": 0, **vars(run)} for run in found.runs]
        sessions.append(session_record({"process_s": 0.0, **vars(found), **vars(found.footprint)}, own))
        samples += own
    names = ("size", "width", "height", "attempts")
    about: dict[str, Any] = dict.fromkeys(names, 256) | {"status": "ok", "message": ""}
    about |= {"inputs": [], "hole_pixels": [], "encode_s": None, "decode_s": None}
    truth = statistics.median(value for line in log.read_text().split() if (value := float(line)) < 0.9)
    title = f"the same in the harness's process, {1000 * seconds:.0f} ms"
    return row(title, truth, size_latency(about, sessions, samples))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows = [inside(folder, 0.01, 0.1), sleeper(folder, 0.01, 0.1), sleeper(folder, 0.1, 0.1)]
        rows.append(late(folder, 0.05))
    header = ["method", "true, ms", "end to end, ms", "error, %", "model, ms", "error, %", "first call, s"]
    print(f"| {' | '.join([*header, 'runs', 'flags'])} |\n|---|{7 * '---:|'}---|")
    for found in rows:
        numbers = [f"{found[key]:.2f}" for key in ("true_p50_ms", "p50_ms")]
        numbers.append(f"{found['error_percent']:+.1f}")
        model, error = found["model_p50_ms"], found["model_error_percent"]
        numbers += ["–", "–"] if model is None else [f"{model:.2f}", f"{error:+.1f}"]
        numbers += [f"{found['first_call_s']:.2f}", str(found["runs"]), ", ".join(found["flags"]) or "–"]
        print(f"| {' | '.join([found['method'], *numbers])} |")
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=2) + "\n")


if __name__ == "__main__":
    main()
