"""What the harness adds to a call: image in to result recorded, beside the plain call of the same method.

`plain` is the method called by itself, in place or, for `worker`, inside its own process as it says itself.
`recorded` is the latency that `df8k evaluate` writes into a result for that call: from image and mask in
memory to the composited picture in memory. Their difference, `overhead`, is what the harness adds to it:
compositing and, for a worker, asking and getting the answer back. `prepare` is what no latency holds: fresh
copies of image and mask before each run, where the method reads them, so that no method can spoil the next
one's. The identity does nothing, so what is recorded for it is overhead alone. Around the other methods the
difference also holds what they leave behind: cold caches, and in the other process a core that has gone to
sleep; for them it is shown as a share of the call.

    python benchmarks/bench_harness.py               # a few minutes
    python benchmarks/bench_harness.py --sizes 256   # to see it work
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np

import baselines
from baselines import Inpainter, MethodCard
from leaderboard.calls.timing import Budget
from leaderboard.harness.producers import Caller
from leaderboard.protocol.task import Task

LIMIT_MS, LIMIT_SHARE = 1.0, 0.05
SMALL, LARGE = 1024, 8192
WORKER = {
    "identity": "def load():\n    return lambda image, mask: image\n",
    "harmonic": "import baselines\ndef load():\n    return baselines.load('harmonic')\n",
}


class Identity:
    """Returns the picture as it is."""

    card = MethodCard(name="identity", version="1", summary="nothing", source="none", licence="Apache-2.0")

    def __call__(self, image: Any, mask: Any) -> Any:  # noqa: ARG002 - the protocol's arguments
        """Return the image itself."""
        return image


class Timed:
    """Keeps how long the method itself took, call by call."""

    def __init__(self, inpaint: Inpainter) -> None:
        self.inpaint, self.card, self.seconds = inpaint, inpaint.card, list[float]()
        self.inputs = getattr(inpaint, "inputs", None)

    def __call__(self, image: Any, mask: Any) -> Any:
        """Call the method."""
        start = time.perf_counter()
        output = self.inpaint(image, mask)
        elapsed = time.perf_counter() - start
        own = self.inpaint.model_seconds if hasattr(self.inpaint, "model_seconds") else None
        self.seconds.append(elapsed if own is None else own)
        return output


def task(side: int, share: float) -> Task:
    """Smooth noise with a hole of the wanted share in blobs."""
    rng = np.random.default_rng(0)
    cells = rng.integers(0, 256, (32, 32, 3)).astype(np.uint8)
    image = cv2.resize(cells, (side, side), interpolation=cv2.INTER_LINEAR)
    field = cv2.resize(rng.normal(size=(9, 9)).astype(np.float32), (512, 512), interpolation=cv2.INTER_CUBIC)
    level = np.quantile(field, 1 - share)
    hole = cv2.resize(field, (side, side), interpolation=cv2.INTER_LINEAR) > level
    return Task(np.asarray(image, np.uint8), np.asarray(hole))


def measure(what: str, inpaint: Inpainter, shown: Task, runs: int) -> dict[str, Any]:
    """One row: medians over the runs of one image, as the harness makes them."""
    timed = Timed(inpaint)
    produced = Caller(timed, Budget(warmup_runs=2, runs=runs, seconds=1e9)).produce(shown, "image", LARGE)
    own = timed.seconds[-runs:]  # the others were the warm-up
    plain, recorded = (1000 * statistics.median(times) for times in (own, produced.seconds))
    # Pairs of one run: what varies from run to run falls out of the difference.
    pairs = zip(produced.seconds, own, strict=True)
    overhead = 1000 * statistics.median(whole - part for whole, part in pairs)
    start = time.perf_counter()
    for _ in range(3):
        shown.method_input()
    prepared = (time.perf_counter() - start) / 3
    return {
        "method": what,
        "side": shown.mask.shape[0],
        "plain_ms": plain,
        "recorded_ms": recorded,
        "overhead_ms": overhead,
        "share": overhead / plain if plain > LIMIT_MS else None,
        "prepare_ms": 1000 * prepared,
    }


def rows(sizes: list[int], share: float, budget_s: float) -> list[dict[str, Any]]:
    """Measure every method at every size."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        methods: dict[str, Inpainter] = {"identity": Identity()}
        methods |= {name: baselines.load(name) for name in ("mean", "harmonic")}
        for name, text in WORKER.items():
            path = Path(folder) / f"{name}.py"
            path.write_text(text)
            methods[f"{name}, worker"] = baselines.open_method(f"{path}:load")
        for side in sizes:
            shown = task(side, share)
            for what, inpaint in methods.items():
                start = time.perf_counter()
                inpaint(*shown.method_input())
                once = time.perf_counter() - start
                runs = max(3, min(100, round(budget_s / max(once, 1e-4))))
                found.append(measure(what, inpaint, shown, runs))
    return found


def faults(found: list[dict[str, Any]]) -> list[str]:
    """Rows beyond the aims."""
    late = [
        f"{row['method']} at {row['side']}: {row['overhead_ms']:.2f} ms"
        for row in found
        if row["side"] == SMALL and row["method"].startswith("identity") and row["overhead_ms"] > LIMIT_MS
    ]
    shares = [
        f"{row['method']} at {row['side']}: {row['share']:.1%} of the call"
        for row in found
        if row["side"] == LARGE and row["share"] is not None and row["share"] > LIMIT_SHARE
    ]
    return late + shares


def main() -> None:
    """Measure and print; exit code 1 when an aim is missed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sizes", type=int, nargs="+", default=[SMALL, LARGE])
    parser.add_argument("--share", type=float, default=0.4, help="missing share")
    parser.add_argument("--seconds", type=float, default=3.0, help="per row, about")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    found = rows(options.sizes, options.share, options.seconds)
    columns = ("plain", "recorded", "overhead", "prepare")
    print(f"{'method':20}{'side':>6}" + "".join(f"{name + ' ms':>14}" for name in columns) + f"{'share':>8}")
    for row in found:
        cells = "".join(f"{row[f'{name}_ms']:14.2f}" for name in columns)
        share = "" if row["share"] is None else f"{row['share']:8.1%}"
        print(f"{row['method']:20}{row['side']:>6}{cells}{share}")
    missed = faults(found)
    print("\n".join(missed) or "within 1 ms per call at 1024 and 5 % of a call at 8192")
    if options.json:
        options.json.write_text(json.dumps(found, indent=1))
    sys.exit(bool(missed))


if __name__ == "__main__":
    main()
