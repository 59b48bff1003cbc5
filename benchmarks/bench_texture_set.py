"""Methods on pictures of textures with fixed holes: scores, times, and contact sheets to look at.

python benchmarks/bench_texture_set.py --out DIR [--methods patchmatch rethined hifill harmonic]
    [--sizes 512 1024] [--holes object large] [--photographs FOLDER] [--against patchmatch]

The set (`texture_set/pictures.py`): five public-domain photographs that come with scikit-image, left out
beyond their own size, and eleven drawings at any size. With ``--photographs`` a folder's pictures instead.
Needs no network; ST-LPIPS is scored where its weights are (df8k weights fetch st-lpips-alex st-lpips-vgg).

Writes ``results.json`` after every fill and goes on from there when it is run again with the same methods:
take another folder after a change of a method's code. ``sheet-SIZE-HOLE.png`` shows whole pictures,
``detail-SIZE-HOLE.png`` a cut of each, pixel by pixel. ``summary.json`` has means, and differences from
``--against`` with 95 % intervals.
"""

import argparse
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from texture_set import sheet
from texture_set.pictures import HOLES, Picture, folder, texture_set
from texture_set.scores import METRICS, compare, scores, timed

from _df8k.files import write_text
from baselines.adapters import Limits, open_method
from baselines.base import Image, Inpainter, Mask, MethodError

Entry = dict[str, Any]
_ABOUT = ("name", "origin", "licence", "side")
_METHODS = ("patchmatch", "rethined", "hifill", "harmonic", "random-sources")


class Run:
    """Fills of one folder: those that are there, and the missing ones made."""

    def __init__(self, out: Path, names: Sequence[str], seconds: float, chosen: Sequence[str]) -> None:
        self._out, self._metrics = out, chosen
        self._methods: dict[str, Inpainter] = {}
        self.failures: dict[str, str] = {}
        for name in names:
            try:
                self._methods[name] = open_method(name, limits=Limits(seconds=seconds))
            except MethodError as error:
                self.failures[name] = str(error)
        self._results = out / "results.json"
        self.entries: list[Entry] = json.loads(self._results.read_text()) if self._results.exists() else []
        self._done = {self._key(entry) for entry in self.entries}
        self._warm: set[str] = set()

    def cell(self, picture: Picture, size: int, hole: str, target: Image) -> None:
        """Fill one hole by every method that has not filled it yet."""
        mask = picture.hole(hole, size)
        zeroed = target.copy()
        zeroed[mask] = 0
        for name, method in self._methods.items():
            entry: Entry = {
                "method": name,
                "version": method.card.version,
                "settings": method.card.settings,
                "picture": picture.name,
                "size": size,
                "hole": hole,
            }
            if self._key(entry) in self._done:
                continue
            self._warm_up(name, method)
            self.entries.append(
                entry | {"coverage": float(mask.mean())} | self._fill(entry, method, zeroed, mask, target)
            )
            write_text(self._results, json.dumps(self.entries, indent=1))
            print(f"{size} {hole} {picture.name} {name}", flush=True)

    def row(self, picture: Picture, size: int, hole: str, target: Image) -> sheet.Row:
        """Read the fills of one hole back."""
        fills: dict[str, Image | None] = {}
        for name in self._methods:
            pixels = cv2.imread(str(self._path(name, picture.name, size, hole)))
            fills[name] = None if pixels is None else np.ascontiguousarray(pixels[..., ::-1], np.uint8)
        return sheet.Row(picture.name, target, picture.hole(hole, size), fills)

    def _fill(self, entry: Entry, method: Inpainter, zeroed: Image, mask: Mask, target: Image) -> Entry:
        try:
            output, seconds, cpu = timed(lambda: method(zeroed.copy(), mask))
        except MethodError as error:
            return {"failure": str(error)}
        output = np.where(mask[..., None], output, target)
        path = self._path(entry["method"], entry["picture"], entry["size"], entry["hole"])
        path.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(path), output[..., ::-1])
        values = scores(output, target, mask, self._metrics)
        return {"seconds": round(seconds, 4), "cpu_seconds": round(cpu, 4), "scores": values}

    def _warm_up(self, name: str, method: Inpainter) -> None:
        """Compile and load before the first timed call."""
        if name not in self._warm:
            self._warm.add(name)
            mask = np.zeros((96, 96), np.bool_)
            mask[40:56, 40:56] = True
            image = np.random.default_rng(0).integers(0, 255, (96, 96, 3)).astype(np.uint8)
            image[mask] = 0
            try:
                method(image, mask)
            except MethodError as error:
                print(f"{name}: {error}")

    def _path(self, method: str, picture: str, size: int, hole: str) -> Path:
        return self._out / "fills" / f"{size}-{hole}" / picture / f"{method}.png"

    @staticmethod
    def _key(entry: Entry) -> str:
        kept = ("method", "version", "settings", "picture", "size", "hole")
        return json.dumps([entry[name] for name in kept], sort_keys=True)


