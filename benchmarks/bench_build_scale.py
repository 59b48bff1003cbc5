"""Builds of many tiny pictures, on the real code path: time, processor time and memory as the number grows.

Example: python -P benchmarks/bench_build_scale.py --counts 2000,8000 --workers 2 --json scale.json
The acceptance run: ... --counts 200000 --folder FOLDER --json scale.json

Every picture is a procedural scene of 144 x 96 px, every tenth one another's copy that was made lighter and
saved again, so that near-duplicates, splits, masks, tables and pages are all made. All checks look but that
for persons, whose networks take 0.3 s for a picture of any size. One in fifty is a scene of hills, whose
hashes are near each other's. A hundredth is test, with masks.

With --folder, pictures and datasets stay there, and the same command goes on after it was killed: the file of
--json holds a row for each time that it ran. Memory and processor time are sampled each ten seconds; memory
is what the processes hold themselves, without pages of files, which the system takes back when it needs them.
"""

import argparse
import json
import sys
import tempfile
import time
from itertools import pairwise
from math import log
from pathlib import Path
from threading import Event, Thread
from typing import Any, Self

import cv2
import numpy as np
import psutil

from df8k.builder import build
from df8k.config import BuildConfig, SplitFractions
from df8k.pool import Engine, ordered_map
from df8k.scenes import render
from df8k.verification import verify

WIDTH, HEIGHT = 144, 96
COPIES, HILLS = 10, 50
KINDS = ("facade", "signage", "tiles")
SPLITS = SplitFractions(train=0.98, validation=0.01, test=0.01)
CONFIG = BuildConfig(
    min_side=32, curation={"person": {"off": True}}, near_duplicates={}, splits=SPLITS, masked=("test",)
)
EVERY = 10  # s, between samples


def draw(task: tuple[Path, int]) -> None:
    """Write one picture, unless an earlier run did."""
    folder, number = task
    path = folder / f"{number % 1000:03d}" / f"{number}.jpg"
    if path.exists():
        return
    original = number - 1 if number % COPIES == COPIES - 1 else number
    kind = "hills" if original % HILLS == 0 else KINDS[original % len(KINDS)]
    image = render(kind, WIDTH, HEIGHT, str(original))
    if original != number:
        image = np.clip(image * 1.1 + 4, 0, 255).astype(np.uint8)
    path.parent.mkdir(exist_ok=True)
    data = cv2.imencode(".jpg", image[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 95])[1]
    partial = path.with_suffix(".partial")
    partial.write_bytes(data.tobytes())
    partial.replace(path)


class Watch:
    """Progress, memory and processor time of this process and of all below it, sampled and written."""

    def __init__(self, out: Path | None, row: dict[str, Any], rows: list[dict[str, Any]]) -> None:
        self.row, self._rows, self._out = row, rows, out
        self._done = Event()
        self._thread = Thread(target=self._watch, daemon=True)
        self.stage, self.at, self.total = "", 0, 0
        self.begun = time.monotonic()
        self.stages: dict[str, float] = {}
        self._processor = self._used()[0]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()
        self.sample()

    def progress(self, stage: str, done: int, total: int | None) -> None:
        """Take a step of the build."""
        self.stage, self.at, self.total = stage, done, total or 0
        self.stages[stage] = time.monotonic() - self.begun

    def _watch(self) -> None:
        while not self._done.wait(EVERY):
            self.sample()

    def _used(self) -> tuple[float, float, float, float]:
        """Give processor seconds of this process and of the workers, and their MB."""
        process = psutil.Process()
        times_here = process.cpu_times()
        workers, memory = times_here.children_user + times_here.children_system, 0.0
        for child in process.children(recursive=True):
            try:
                times = child.cpu_times()
                workers += times.user + times.system
                memory += _own_megabytes(child)
            except psutil.NoSuchProcess:
                continue
        return times_here.user + times_here.system, workers, _own_megabytes(process), memory

    def sample(self) -> None:
        """Take a sample, and write what is known so far."""
        driver, workers, megabytes, of_workers = self._used()
        seconds = time.monotonic() - self.begun
        sample = {
            "s": round(seconds, 1),
            "stage": self.stage,
            "done": self.at,
            "driver s": round(driver - self._processor, 1),
            "workers s": round(workers, 1),
            "driver MB": round(megabytes, 1),
            "workers MB": round(of_workers, 1),
        }
        self.row["samples"].append(sample)
        self.row |= {"s": seconds, "stages": dict(self.stages)}
        print(json.dumps(sample | {"of": self.total}), flush=True)
        if self._out is not None:
            partial = self._out.with_suffix(".partial")
            partial.write_text(json.dumps(self._rows, indent=1))
            partial.replace(self._out)


def _own_megabytes(process: psutil.Process) -> float:
    memory = process.memory_info()
    return (memory.rss - memory.shared) / 1e6


def measure(
    count: int, options: argparse.Namespace, root: Path, rows: list[dict[str, Any]]
) -> dict[str, Any]:
    """Build a dataset of ``count`` candidates, and verify it."""
    photographs, out = root / f"photographs-{count}", root / f"out-{count}"
    photographs.mkdir(exist_ok=True)
    for _ in ordered_map(draw, ((photographs, number) for number in range(count)), workers=options.workers):
        pass
    row: dict[str, Any] = {"candidates": count, "finished": False, "samples": []}
    rows.append(row)
    engine = Engine(name=options.engine)
    with Watch(options.json, row, rows) as watch:
        report = build(
            photographs, out, CONFIG, workers=options.workers, engine=engine, progress=watch.progress
        )
        description = report.description
    samples = row["samples"]
    row |= {
        "finished": True,
        "resumed": report.resumed,
        "kept": sum(description.counts.values()),
        "decisions": dict(description.decisions),
        "fingerprint": description.fingerprint,
        "ms each": 1000 * row["s"] / count,
        "processor ms each": 1000 * (samples[-1]["driver s"] + samples[-1]["workers s"]) / count,
        "peak driver MB": max(sample["driver MB"] for sample in samples),
        "peak workers MB": max(sample["workers MB"] for sample in samples),
    }
    if not options.no_verify:
        row["problems"] = len(verify(out, workers=options.workers))
    print(json.dumps({name: value for name, value in row.items() if name != "samples"}), flush=True)
    return row


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--counts", default="2000,8000", help="numbers of candidates, comma-separated")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--engine", default="local")
    parser.add_argument(
        "--folder", type=Path, help="for pictures and datasets, which stay; else a temporary one"
    )
    parser.add_argument("--json", type=Path)
    parser.add_argument(
        "--no-verify", action="store_true", help="leave out the check of the finished dataset"
    )
    options = parser.parse_args()
    rows = json.loads(options.json.read_text()) if options.json and options.json.exists() else []
    with tempfile.TemporaryDirectory() as temporary:
        root = options.folder or Path(temporary)
        root.mkdir(parents=True, exist_ok=True)
        finished = [measure(int(count), options, root, rows) for count in options.counts.split(",")]
    if options.json is not None:
        options.json.write_text(json.dumps(rows, indent=1))
    for one, other in pairwise(finished):
        growth = log(other["candidates"] / one["candidates"])
        names = ("s", "processor ms each", "peak driver MB")
        exponents = {name: round(log(other[name] / one[name]) / growth, 3) for name in names}
        sys.stdout.write(f"{one['candidates']} to {other['candidates']}: exponents {exponents}\n")


if __name__ == "__main__":
    main()
