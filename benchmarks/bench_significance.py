"""How often the board's intervals hold the truth, and its rule calls a difference that is not there.

Noise of values of single images, around zero: normal, with heavy tails, lopsided, and columns of published
results resampled: what two methods differ by on each image is the noise of paired tests. With ``--sets`` the
same for `swd`, whose intervals come from the jackknife: samples without replacement from the photographs of a
folder, filled by two methods; the truth is the mean over samples.

    python benchmarks/bench_significance.py results/*.json --size 512
    python benchmarks/bench_significance.py --sets PHOTOGRAPHS --pictures 800 --repetitions 200
"""

import argparse
import json
from collections.abc import Callable, Sequence
from itertools import combinations
from pathlib import Path

import cv2
import numpy as np

import baselines
import masks
from leaderboard.results.per_image import read_arrays
from leaderboard.results.schema import read_result
from leaderboard.statistics.intervals import student_interval
from leaderboard.statistics.paired import compare_paired
from metrics.distributions.sliced import swd
from metrics.estimate import Samples
from metrics.pair import Pair
from metrics.pyramid_patches import laplacian_patches

Noise = Callable[[np.random.Generator, tuple[int, int]], np.ndarray]
IMAGES = (6, 8, 12, 15, 30, 50)
LEVEL = 0.05
PLANTED = 0.6  # in standard deviations of the differences
SIDE = 256
METHODS = ("telea", "random-sources")
SUFFIXES = {".jpg", ".jpeg", ".png", ".webp"}


def noises() -> dict[str, Noise]:
    """Name → values around zero with a deviation of 1."""
    return {
        "normal": lambda rng, shape: rng.normal(0, 1, shape),
        "heavy tails (Student, 4 degrees)": lambda rng, shape: rng.standard_t(4, shape) / np.sqrt(2),
        "lopsided (gamma, shape 2)": lambda rng, shape: (rng.gamma(2.0, 1.0, shape) - 2) / np.sqrt(2),
        "very lopsided (exponential)": lambda rng, shape: rng.gamma(1.0, 1.0, shape) - 1,
    }


def measured(paths: Sequence[Path], size: str, metrics: Sequence[str]) -> dict[str, Noise]:
    """Columns of results as noise: of each method, and of each difference of two, the least normal ones."""
    columns: dict[str, dict[str, np.ndarray]] = {metric: {} for metric in metrics}
    for path in paths:
        result = read_result(path)
        arrays = {str(name): values for name, values in read_arrays(path, result).items()}
        for metric in metrics:
            if size in arrays and metric in arrays[size].values:
                columns[metric][result.method.name] = arrays[size].values[metric]
    if paths and not any(columns.values()):
        raise SystemExit(f"no result has size {size} with {', '.join(metrics)}")
    found: dict[str, Noise] = {}
    for metric, of_method in columns.items():
        pairs = {f"{a} − {b}": of_method[a] - of_method[b] for a, b in combinations(of_method, 2)}
        for kind, named in (("values", of_method), ("differences", pairs)):
            centred = {name: _centred(values) for name, values in named.items()}
            if centred:
                name = max(centred, key=lambda name: abs(_skewness(centred[name])))
                found[f"{metric}, {kind}, {name}"] = _resampled(centred[name])
    return found


def _centred(values: np.ndarray) -> np.ndarray:
    finite = values[np.isfinite(values)]
    return (finite - finite.mean()) / finite.std()


def _skewness(values: np.ndarray) -> float:
    return float((values**3).mean())


def _resampled(values: np.ndarray) -> Noise:
    # A little noise besides: ranks without ties, as those of images are.
    return lambda rng, shape: rng.choice(values, shape) + rng.normal(0, 0.01, shape)


def simulate(noise: Noise, images: int, repetitions: int, seed: int) -> dict[str, float]:
    """Count how often the interval holds the truth, and how often each test finds a difference."""
    rng = np.random.Generator(np.random.Philox(key=[seed, images]))
    values = noise(rng, (repetitions, images))
    intervals = [student_interval(row, LEVEL) for row in values]
    held = [low <= 0 <= high for low, high in filter(None, intervals)]
    row: dict[str, float] = {"coverage": float(np.mean(held)) if held else float("nan")}
    for name, planted in (("false", 0.0), ("found", PLANTED)):
        tests = compare_paired(list(values + planted), LEVEL)
        row[name] = float(np.mean([test.p < LEVEL for test in tests]))
        row[f"{name}_student"] = float(np.mean([test.p_student < LEVEL for test in tests]))
        row[f"{name}_ranks"] = float(np.mean([test.p_wilcoxon < LEVEL for test in tests]))
    return row


