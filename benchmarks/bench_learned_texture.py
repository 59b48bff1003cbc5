"""Does a learned method bring texture back, and what does it pay in error? Paired, with 95 % intervals.

On the test split of a dataset, centre squares reduced by area to every size (``4096-long``: whole pictures
whose longer side is reduced to that), masks drawn by key from every preset. Nothing is enlarged. For each
learned method against each peer: hole L1 (ratio of the means), the distance of the gradient energy from the
original's (difference of mean ``|log(energy / original's)|``), and `swd` of the pooled patches (difference).
Pictures are resampled, all methods together; below zero the learned method is closer.

    python benchmarks/bench_learned_texture.py --data DATASET --methods rethined --json table.json

With ``--cache DIR`` what a method reached on a cell is kept there, by its card, and not computed again: take
another folder after a change of its code.
"""

import argparse
import hashlib
import json
import pickle
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np

import baselines
import df8k
import masks
import metrics
from baselines.base import Image, Inpainter, Mask
from metrics.distributions.sliced import swd
from metrics.estimate import Rows, Samples
from metrics.pair import Pair
from metrics.pyramid_patches import laplacian_patches

RESAMPLES = 1000
# Of the intervals alone: 512 directions as in the metric would cost eight times the time for the same width.
DIRECTIONS = 64


@dataclass
class Record:
    """What one method reached on one picture, over all its masks."""

    l1: list[float] = field(default_factory=list)
    energy: list[float] = field(default_factory=list)
    rows: dict[str, list[Rows]] = field(default_factory=dict)

    def add(self, prediction: Image, target: Image, mask: Mask, key: str) -> None:
        """Measure one filled picture."""
        self.l1.append(float(metrics.compute(prediction, target, mask, names=["l1"])["l1.hole"]))
        self.energy.append(float(np.log(energy(prediction, mask) / energy(target, mask))))
        for level, rows in laplacian_patches(Pair(prediction, target, mask), key).items():
            self.rows.setdefault(level, []).append(rows)


def energy(image: Image, mask: Mask) -> float:
    """Mean absolute difference of neighbours that are both missing, in grey levels."""
    grey = image.astype(np.float32).mean(axis=2)
    down, right = np.abs(np.diff(grey, axis=0)), np.abs(np.diff(grey, axis=1))
    inside = down[mask[1:] & mask[:-1]].sum(), right[mask[:, 1:] & mask[:, :-1]].sum()
    pairs = (mask[1:] & mask[:-1]).sum() + (mask[:, 1:] & mask[:, :-1]).sum()
    return float(sum(inside) / pairs) + 1e-3


def pictures(data: Path, size: str, limit: int | None, split: str) -> Iterator[tuple[str, Image]]:
    """Pictures at a size; smaller ones are left out, of the others the first ``limit`` are used."""
    px, long = int(size.removesuffix("-long")), size.endswith("-long")
    chosen = []
    for sample in df8k.load(data, split=split):
        sides = int(sample.metadata["width"]), int(sample.metadata["height"])
        if (max(sides) if long else min(sides)) >= px:
            chosen.append(sample)
    for sample in chosen[:limit]:
        image = sample.image
        side = min(image.shape[:2])
        if not long:
            top, left = (image.shape[0] - side) // 2, (image.shape[1] - side) // 2
            image = np.ascontiguousarray(image[top : top + side, left : left + side])
        factor = px / max(image.shape[:2])
        if factor < 1:
            shape = round(image.shape[1] * factor), round(image.shape[0] * factor)
            image = cv2.resize(image, shape, interpolation=cv2.INTER_AREA).astype(np.uint8)
        yield sample.id, image


