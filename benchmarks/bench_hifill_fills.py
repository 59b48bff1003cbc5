"""What HiFill's fills are like: error, perception, strength of detail, and whether a grid shows.

On the pictures of a folder, as centre squares reduced by area, with one mask of each preset drawn by the
file's name:

    python benchmarks/bench_hifill_fills.py --pictures DIR --sizes 512 1024 --presets df8k hifill

The grid is looked for in the spectrum of the hole. HiFill copies cells of 1/32 of the side, so what repeats
or breaks at their pitch has its power at multiples of 32 cycles a picture. *Line* is the greatest of the
powers at the first four multiples, over the original's at the same frequency; *prominence* is the mean of how
far these stand out of their surroundings in the spectrum, over the same of the original. Powers are added up
over all pictures first: a single one has too few of them. 1 is the original's, a grid is far above. The last
column is the hole's L1 over that of ``harmonic`` with an interval of 95 % (Student's t, over pictures).
"""

import argparse
import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from scipy import stats

import baselines
import masks
import metrics
from baselines.base import Image, Mask

CELLS = 32
MULTIPLES = 4
METRICS = ("l1", "haarpsi", "st-lpips-alex")

Floats = npt.NDArray[np.float64]


def square(path: Path, side: int) -> Image:
    """Read the centre square of a picture, reduced by area."""
    image = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if image is None:
        raise SystemExit(f"{path} is no picture")
    short = min(image.shape[:2])
    top, left = (image.shape[0] - short) // 2, (image.shape[1] - short) // 2
    crop = image[top : top + short, left : left + short, ::-1]
    return np.ascontiguousarray(cv2.resize(crop, (side, side), interpolation=cv2.INTER_AREA), np.uint8)


def spectrum(image: Image, mask: Mask) -> Floats:
    """Compute the power of what the hole holds above the pitch of the cells, ``(side, side)``."""
    side = len(mask)
    grey, hole = image.astype(np.float64).mean(axis=2), mask.astype(np.float64)
    sigma = side / CELLS
    slow = cv2.GaussianBlur(grey * hole, (0, 0), sigma) / cv2.GaussianBlur(hole, (0, 0), sigma).clip(1e-6)
    # A soft edge, so that the outline of the hole does not spread over all frequencies.
    window = cv2.GaussianBlur(cv2.erode(hole, np.ones((5, 5))), (0, 0), 2)
    power: Floats = np.abs(np.fft.fft2((grey - slow) * window)) ** 2
    return power


def lines(power: Floats) -> tuple[Floats, Floats]:
    """Mean power at and around the multiples of the grid's frequency, ``(MULTIPLES,)`` each."""
    smooth = cv2.blur(np.fft.fftshift(power), (3, 3))
    wide = cv2.blur(np.fft.fftshift(power), (15, 15))
    middle = len(power) // 2
    at, around = np.zeros(MULTIPLES), np.zeros(MULTIPLES)
    for k in range(1, MULTIPLES + 1):
        step = CELLS * k
        points = [(step, 0), (0, step), (step, step), (step, -step)]
        at[k - 1] = np.mean([smooth[middle + v, middle + u] for v, u in points])
        rings = [wide[middle + v, middle + u] * 225 - smooth[middle + v, middle + u] * 9 for v, u in points]
        around[k - 1] = np.mean(rings) / 216
    return at, around


def energy(image: Image, mask: Mask) -> float:
    """Mean absolute difference of neighbours that are both missing, in grey levels."""
    grey = image.astype(np.float32).mean(axis=2)
    down, right = mask[1:] & mask[:-1], mask[:, 1:] & mask[:, :-1]
    total = np.abs(np.diff(grey, axis=0))[down].sum() + np.abs(np.diff(grey, axis=1))[right].sum()
    return float(total / max(1, down.sum() + right.sum())) + 1e-3