def summary(entries: Sequence[Entry], against: str | None) -> Iterator[Entry]:
    """Average over the pictures that every method of a cell filled, and compare with one of them."""
    for size, hole in sorted({(entry["size"], entry["hole"]) for entry in entries}):
        cell = [entry for entry in entries if (entry["size"], entry["hole"]) == (size, hole)]
        filled: dict[str, dict[str, Entry]] = {}
        for entry in cell:
            if "scores" in entry:
                filled.setdefault(entry["method"], {})[entry["picture"]] = entry
        for name, mine in filled.items():
            line: Entry = {"size": size, "hole": hole, "method": name, "n": len(mine)}
            line["failed"] = sum(entry["method"] == name for entry in cell) - len(mine)
            line["seconds"] = float(np.median([entry["seconds"] for entry in mine.values()]))
            line["cpu_seconds"] = float(np.median([entry["cpu_seconds"] for entry in mine.values()]))
            measured = list(next(iter(mine.values()))["scores"])
            line["scores"] = {
                key: _mean([entry["scores"][key] for entry in mine.values()]) for key in measured
            }
            peer = filled.get(against or "", {})
            both = [picture for picture in mine if picture in peer]
            if name != against and both:
                line["against"] = {"method": against} | {
                    key: compare(*_pairs(mine, peer, both, key))
                    for key in measured
                    if line["scores"][key] is not None
                }
            yield line


def _pairs(
    mine: dict[str, Entry], peer: dict[str, Entry], both: list[str], key: str
) -> tuple[list[float], list[float]]:
    values = [(mine[picture]["scores"][key], peer[picture]["scores"][key]) for picture in both]
    known = [(a, b) for a, b in values if a is not None and b is not None]
    return [a for a, _ in known], [b for _, b in known]


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if known else None


def main() -> None:
    """Fill, score, draw the sheets, print the means."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument(
        "--methods", nargs="+", default=_METHODS, help="names or SPECs, as df8k evaluate takes"
    )
    parser.add_argument("--sizes", type=int, nargs="+", default=(512,))
    parser.add_argument("--holes", nargs="+", choices=tuple(HOLES), default=tuple(HOLES))
    parser.add_argument("--pictures", nargs="+", help="only these")
    parser.add_argument("--photographs", type=Path, help="folder of pictures to take in place of the set")
    parser.add_argument("--metrics", nargs="+", default=METRICS)
    parser.add_argument("--against", help="method that the others are compared with")
    parser.add_argument("--seconds", type=float, default=600.0, help="limit of a call of a foreign method")
    parser.add_argument("--cell", type=int, default=300, help="side of a sheet's cells, in pixels")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    run = Run(options.out, options.methods, options.seconds, options.metrics)
    for name, reason in run.failures.items():
        print(f"{name} is left out: {reason}")
    pictures = list(folder(options.photographs) if options.photographs else texture_set())
    for size in options.sizes:
        rows: dict[str, list[sheet.Row]] = {hole: [] for hole in options.holes}
        for picture in pictures:
            if options.pictures and picture.name not in options.pictures:
                continue
            if picture.side is not None and picture.side < size:
                print(f"{picture.name} is left out at {size}: its own size is {picture.side}")
                continue
            target = picture.at(size)
            for hole in options.holes:
                run.cell(picture, size, hole, target)
                rows[hole].append(run.row(picture, size, hole, target))
        for hole in options.holes:
            for kind in ("sheet", "detail"):
                path = options.out / f"{kind}-{size}-{hole}.png"
                sheet.write(path, rows[hole], options.methods, cell=options.cell, detail=kind == "detail")
        lines = list(summary(run.entries, options.against))
        about = [{key: getattr(picture, key) for key in _ABOUT} for picture in pictures]
        whole = {"pictures": about, "cells": lines, "not_opened": run.failures}
        write_text(options.out / "summary.json", json.dumps(whole, indent=1))
    for line in lines:
        values = "  ".join(
            f"{key} {'-' if value is None else format(value, '.4f')}" for key, value in line["scores"].items()
        )
        print(
            f"{line['size']:>5} {line['hole']:<7}{line['method']:<20} n {line['n']}, {line['failed']} failed"
            f"{line['seconds']:8.2f} s {line['cpu_seconds']:8.2f} CPU s  {values}"
        )


if __name__ == "__main__":
    main()