def measure(
    methods: dict[str, Inpainter], data: Path, size: str, preset: str, options: argparse.Namespace
) -> dict[str, list[Record]]:
    """Fill every picture by every method that the cache does not hold."""
    places = {name: cached(method, size, preset, options) for name, method in methods.items()}
    found: dict[str, list[Record]] = {
        name: pickle.loads(place.read_bytes())  # noqa: S301 - this script's own files
        for name, place in places.items()
        if place and place.exists()
    }
    missing = [name for name in methods if name not in found]
    found |= {name: [] for name in missing}
    for identity, target in pictures(data, size, options.limit, options.split) if missing else ():
        for name in missing:
            found[name].append(Record())
        for draw in range(options.draws):
            height, width = target.shape[:2]
            vector = masks.synthesize(aspect=(width, height), preset=preset, key=f"{identity}|{draw}")
            mask = vector.rasterize(width, height)
            image = target.copy()
            image[mask] = 0
            for name in missing:
                prediction = np.where(mask[..., None], methods[name](image.copy(), mask), target)
                found[name][-1].add(prediction, target, mask, f"{identity}|{draw}")
    for name in missing:
        if (place := places[name]) is not None:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(pickle.dumps(found[name]))
    return found


def cached(method: Inpainter, size: str, preset: str, options: argparse.Namespace) -> Path | None:
    """Where the cache keeps what a method reached on a cell."""
    if options.cache is None:
        return None
    parts = (
        method.card,
        str(size),
        preset,
        options.draws,
        options.limit,
        options.split,
        options.data.resolve(),
    )
    return (
        options.cache / f"{method.card.name}-{hashlib.sha256(repr(parts).encode()).hexdigest()[:16]}.pickle"
    )


def pooled_swd(records: list[Record]) -> float:
    """Compute the package's `swd` of all patches of all images."""
    sides: list[dict[str, Rows]] = [{}, {}]
    for level in records[0].rows:
        for side, into in enumerate(sides):
            into[level] = np.concatenate([rows[side] for record in records for rows in record.rows[level]])
    value = swd(Samples(sides[0], sides[1], len(records), 0)).value
    assert value is not None
    return value


