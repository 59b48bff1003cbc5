"""Near-duplicates as people make them: how many are found, how many false joins, what it costs.

Example: python benchmarks/bench_near_duplicates.py PHOTOS --count 200 --pairs 10000 --json near.json

Parts, each of which can be run by itself with --part:
  edits   each of some photographs is altered in eleven ways; found are those that join the photograph in a
          library of all that the folder holds
  pairs   pairs of different photographs, at random: those that would be joined, to be looked at
  cost    processor seconds and memory of a library that grows
"""

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from df8k.curation.likeness import Clusters, Look
from df8k.images import decode
from df8k.picture import Picture

LIMITS = {"distance": 12, "correlation": 0.7}
PARTS = ("edits", "pairs", "cost")
WHITE = (255, 255, 255)


def window(image: Any, high: float, wide: float, down: float, right: float) -> Any:
    """Cut out fractions of the sides, at fractions of what is left over."""
    rows, columns = round(image.shape[0] * high), round(image.shape[1] * wide)
    top, left = round((image.shape[0] - rows) * down), round((image.shape[1] - columns) * right)
    return image[top : top + rows, left : left + columns]


def shaped(image: Any, aspect: float, number: int) -> Any:
    """Cut to an aspect, in the middle or at either end."""
    rows, columns = image.shape[:2]
    place = (0.5, 0.0, 1.0)[number % 3]
    return window(image, min(1.0, columns / aspect / rows), min(1.0, rows * aspect / columns), place, place)


def framed(image: Any, number: int) -> Any:
    """Draw a frame of 3 to 9 %."""
    border = round((0.03 + 0.02 * (number % 4)) * max(image.shape))
    colour = (WHITE, (0, 0, 0), (235, 240, 245))[number % 3]
    return cv2.copyMakeBorder(image, *[border] * 4, cv2.BORDER_CONSTANT, value=colour)


def watermarked(image: Any, number: int) -> Any:
    """Write over the picture: one line, or twelve."""
    drawn, (rows, columns) = image.copy(), image.shape[:2]
    large = bool(number % 2)
    scale = columns / (300 if large else 600)
    places = (
        [(0.05, 0.55)] if large else [(0.02 + 0.34 * i, 0.15 + 0.25 * j) for i in range(3) for j in range(4)]
    )
    for x, y in places:
        text, where = "SAMPLE  STOCK" if large else "(c) photo", (round(columns * x), round(rows * y))
        cv2.putText(drawn, text, where, 2, scale, WHITE, max(1, round(2 * scale)), cv2.LINE_AA)
    return cv2.addWeighted(drawn, 0.6, image, 0.4, 0)


def regraded(image: Any, number: int) -> Any:
    """Change tone curve and colours: lighter, harder, grey, faded."""
    values = image.astype(np.float32) / 255
    curves: tuple[Callable[[Any], Any], ...] = (
        lambda x: x**0.6 * np.array([1.2, 1.0, 0.8]),
        lambda x: ((x - 0.5) * 1.6 + 0.5) * np.array([0.85, 1.0, 1.2]),
        lambda x: (x @ np.array([0.3, 0.5, 0.2]))[..., None].repeat(3, 2) ** 1.5,
        lambda x: 0.15 + 0.6 * x * np.array([0.8, 0.95, 1.0]),
    )
    return (np.clip(curves[number % 4](values), 0, 1) * 255).astype(np.uint8)


EDITS: dict[str, Callable[[Any, int], Any]] = {
    "mirrored": lambda image, _n: image[:, ::-1],
    "turned": lambda image, n: np.rot90(image, 1 + n % 3),
    "mirrored and turned": lambda image, n: np.rot90(image[:, ::-1], 1 + 2 * (n % 2)),
    "centre 80 %": lambda image, _n: window(image, 0.8, 0.8, 0.5, 0.5),
    "corner 80 %": lambda image, n: window(image, 0.8, 0.8, n % 2, n // 2 % 2),
    "16:9": lambda image, n: shaped(image, 16 / 9 if image.shape[1] >= image.shape[0] else 9 / 16, n),
    "square": lambda image, n: shaped(image, 1.0, n),
    "framed": framed,
    "watermarked": watermarked,
    "regraded": regraded,
    "centre 60 %": lambda image, _n: window(image, 0.6, 0.6, 0.5, 0.5),
}


def look(image: Any) -> Look:
    """Look at an image as a build does."""
    return Look.at(Picture(np.ascontiguousarray(image)).grey_thumbnail)


def saved(image: Any) -> Any:
    """Pass an image through JPEG of quality 85, as editors save it."""
    bgr = cv2.cvtColor(np.ascontiguousarray(image), cv2.COLOR_RGB2BGR)
    _, data = cv2.imencode(".jpg", bgr, (cv2.IMWRITE_JPEG_QUALITY, 85))
    return decode(data.tobytes())


def library(looks: list[Look]) -> Clusters:
    """Join what is alike among photographs."""
    clusters = Clusters(**LIMITS)
    for number, one in enumerate(looks):
        clusters.add(str(number), one)
    return clusters


def edits(paths: list[Path], looks: list[Look], count: int) -> dict[str, float]:
    """Measure the fraction of each kind of edit that joins its photograph."""
    clusters, fractions = library(looks), {}
    chosen = np.linspace(0, len(paths) - 1, min(count, len(paths))).astype(int)
    for name, edit in EDITS.items():
        found = 0
        for place, number in enumerate(chosen):
            altered = look(saved(edit(decode(paths[number].read_bytes()), place)))
            found += str(number) in clusters.like(altered)
        fractions[name] = found / len(chosen)
        print(f"{name:20s} {fractions[name]:.3f}", flush=True)
    return fractions


def pairs(paths: list[Path], looks: list[Look], count: int, seed: int) -> list[tuple[str, str]]:
    """List the pairs that are joined, of pairs drawn at random."""
    random, joined = np.random.default_rng(seed), []
    for _ in range(count):
        one, other = (int(index) for index in random.choice(len(looks), 2, replace=False))
        clusters = library([looks[one], looks[other]])
        if clusters.count == 1:
            joined.append((paths[one].name, paths[other].name))
    print(f"{len(joined)} of {count} pairs are joined: {joined}")
    return joined


def cost(looks: list[Look]) -> list[tuple[int, float, float]]:
    """Measure a library that grows: images, processor seconds so far, MB of the index."""
    clusters, rows, start = Clusters(**LIMITS), [], time.process_time()
    for number, one in enumerate(looks, 1):
        clusters.add(str(number), one)
        if number & (number - 1) == 0 or number == len(looks):
            rows.append((number, time.process_time() - start, clusters.index_bytes / 1e6))
    for row in rows:
        print("{:8d} images {:8.2f} s {:8.1f} MB".format(*row))
    return rows


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("photographs", type=Path)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--pairs", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0, help="of the pairs")
    parser.add_argument("--part", choices=PARTS, action="append")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    cv2.setNumThreads(1)
    suffixes = {".jpg", ".jpeg", ".png", ".webp", ".tif"}
    paths = sorted(path for path in options.photographs.iterdir() if path.suffix.lower() in suffixes)
    looks = [look(decode(path.read_bytes())) for path in paths]
    results: dict[str, Any] = {"photographs": len(paths)}
    parts = options.part or PARTS
    if "edits" in parts:
        results["edits"] = edits(paths, looks, options.count)
    if "pairs" in parts:
        results["pairs"] = pairs(paths, looks, options.pairs, options.seed)
    if "cost" in parts:
        results["cost"] = cost(looks)
    if options.json is not None:
        options.json.write_text(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
