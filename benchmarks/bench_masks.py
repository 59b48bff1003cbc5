"""Masks: time from key to raster against LaMa's procedure and the cost of filling a buffer; size as vectors.

Run with nothing else on the machine, one thread:
``OMP_NUM_THREADS=1 python benchmarks/bench_masks.py [--json]``.

LaMa's procedure is written here anew from its published parameters (advimman/lama, random_*_512): chains of
round-ended lines drawn with OpenCV into a float32 canvas, or boxes; five variants, those that cover more than
half are dropped, one of the rest is taken. Its lengths are pixels, so they are multiplied by size / 512,
which keeps what the masks look like. Every draw of the five is timed, as the procedure makes them all.
"""

import argparse
import gzip
import json
import platform
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

import masks

COUNT_VECTORS = 1000


@dataclass(frozen=True)
class Law:
    """A published LaMa configuration, lengths in pixels of a 512 canvas."""

    chains: tuple[int, int]
    length: int
    width: int
    boxes: tuple[int, int] | None
    side: tuple[int, int] = (0, 0)
    margin: int = 0


LAMA = {
    "thin": Law((4, 71), 100, 20, None),
    "medium": Law((4, 11), 200, 100, (1, 5), (30, 150)),
    "thick": Law((1, 6), 450, 250, (1, 4), (30, 300), 10),
}


def lama_strokes(random: np.random.RandomState, law: Law, size: int, scale: float) -> np.ndarray:
    """Chains of lines, with LaMa's four angles and its clipping to the canvas."""
    canvas = np.zeros((size, size), np.float32)
    for chain in range(random.randint(law.chains[0], law.chains[1] + 1)):
        x, y = random.randint(size), random.randint(size)
        for _ in range(1 + random.randint(5)):
            angle = 0.01 + random.randint(4)
            if chain % 2 == 0:
                angle = 2 * np.pi - angle
            length = scale * (10 + random.randint(law.length))
            width = int(scale * (5 + random.randint(law.width)))
            end_x = int(np.clip(x + length * np.sin(angle), 0, size))
            end_y = int(np.clip(y + length * np.cos(angle), 0, size))
            cv2.line(canvas, (x, y), (end_x, end_y), 1.0, width)
            x, y = end_x, end_y
    return canvas


def lama_boxes(random: np.random.RandomState, law: Law, size: int, scale: float) -> np.ndarray:
    """Rectangles inside a margin."""
    assert law.boxes is not None
    canvas = np.zeros((size, size), np.float32)
    margin = int(scale * law.margin)
    for _ in range(random.randint(law.boxes[0], law.boxes[1] + 1)):
        low, high = int(scale * law.side[0]), int(scale * law.side[1])
        wide, tall = random.randint(low, high), random.randint(low, high)
        x, y = random.randint(margin, size - margin - wide), random.randint(margin, size - margin - tall)
        canvas[y : y + tall, x : x + wide] = 1
    return canvas


def lama_mask(random: np.random.RandomState, law: Law, size: int) -> np.ndarray | None:
    """One accepted mask of the procedure, or None where all five variants cover more than half."""
    scale, kept = size / 512, []
    for _ in range(5):
        with_boxes = law.boxes is not None and random.rand() < 3 / 13
        canvas = (lama_boxes if with_boxes else lama_strokes)(random, law, size, scale)
        if canvas.mean() <= 0.5:
            kept.append(canvas)
    return kept[random.randint(len(kept))] if kept else None


def timed(action: Callable[[], object]) -> float:
    """Milliseconds of one call."""
    start = time.perf_counter()
    action()
    return 1000 * (time.perf_counter() - start)


def fill(size: int) -> None:
    """Write every byte of a fresh buffer once: the least that any mask of this size costs."""
    np.empty((size, size), np.bool_).fill(True)


def measure(size: int, runs: int) -> dict[str, Any]:
    """All times in turn, so that a disturbance meets each alike; medians in milliseconds."""
    times: dict[str, list[float]] = {}

    def note(name: str, action: Callable[[], object]) -> None:
        times.setdefault(name, []).append(timed(action))

    random = np.random.RandomState(0)
    for preset in ("band-30-50", "blobs"):
        masks.synthesize((1, 1), preset, "warm-up").rasterize(size, size)
    fill(size)
    for run in range(runs):
        note("fill", lambda: fill(size))
        for preset in ("band-30-50", "blobs"):
            vectors: list[masks.VectorMask] = []
            note(
                f"{preset} sample and solve",
                lambda: vectors.append(masks.synthesize((1, 1), preset, f"b{run}")),  # noqa: B023 - called at once
            )
            note(f"{preset} raster", lambda: vectors[0].rasterize(size, size))  # noqa: B023
            whole = times[f"{preset} sample and solve"][-1] + times[f"{preset} raster"][-1]
            times.setdefault(preset, []).append(whole)
        law = LAMA[("thin", "medium", "thick")[run % 3]]
        note("LaMa's procedure", lambda: lama_mask(random, law, size))  # noqa: B023
    medians = {name: statistics.median(values) for name, values in times.items()}
    return {
        "milliseconds": medians,
        "p90": {name: float(np.quantile(values, 0.9)) for name, values in times.items()},
        "blobs over fill": medians["blobs"] / medians["fill"],
        "LaMa over band-30-50": medians["LaMa's procedure"] / medians["band-30-50"],
    }


def vector_bytes() -> dict[str, int]:
    """Size of a thousand official masks as one file of vectors."""
    made = [masks.synthesize((3, 2), "df8k", f"v{index}") for index in range(COUNT_VECTORS)]
    lines = "".join(f"{vector.json}\n" for vector in made).encode()
    return {"json": len(lines), "gzip": len(gzip.compress(lines, mtime=0))}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=8192)
    parser.add_argument("--runs", type=int, default=45)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    found = {
        "size": arguments.size,
        "runs": arguments.runs,
        "numpy": np.__version__,
        "opencv": cv2.__version__,
        "machine": platform.machine(),
        **measure(arguments.size, arguments.runs),
        "bytes of 1000 vectors": vector_bytes(),
    }
    if arguments.json:
        print(json.dumps(found, indent=2))
        return
    print(f"{arguments.size} x {arguments.size}, one thread, median (p90) of {arguments.runs}, ms")
    for name, value in found["milliseconds"].items():
        print(f"  {name:28} {value:8.1f} ({found['p90'][name]:.1f})")
    print(f"blobs / filling a buffer          {found['blobs over fill']:.2f}")
    print(f"LaMa's procedure / band-30-50     {found['LaMa over band-30-50']:.1f}")
    for form, size in found["bytes of 1000 vectors"].items():
        print(f"1000 official masks as {form:5} {size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
