"""Costs of each stage for a photograph, and of many on a cluster: measured, simulated, checked.

Example: python benchmarks/bench_cluster_cost.py PHOTOS --count 12 --method patchmatch --json cost.json

Parts, each of which can be run by itself with --part:
  stages    processor seconds of a photograph: fetch, decode, checks, likeness, encode, store; of a method's
            answer and of its metrics at one size
  check     the simulation of `df8k.pool` against runs of 1 to 4 workers, whose tasks sleep as simulated
  clusters  hours of a build of a million photographs, and of 20 methods on 570 images at 7 sizes, on N nodes
"""

import argparse
import heapq
import json
import tempfile
import time
from collections import deque
from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from _df8k.files import write_bytes
from df8k.checks import Picture, inspect
from df8k.config import BuildConfig
from df8k.curation.likeness import Clusters, Look
from df8k.identity import pixel_sha256
from df8k.images import png_buffer, read_image
from df8k.pool import ordered_map

PARTS = ("stages", "check", "clusters")
CORES = 16  # of a node
NODES = (1, 4, 16, 64)


def stages(paths: Sequence[Path], folder: Path) -> dict[str, float]:
    """Measure the mean processor seconds of each stage of a build, over photographs."""
    spent: dict[str, float] = {}
    checks = BuildConfig(curation={}, near_duplicates={}).checks
    clusters = Clusters(distance=12, correlation=0.7)

    def timed(name: str, work: Callable[[], Any]) -> Any:
        start = time.process_time()
        result = work()
        spent[name] = spent.get(name, 0.0) + time.process_time() - start
        return result

    megapixels = 0.0
    for number, path in enumerate(paths):
        data = timed("fetch and hash", lambda path=path: sha256(read := path.read_bytes()) and read)
        pixels = timed("decode", lambda data=data: read_image(data).pixels)
        picture = Picture(pixels)
        timed("checks", lambda picture=picture: inspect(picture, checks))
        timed("pixel hash", lambda pixels=pixels: pixel_sha256(pixels))
        look = timed("look", lambda picture=picture: Look.at(picture.grey_thumbnail))
        encoded = timed("encode", lambda pixels=pixels: png_buffer(pixels))
        timed("store", lambda encoded=encoded: write_bytes(folder / "stored.png", encoded))
        timed("likeness (driver)", lambda look=look, number=number: clusters.add(str(number), look))
        megapixels += pixels.shape[0] * pixels.shape[1] / 1e6
    costs = {name: seconds / len(paths) for name, seconds in spent.items()}
    return costs | {"megapixels": megapixels / len(paths)}


def answers(paths: Sequence[Path], name: str, size: int) -> dict[str, float]:
    """Measure the mean processor seconds of a method's answer and of its metrics at a size."""
    from df8k import baselines, masks, metrics

    method = baselines.load(name)
    vector = masks.synthesize(aspect=(1, 1), preset="df8k", key="cost")
    mask = vector.rasterize(size, size)
    spent = {"answer": 0.0, "metrics": 0.0}
    for number, path in enumerate([paths[0], *paths]):
        pixels = read_image(path.read_bytes()).pixels
        side = min(pixels.shape[:2])
        square = cv2.resize(pixels[:side, :side], (size, size), interpolation=cv2.INTER_AREA)
        image = np.where(mask[..., None], np.uint8(0), square)
        start = time.process_time()
        filled = method(image, mask)
        middle = time.process_time()
        metrics.compute(filled, square, mask, names=["l1", "psnr", "ssim", "haarpsi"])
        if number:  # the first one warms up
            spent["answer"] += middle - start
            spent["metrics"] += time.process_time() - middle
    return {name: seconds / len(paths) for name, seconds in spent.items()}


def simulated(durations: Sequence[float], workers: int, driver: float = 0.0) -> float:
    """Simulate `df8k.pool.Workers.map`: in order, at most two tasks a worker under way; gives seconds."""
    free = [0.0] * workers
    under_way: deque[float] = deque()
    now = 0.0
    for duration in durations:
        end = max(now, heapq.heappop(free)) + duration
        heapq.heappush(free, end)
        under_way.append(end)
        if len(under_way) >= 2 * workers:
            now = max(now, under_way.popleft()) + driver
    while under_way:
        now = max(now, under_way.popleft()) + driver
    return now


def check(seed: int) -> list[dict[str, float]]:
    """Compare the simulation with tasks that sleep, so that other work on the machine changes little."""
    durations = np.random.default_rng(seed).lognormal(-1.5, 0.6, 60).tolist()
    rows = []
    for workers in (1, 2, 3, 4):
        results = ordered_map(time.sleep, [0.0] * 2 * workers + durations, workers=workers)
        for _ in range(2 * workers):
            next(results)  # the processes have started
        start = time.monotonic()
        for _ in results:
            pass
        row = {
            "workers": workers,
            "s": time.monotonic() - start,
            "simulated s": simulated(durations, workers),
        }
        rows.append(row)
        print("{workers} workers: {s:.2f} s, simulated {simulated s:.2f} s".format(**row), flush=True)
    return rows


def clusters(costs: dict[str, float], seed: int) -> list[dict[str, float]]:
    """Simulate a million photographs, and 20 methods on 570 images at 7 sizes, scaled up from a sample."""
    spread = np.random.default_rng(seed).lognormal(-0.18, 0.6, 20_000)  # of sizes; mean 1
    driver = costs["likeness (driver)"]
    each = sum(
        costs[name] for name in costs if name not in {"likeness (driver)", "megapixels", "answer", "metrics"}
    )
    rows = []
    for nodes in NODES:
        build = simulated((each * spread).tolist(), nodes * CORES, driver) * 1e6 / len(spread)
        row: dict[str, float] = {
            "nodes": nodes,
            "build h": build / 3600,
            "driver alone h": driver * 1e6 / 3600,
        }
        if "answer" in costs:
            # Seven sizes, 512 to 8192, cost as their pixels: in units of the measured one at 1024.
            areas = np.array([0.25, 1, 4, 9, 16, 36, 64])
            tasks = np.tile((costs["answer"] + costs["metrics"]) * areas, 570 * 20)
            row["evaluate h"] = simulated(tasks.tolist(), nodes * CORES) / 3600
        rows.append(row)
        print(json.dumps({name: round(value, 2) for name, value in row.items()}), flush=True)
    return rows


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("photographs", type=Path)
    parser.add_argument("--count", type=int, default=12)
    parser.add_argument("--method", default="patchmatch")
    parser.add_argument("--size", type=int, default=1024)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--part", choices=PARTS, action="append")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    cv2.setNumThreads(1)
    parts = options.part or PARTS
    results: dict[str, Any] = {}
    if "check" in parts:
        results["check"] = check(options.seed)
    if "stages" in parts or "clusters" in parts:
        files = sorted(
            path for path in options.photographs.iterdir() if path.suffix.lower() in {".jpg", ".png"}
        )
        paths = [files[round(index)] for index in np.linspace(0, len(files) - 1, options.count)]
        with tempfile.TemporaryDirectory() as folder:
            costs = stages(paths, Path(folder))
        costs |= answers(paths, options.method, options.size)
        results["stages"] = costs
        print(json.dumps({name: round(value, 4) for name, value in costs.items()}, indent=1), flush=True)
        if "clusters" in parts:
            results["clusters"] = clusters(costs, options.seed)
    if options.json is not None:
        options.json.write_text(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
