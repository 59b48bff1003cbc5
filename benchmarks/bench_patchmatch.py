"""patchmatch against the package pypatchmatch, in one run: time at each size, and growth with the hole.

python benchmarks/bench_patchmatch.py [--sizes 512 2048] [--large 8192] [--out FILE.json]

Both fill the same holes of the texture set's pebbles, drawn at each size. The peer runs in a process of its
own, where it is installed (pip install 'df8k[peers]'); its processor time is counted too. Ratios of processor
seconds hold on a busy machine, those of the clock only on an idle one. How the fills look and score:
bench_texture_set.py --methods patchmatch pypatchmatch --against pypatchmatch.
"""

import argparse
import json
import resource
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from texture_set.pictures import texture_set
from texture_set.scores import timed

import baselines
from _df8k.files import write_text
from baselines.base import Image, Inpainter, Mask, MethodError

_NAMES = ("patchmatch", "pypatchmatch")
_PICTURE = "pebbles"
_FRACTION = 0.13
_LONG_S = 10.0


def hole(side: int, fraction: float) -> Mask:
    """Draw blobs that cover about ``fraction`` of a square."""
    field = np.random.default_rng(0).normal(size=(12, 12)).astype(np.float32)
    large = cv2.resize(field, (side, side), interpolation=cv2.INTER_CUBIC)
    return np.asarray(large > np.quantile(large[::8, ::8], 1 - fraction))


def measure(name: str, method: Inpainter, image: Image, fraction: float) -> dict[str, Any]:
    """Fill a picture: the shorter of two calls, or one that takes longer than `_LONG_S`."""
    side = image.shape[0]
    mask = hole(side, fraction)
    zeroed = image.copy()
    zeroed[mask] = 0
    row: dict[str, Any] = {"method": name, "size": side, "hole": round(float(mask.mean()), 3)}
    times: list[tuple[float, float]] = []
    while len(times) < 2 and sum(clock for clock, _ in times) < _LONG_S:
        try:
            _, clock, busy = timed(lambda: method(zeroed, mask))
        except MethodError as error:
            return row | {"failure": str(error)}
        times.append((busy, clock))
    busy, clock = min(times)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    return row | {
        "seconds": round(clock, 3),
        "cpu_seconds": round(busy, 3),
        "process_peak_gb": round(peak, 2),
    }


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sizes", type=int, nargs="+", default=(512, 2048))
    parser.add_argument("--large", type=int, help="size at which growth with the hole is measured")
    parser.add_argument("--seconds", type=float, default=600.0, help="limit of a call of the peer")
    parser.add_argument("--out", type=Path, help="JSON file to write")
    options = parser.parse_args()
    picture = next(picture for picture in texture_set() if picture.name == _PICTURE)
    methods: dict[str, Inpainter] = {}
    for name in _NAMES:
        try:
            limits = {"seconds": options.seconds} if name != _NAMES[0] else {}
            methods[name] = baselines.load(name, **limits)
        except MethodError as error:
            print(f"{name} is left out: {error}")
            continue
        measure(name, methods[name], picture.at(128), _FRACTION)  # compiles, or starts its process
    rows: list[dict[str, Any]] = []
    ratios: list[dict[str, float]] = []
    for side in options.sizes:
        image = picture.at(side)
        pair = [measure(name, method, image, _FRACTION) for name, method in methods.items()]
        rows += pair
        if len(pair) == len(_NAMES) and not any("failure" in row for row in pair):
            times = {key: pair[1][key] / pair[0][key] for key in ("seconds", "cpu_seconds")}
            ratios.append({"size": side} | {key: round(value, 1) for key, value in times.items()})
    if options.large:
        image = picture.at(options.large)
        for factor in (0.5, 1, 2):
            rows.append(measure(_NAMES[0], methods[_NAMES[0]], image, factor * _FRACTION))
    for row in rows:
        print("  ".join(f"{key} {value}" for key, value in row.items()))
    for ratio in ratios:
        print(f"at {ratio['size']} pypatchmatch takes {ratio['cpu_seconds']} x the processor time")
    if options.out:
        write_text(options.out, json.dumps({"rows": rows, "times_of_the_peer": ratios}, indent=1) + "\n")


if __name__ == "__main__":
    main()