def population(folder: Path, pictures: int) -> dict[str, list[dict[str, np.ndarray]]]:
    """Patches of both Laplacian pyramids of each photograph, by method."""
    methods = {name: baselines.load(name) for name in METHODS}
    patches: dict[str, list[dict[str, np.ndarray]]] = {name: [] for name in METHODS}
    mask_of = [
        masks.synthesize(aspect=(1, 1), preset="df8k", key=f"significance|{index}") for index in range(50)
    ]
    files = sorted(
        path for path in folder.rglob("*") if path.suffix.lower() in {".jpg", ".jpeg", ".png", ".webp"}
    )
    for index, path in enumerate(files[:pictures]):
        image = cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)
        side = min(image.shape[:2])
        top, left = (image.shape[0] - side) // 2, (image.shape[1] - side) // 2
        square = image[top : top + side, left : left + side]
        target = cv2.resize(square, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
        mask = mask_of[index % len(mask_of)].rasterize(SIDE, SIDE)
        known = np.where(mask[..., None], np.uint8(0), target)
        for name, inpaint in methods.items():
            filled = np.where(mask[..., None], inpaint(known, mask), target)
            patches[name].append(laplacian_patches(Pair(filled, target, mask), path.stem))
    return patches


def joined(patches: Sequence[dict[str, np.ndarray]]) -> Samples:
    """Put the patches of some photographs together."""
    sides = [{name: np.concatenate([of[name][i] for of in patches]) for name in patches[0]} for i in (0, 1)]
    owners = {
        name: np.repeat(np.arange(len(patches)), [of[name].shape[1] for of in patches]) for name in patches[0]
    }
    return Samples(sides[0], sides[1], len(patches), 0, owners)


def simulate_sets(
    patches: dict[str, list[dict[str, np.ndarray]]], images: int, repetitions: int, seed: int
) -> dict[str, float]:
    """Coverage of the jackknife's intervals: of each method's `swd`, and of the paired difference."""
    rng = np.random.Generator(np.random.Philox(key=[seed, images]))
    count = len(next(iter(patches.values())))
    values: dict[str, list[float]] = {}
    intervals: dict[str, list[tuple[float, float]]] = {}

    def note(name: str, value: float, pseudo: np.ndarray) -> None:
        values.setdefault(name, []).append(value)
        interval = student_interval(pseudo, LEVEL, centre=value)
        if interval is not None:
            intervals.setdefault(name, []).append(interval)

    for _ in range(repetitions):
        chosen = rng.choice(count, images, replace=False)
        estimates = {name: swd(joined([of[i] for i in chosen])) for name, of in patches.items()}
        pseudo = {name: np.array(estimate.pseudo_values) for name, estimate in estimates.items()}
        for name, estimate in estimates.items():
            note(name, float(estimate.value or 0.0), pseudo[name])
        apart = pseudo[METHODS[0]] - pseudo[METHODS[1]]
        note("difference", float(apart.mean()), apart)
    return {
        name: float(np.mean([low <= np.mean(values[name]) <= high for low, high in found]))
        for name, found in intervals.items()
    }


def main() -> None:
    """Print the tables as Markdown, or every figure as JSON."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("results", nargs="*", type=Path, help="results whose columns are noise")
    parser.add_argument("--size", default="512", help="of these results")
    parser.add_argument("--metrics", default="l1.hole,ssim.hole,haarpsi.hole")
    parser.add_argument("--sets", type=Path, help="folder of photographs, for the intervals of swd")
    parser.add_argument("--pictures", type=int, default=800, help="photographs of that folder")
    parser.add_argument("--repetitions", type=int, default=4000)
    parser.add_argument("--images", default=",".join(map(str, IMAGES)))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    counts = [int(text) for text in options.images.split(",")]
    if options.sets:
        patches = population(options.sets, options.pictures)
        table = {
            images: simulate_sets(patches, images, options.repetitions, options.seed)
            for images in counts
            if images >= 8
        }
        print(json.dumps(table) if options.json else _sets_markdown(table))
        return
    shown = noises() | measured(options.results, options.size, options.metrics.split(","))
    rows = {
        (name, images): simulate(noise, images, options.repetitions, options.seed)
        for name, noise in shown.items()
        for images in counts
    }
    if options.json:
        print(json.dumps([{"noise": name, "images": images, **row} for (name, images), row in rows.items()]))
        return
    for title, key in (
        ("the 95 % interval holds the truth, %", "coverage"),
        ("a difference that is not there is called significant, %", "false"),
        (f"a difference of {PLANTED:g} deviations is found, %", "found"),
    ):
        print(_markdown(title, key, rows, list(shown), counts))


def _markdown(
    title: str,
    key: str,
    rows: dict[tuple[str, int], dict[str, float]],
    names: Sequence[str],
    counts: Sequence[int],
) -> str:
    lines = [f"| {title} | " + " | ".join(f"n = {images}" for images in counts) + " |"]
    lines.append("|---|" + "---:|" * len(counts))
    for name in names:
        cells = [rows[name, images][key] for images in counts]
        texts = ["none" if np.isnan(cell) else f"{100 * cell:.1f}" for cell in cells]
        lines.append(f"| {name} | " + " | ".join(texts) + " |")
    return "\n".join([*lines, ""])


def _sets_markdown(table: dict[int, dict[str, float]]) -> str:
    names = list(next(iter(table.values())))
    lines = ["| `swd`: the 95 % interval holds the mean of all samples, % | "]
    lines[0] += " | ".join(f"n = {images}" for images in table) + " |"
    lines.append("|---|" + "---:|" * len(table))
    lines += [
        f"| {name} | " + " | ".join(f"{100 * of[name]:.0f}" for of in table.values()) + " |" for name in names
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