class Projected:
    """Patches of every picture, projected per colour channel, so that a resample needs no product."""

    def __init__(self, records: list[Record]) -> None:
        self._levels = []
        for level in records[0].rows:
            rows = [np.concatenate(record.rows[level], axis=1) for record in records]
            dimensions = rows[0].shape[2]
            directions = np.random.Generator(np.random.Philox(0)).standard_normal((dimensions, DIRECTIONS))
            directions /= np.linalg.norm(directions, axis=0)
            parts = directions.reshape(-1, 3, DIRECTIONS)
            self._levels.append(([self._project(r, parts) for r in rows], parts.sum(axis=0)))

    @staticmethod
    def _project(rows: Rows, parts: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        values = rows.reshape(*rows.shape[:2], -1, 3).astype(np.float64)
        projected = np.einsum("snpc,pcd->sncd", values, parts, optimize=True)
        return projected, values.mean((1, 2)), (values**2).mean((1, 2))

    def swd(self, chosen: np.ndarray) -> float:
        """Compute the statistic of the drawn images, with `DIRECTIONS` directions."""
        distances = []
        for pictures, sums in self._levels:
            sets = []
            for side in range(2):
                mean = np.mean([pictures[i][1][side] for i in chosen], axis=0)
                square = np.mean([pictures[i][2][side] for i in chosen], axis=0)
                scale = np.sqrt(np.maximum(square - mean**2, 0))
                scale[scale == 0] = 1
                stacked = np.concatenate([pictures[i][0][side] for i in chosen])
                white = ((stacked - mean[:, None] * sums) / scale[:, None]).sum(axis=1)
                sets.append(np.sort(white.astype(np.float32), axis=0))
            distances.append(1000 * np.abs(sets[0] - sets[1]).mean())
        return float(np.mean(distances))


def interval(values: np.ndarray) -> list[float]:
    """95 % percentile interval."""
    return [float(x) for x in np.percentile(values, (2.5, 97.5))]


def compare(mine: list[Record], peer: list[Record], resamples: int) -> dict[str, Any]:
    """Paired comparison of two methods on the same pictures and masks."""
    n = len(mine)
    draws = np.random.Generator(np.random.Philox(1)).integers(0, n, (resamples, n))
    l1 = np.array([[np.mean(r.l1) for r in side] for side in (mine, peer)])
    gap = np.array([[np.mean(np.abs(r.energy)) for r in side] for side in (mine, peer)])
    ours, theirs = Projected(mine), Projected(peer)
    few = draws[: max(1, resamples // 5)]
    texture = np.array([ours.swd(chosen) - theirs.swd(chosen) for chosen in few])
    return {
        "l1_ratio": float(l1[0].mean() / l1[1].mean()),
        "l1_ratio_95": interval(l1[0][draws].mean(1) / l1[1][draws].mean(1)),
        "energy_gap_difference": float((gap[0] - gap[1]).mean()),
        "energy_gap_difference_95": interval((gap[0] - gap[1])[draws].mean(1)),
        "swd_difference": pooled_swd(mine) - pooled_swd(peer),
        "swd_difference_95": interval(texture),
    }


def summary(records: list[Record]) -> dict[str, float]:
    """Means of one method."""
    energies = [value for record in records for value in record.energy]
    return {
        "n": len(records),
        "l1": float(np.mean([np.mean(r.l1) for r in records])),
        "energy": float(np.exp(np.mean(energies))),
        "energy_gap": float(np.mean(np.abs(energies))),
        "swd": pooled_swd(records),
    }


def report(table: list[dict[str, Any]]) -> None:
    """Print the comparisons."""
    print(f"{'cell':<22}{'against':<12}{'L1 ratio':>24}{'|log energy| diff':>28}{'swd diff':>30}")
    for cell in table:
        name = f"{cell['preset']} {cell['size']}"
        for method, values in cell["methods"].items():
            print(
                f"{name:<22}{method:<12}L1 {255 * values['l1']:6.2f}  energy {values['energy']:5.2f}  "
                f"gap {values['energy_gap']:5.2f}  swd {values['swd']:7.1f}  n {values['n']:.0f}"
            )
        for pair, found in cell["comparisons"].items():
            shown = "".join(
                f"{found[key]:>12.3f} [{found[key + '_95'][0]:.3f}, {found[key + '_95'][1]:.3f}]"
                for key in ("l1_ratio", "energy_gap_difference", "swd_difference")
            )
            print(f"{name:<22}{pair:<26}{shown}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--split", default="test")
    parser.add_argument("--methods", nargs="+", default=("rethined",))
    parser.add_argument("--against", nargs="*", default=("telea", "ns", "harmonic"))
    parser.add_argument("--sizes", nargs="+", default=("1024", "2048", "4096"))
    parser.add_argument("--presets", nargs="+", default=("df8k", "df8k-small"))
    parser.add_argument("--draws", type=int, default=3, help="masks for each picture and preset")
    parser.add_argument("--limit", type=int)
    parser.add_argument("--resamples", type=int, default=RESAMPLES)
    parser.add_argument("--options", default="{}", help="JSON: options of the first method")
    parser.add_argument(
        "--cache", type=Path, help="folder for what methods reached; made by this script alone"
    )
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    names = (*options.methods, *options.against)
    extra = {options.methods[0]: json.loads(options.options)}
    methods = {name: baselines.load(name, **extra.get(name, {})) for name in names}
    table = []
    for size in options.sizes:
        for preset in options.presets:
            found = measure(methods, options.data, size, preset, options)
            if not found[names[0]]:
                print(f"{preset} {size}: no picture of the split is that large")
                continue
            cell = {
                "size": size,
                "preset": preset,
                "methods": {name: summary(records) for name, records in found.items()},
                "comparisons": {
                    f"{mine} - {peer}": compare(found[mine], found[peer], options.resamples)
                    for mine in options.methods
                    for peer in options.against
                },
            }
            table.append(cell)
            report([cell])
            if options.json:
                options.json.write_text(json.dumps(table, indent=1))


if __name__ == "__main__":
    main()
