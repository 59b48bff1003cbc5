"""Builds of many tiny pictures, on the real code path: seconds and memory as the number grows.

Example: python benchmarks/bench_build_scale.py --counts 2000,8000 --workers 2 --json scale.json
The acceptance run: --counts 200000

Every picture is a procedural scene of 192 x 128 px, every tenth one another's copy that was made lighter and
saved again, so that near-duplicates, splits, masks, tables and pages are all made. Memory is that of the
process that decides, after a quarter of the pictures, at their end and at its peak, and the workers' peak.
"""

import argparse
import json
import shutil
import tempfile
import time
from itertools import pairwise
from math import log
from pathlib import Path
from threading import Event, Thread
from typing import Self

import cv2
import numpy as np
import psutil

from df8k.builder import build
from df8k.config import BuildConfig
from df8k.pool import Engine, ordered_map
from df8k.scenes import KINDS, render
from df8k.verification import verify

WIDTH, HEIGHT = 192, 128
COPIES = 10


def draw(task: tuple[Path, int]) -> None:
    """Write one picture."""
    folder, number = task
    original = number - 1 if number % COPIES == COPIES - 1 else number
    kinds = list(KINDS)
    image = render(kinds[original % len(kinds)], WIDTH, HEIGHT, str(original))
    if original != number:
        image = np.clip(image * 1.1 + 4, 0, 255).astype(np.uint8)
    path = folder / f"{number % 1000:03d}" / f"{number}.png"
    path.parent.mkdir(exist_ok=True)
    cv2.imwrite(str(path), cv2.cvtColor(image, cv2.COLOR_RGB2BGR))


class Memory:
    """Resident memory of this process and of all below it, sampled each second."""

    def __init__(self) -> None:
        self.samples: list[tuple[float, int, int]] = []
        self._done = Event()
        self._thread = Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        process = psutil.Process()
        while not self._done.wait(1):
            workers = 0
            for child in process.children(recursive=True):
                try:
                    workers += child.memory_info().rss
                except psutil.NoSuchProcess:
                    continue
            self.samples.append((time.monotonic(), process.memory_info().rss, workers))

    def at(self, moment: float) -> float:
        """MB of this process at a moment."""
        return min(self.samples, key=lambda sample: abs(sample[0] - moment))[1] / 1e6

    def peak(self) -> tuple[float, float]:
        """Peak MB of this process, and of the workers together."""
        return (
            max(driver for _, driver, _ in self.samples) / 1e6,
            max(workers for _, _, workers in self.samples) / 1e6,
        )


def measure(count: int, workers: int, engine: str, root: Path) -> dict[str, float]:
    """Build a dataset of ``count`` candidates, and verify it."""
    photographs = root / f"photographs-{count}"
    photographs.mkdir()
    for _ in ordered_map(draw, ((photographs, number) for number in range(count)), workers=workers):
        pass
    config = BuildConfig(min_side=32, curation={}, near_duplicates={})
    stages: dict[str, float] = {}
    moments: dict[int, float] = {}

    def progress(stage: str, done: int, _total: int | None) -> None:
        stages[stage] = time.monotonic()
        if stage == "examining":
            moments[done] = stages[stage]

    start = time.monotonic()
    with Memory() as memory:
        description = build(
            photographs,
            root / f"out-{count}",
            config,
            workers=workers,
            engine=Engine(name=engine),
            progress=progress,
        ).description
    seconds = time.monotonic() - start
    kept = sum(description.counts.values())
    problems = len(verify(root / f"out-{count}", workers=workers))
    driver, of_workers = memory.peak()
    row: dict[str, float] = {
        "candidates": count,
        "kept": kept,
        "near-duplicates": description.decisions.get("reject: near-duplicate", 0),
        "problems": problems,
        "s": seconds,
        "ms each": 1000 * seconds / count,
        "MB after a quarter": memory.at(moments[max(1, count // 4)]),
        "MB at the end": memory.at(moments[count]),
        "peak MB": driver,
        "peak MB of workers": of_workers,
    }
    before = start
    for stage, end in stages.items():
        row[f"s {stage}"], before = end - before, end
    row["s writing"] = start + seconds - before
    shutil.rmtree(photographs)
    shutil.rmtree(root / f"out-{count}")
    print(json.dumps({name: round(value, 2) for name, value in row.items()}), flush=True)
    return row


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--counts", default="2000,8000", help="numbers of candidates, comma-separated")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--engine", default="local")
    parser.add_argument("--folder", type=Path, help="for pictures and datasets; else a temporary one")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        rows = [
            measure(int(count), options.workers, options.engine, Path(folder))
            for count in options.counts.split(",")
        ]
    for one, other in pairwise(rows):
        growth = log(other["candidates"] / one["candidates"])
        exponents = {name: log(other[name] / one[name]) / growth for name in ("s", "peak MB")}
        print(f"{one['candidates']} to {other['candidates']}: exponents {exponents}")
    if options.json is not None:
        options.json.write_text(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