def measure(methods: dict[str, Any], files: list[Path], size: int, preset: str, sheet: Path | None) -> Any:
    """Fill every picture by every method; rows by method."""
    found: dict[str, Any] = defaultdict(lambda: defaultdict(list))
    for path in files:
        target = square(path, size)
        vector = masks.synthesize(aspect=(1, 1), preset=preset, key=f"fills|{path.name}")
        mask = vector.rasterize(size, size)
        known = np.where(mask[..., None], np.uint8(0), target)
        panels = [target, known]
        for name, inpaint in methods.items():
            output = np.where(mask[..., None], inpaint(known.copy(), mask), target)
            scores = metrics.compute(output, target, mask, names=[m for m in METRICS if m in AVAILABLE])
            for key, value in scores.items():
                if key.endswith(".hole"):
                    found[name][key].append(value)
            found[name]["energy"].append(energy(output, mask) / energy(target, mask))
            found[name]["lines"].append(lines(spectrum(output, mask)))
            panels.append(output)
        found["original"]["lines"].append(lines(spectrum(target, mask)))
        if sheet is not None:
            name = f"{path.stem}-{size}-{preset}.png"
            cv2.imwrite(str(sheet / name), np.concatenate(panels, axis=1)[..., ::-1])
    return found


def summary(found: Any, name: str) -> dict[str, float]:
    """Reduce the rows of a method to numbers."""
    rows, peer = found[name], found["harmonic"]
    at, around = np.sum(rows["lines"], axis=0)
    first, beside = np.sum(found["original"]["lines"], axis=0)
    ratios = np.array(rows["l1.hole"]) / np.mean(peer["l1.hole"])
    paired = ratios - np.array(peer["l1.hole"]) / np.mean(peer["l1.hole"])
    half = stats.t.ppf(0.975, len(paired) - 1) * paired.std(ddof=1) / len(paired) ** 0.5
    means = {key: float(np.mean(rows[key])) for key in rows if key.endswith(".hole")}
    return means | {
        "energy": float(np.exp(np.mean(np.log(rows["energy"])))),
        "line": float((at / first).max()),
        "prominence": float((at / around / (first / beside)).mean()),
        "ratio": float(ratios.mean()),
        "low": float(ratios.mean() - half),
        "high": float(ratios.mean() + half),
    }


def _available() -> list[str]:
    grey, hole = np.zeros((64, 64, 3), np.uint8), np.ones((64, 64), np.bool_)
    able = []
    for name in METRICS:
        try:
            metrics.compute(grey, grey, hole, names=[name])
        except metrics.MetricError as error:
            print(f"without {name}: {error}")
        else:
            able.append(name)
    return able


AVAILABLE: list[str] = []


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pictures", type=Path, required=True)
    parser.add_argument("--weights", help="of HiFill; the shipped ones without it")
    parser.add_argument("--peers", nargs="*", default=["ns"])
    parser.add_argument("--sizes", type=int, nargs="+", default=[512, 1024])
    parser.add_argument("--presets", nargs="+", default=["df8k", "hifill"])
    parser.add_argument("--limit", type=int)
    parser.add_argument("--sheets", type=Path, help="folder for the fills")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    AVAILABLE.extend(_available())
    given = {} if options.weights is None else {"weights": options.weights}
    methods = {
        "harmonic": baselines.load("harmonic"),
        **{name: baselines.load(name) for name in options.peers},
        "hifill": baselines.load("hifill", **given),
        "hifill, no detail": baselines.load("hifill", residual=False, **given),
    }
    files = sorted(path for path in options.pictures.iterdir() if path.is_file())[: options.limit]
    if options.sheets is not None:
        options.sheets.mkdir(parents=True, exist_ok=True)
    table = []
    for size in options.sizes:
        for preset in options.presets:
            found = measure(methods, files, size, preset, options.sheets)
            for name in methods:
                row = {"size": size, "preset": preset, "method": name, "pictures": len(files)}
                table.append(row | summary(found, name))
                print(
                    " ".join(f"{k}={v:.3f}" if isinstance(v, float) else str(v) for k, v in table[-1].items())
                )
    if options.json is not None:
        options.json.write_text(json.dumps(table, indent=1))


if __name__ == "__main__":
    main()
