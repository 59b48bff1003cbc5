"""How often ``df8k compare`` finds a planted difference, and how often one that is not there.

Noise model: the PSNR of an image is the image's own difficulty (normal, 4.5 dB, shared by both methods), plus
what each method adds by itself. Only the differences matter to paired tests, so their spread and shape are
varied. Between two radii of one classical method it is about 0.1 dB, between Telea and Navier-Stokes 0.2 to
0.4 dB. With two results their own differences serve as noise: centred, drawn with replacement.

    python benchmarks/bench_significance.py
    python benchmarks/bench_significance.py --noise results/telea.json results/ns.json --size 512
"""

import argparse
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
from scipy import stats

from leaderboard.results.per_image import read_arrays
from leaderboard.results.schema import read_result
from leaderboard.statistics.paired import compare_paired

Noise = Callable[[np.random.Generator, tuple[int, int]], np.ndarray]


def noises() -> dict[str, Noise]:
    """Name → differences around zero, in dB."""
    found: dict[str, Noise] = {
        f"normal, {spread:g} dB": lambda rng, shape, spread=spread: rng.normal(0, spread, shape)
        for spread in (0.2, 0.3, 0.43, 0.6)
    }
    found["heavy tails (Student, 4 degrees), 0.3 dB"] = lambda rng, shape: (
        0.3 * rng.standard_t(4, shape) / np.sqrt(2)
    )
    found["lopsided (gamma, shape 2), 0.3 dB"] = lambda rng, shape: (
        0.3 * (rng.gamma(2.0, 1.0, shape) - 2.0) / np.sqrt(2)
    )
    return found


def measured(paths: list[Path], size: str) -> tuple[str, Noise]:
    """Take the centred differences of two results as noise."""
    values = []
    for path in paths:
        arrays = {str(found): part for found, part in read_arrays(path, read_result(path)).items()}
        if size not in arrays:
            raise SystemExit(f"{path} has no size {size}: it has {', '.join(arrays)}")
        values.append(arrays[size].values["psnr.hole"])
    differences = values[0] - values[1]
    centred = differences[np.isfinite(differences)]
    centred = centred - centred.mean()
    name = f"{paths[0].stem} − {paths[1].stem} at {size}, {centred.std(ddof=1):.2f} dB"
    return name, lambda rng, shape: rng.choice(centred, shape)


def simulate(
    noise: Noise, planted: float, *, repetitions: int, images: int, level: float, seed: int
) -> dict[str, float]:
    """Share of repetitions in which each test finds a difference, and the decision that needs both."""
    rng = np.random.Generator(np.random.Philox(key=[seed, round(1000 * planted)]))
    difficulty = rng.normal(22, 4.5, (repetitions, images))
    first = difficulty + planted + noise(rng, (repetitions, images))
    found = compare_paired(list(first - difficulty), level)
    return {
        "both": float(np.mean([each.p < level for each in found])),
        "bootstrap": float(np.mean([each.p_bootstrap < level for each in found])),
        "wilcoxon": float(np.mean([each.p_wilcoxon < level for each in found])),
    }


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--repetitions", type=int, default=200)
    parser.add_argument("--images", type=int, default=40)
    parser.add_argument("--planted", type=float, default=0.2, help="dB")
    parser.add_argument("--level", type=float, default=0.05)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--noise", nargs=2, type=Path, help="two results whose differences are the noise")
    parser.add_argument("--size", default="512", help="of these results")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    shown = noises()
    if given.noise:
        name, noise = measured(given.noise, given.size)
        shown[name] = noise
    low, high = stats.binom.ppf([0.005, 0.995], given.repetitions, given.level) / given.repetitions
    rows = []
    for name, noise in shown.items():
        for planted in (given.planted, 0.0):
            found = simulate(
                noise,
                planted,
                repetitions=given.repetitions,
                images=given.images,
                level=given.level,
                seed=given.seed,
            )
            rows.append({"noise": name, "planted_db": planted, **found})
    bounds = {"level": given.level, "low": float(low), "high": float(high)}
    if given.json:
        print(json.dumps({"repetitions": given.repetitions, "images": given.images, **bounds, "rows": rows}))
        return
    print(f"{given.images} images, {given.repetitions} repetitions, level {given.level:g}: share found")
    print(f"with nothing planted, 99 % of simulations of an exact test lie between {low:.3f} and {high:.3f}")
    print(f"{'noise of the differences':<44}{'planted':>9}{'both':>8}{'bootstrap':>11}{'Wilcoxon':>10}")
    for row in rows:
        print(
            f"{row['noise']:<44}{row['planted_db']:>6.2f} dB{row['both']:>8.3f}"
            f"{row['bootstrap']:>11.3f}{row['wilcoxon']:>10.3f}"
        )


if __name__ == "__main__":
    main()
