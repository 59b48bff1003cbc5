"""Latency and memory of RETHINED, ours against the released formulation, image in to image out.

Every row is a fresh process. Times are medians after a warm-up, in milliseconds; peak memory is that of the
whole process with its libraries and its picture. CPU time, summed over threads and in place, says what a busy
machine hides. The floor is reading the image once and writing it into an existing buffer; the copy beside it
goes into fresh memory, as the call's result does.

    python benchmarks/bench_rethined.py     # a few minutes, the released formulation up to 2048
    python benchmarks/bench_rethined.py --official-max 4096 --json r.json
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

OFFICIAL = "rethined-official"
# The same with patches cut out by plain views; the release has a convolution, for the sake of Core ML.
VIEWS = f"{OFFICIAL}-views"
SIZES = (512, 1024, 2048, 4096, 8192)
SHARES = (0.03, 0.08, 0.13, 0.24, 0.36)


def picture(side: int, share: float) -> tuple[Any, Any]:
    """Noise at three scales, and a hole of the wanted share in blobs; made without large floats."""
    import cv2
    import numpy as np

    rng = np.random.default_rng(0)
    image = np.full((side, side, 3), 0, np.uint8)
    for cells, weight in ((8, 0.5), (64, 0.3), (512, 0.2)):
        noise = rng.integers(0, 256, (cells, cells, 3)).astype(np.uint8)
        large = cv2.resize(noise, (side, side), interpolation=cv2.INTER_LINEAR)
        image += cv2.convertScaleAbs(large, alpha=weight)
    field = rng.normal(size=(10, 10)).astype(np.float32)
    small = cv2.resize(field, (1024, 1024), interpolation=cv2.INTER_CUBIC)
    level = np.quantile(small, 1 - share)
    hole = cv2.resize(small, (side, side), interpolation=cv2.INTER_LINEAR) > level
    return image, hole


def median_ms(
    run: Callable[[], object], repeats: int, clock: Callable[[], float] = time.perf_counter
) -> float:
    """Median of ``repeats`` runs after one that does not count."""
    run()
    times = []
    for _ in range(repeats):
        start = clock()
        run()
        times.append(1000 * (clock() - start))
    return statistics.median(times)


def measure(what: str, side: int, share: float, device: str, backend: str, repeats: int) -> dict[str, Any]:
    """One row, in this process."""
    import cv2
    import numpy as np

    import baselines

    image, hole = picture(side, share)
    row: dict[str, Any] = {"what": what, "side": side, "share": round(float(hole.mean()), 4)}
    if what == "floor":
        buffer = np.zeros_like(image)
        row["total_ms"] = median_ms(lambda: np.copyto(buffer, image), repeats)
        row["copy_ms"] = median_ms(image.copy, repeats)
        return row
    if what.startswith(OFFICIAL):
        method = baselines.load(OFFICIAL, device=device, paste_back=False, views=what == VIEWS)
        repeats = 1 if side > 2048 else 3
        row["total_ms"] = median_ms(lambda: method(image, hole), repeats)
        row["cpu_ms"] = median_ms(lambda: method(image, hole), repeats, time.process_time)
    else:
        from baselines.rethined.method import Rethined

        ours = baselines.load(what, device=device, backend=backend)
        assert isinstance(ours, Rethined)
        row["backend"] = ours.card.settings["backend"]
        row["total_ms"] = median_ms(lambda: ours(image, hole), repeats)
        row["in_place_ms"] = median_ms(lambda: ours(image, hole, image), repeats)
        row["cpu_ms"] = median_ms(lambda: ours(image, hole, image), repeats, time.process_time)
        row |= stages(ours, image, hole, repeats)
    row["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    row["cv2"] = cv2.__version__
    return row


def stages(ours: Any, image: Any, hole: Any, repeats: int) -> dict[str, float]:
    """Time every stage by itself."""
    from baselines.rethined.tokens import reduce

    working = reduce(image, hole, 512)
    analysis = ours._backend(working)  # noqa: SLF001 - a benchmark may look inside
    trace = ours.match(working, analysis)
    return {
        "reduce_ms": median_ms(lambda: reduce(image, hole, 512), repeats),
        "network_ms": median_ms(lambda: ours._backend(working), repeats),  # noqa: SLF001
        "match_ms": median_ms(lambda: ours.match(working, analysis), repeats),
        "transfer_ms": median_ms(lambda: ours.finish(image, hole, trace), repeats),
        "cells": int(working.hole.sum()),
    }


def child(*arguments: object) -> dict[str, Any]:
    """Measure in a fresh process, whose peak memory nothing else raises."""
    command = [sys.executable, __file__, "--child", *map(str, arguments)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stderr)
    row: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return row


def slope(rows: list[dict[str, Any]], clock: str) -> dict[str, float]:
    """Least-squares line of a time against missing megapixels, and how well it fits."""
    import numpy as np

    area = np.array([row["share"] * row["side"] ** 2 / 1e6 for row in rows])
    times = np.array([row[clock] for row in rows])
    gradient, offset = np.polyfit(area, times, 1)
    rest = times - (gradient * area + offset)
    return {
        "ms_per_megapixel": float(gradient),
        "offset_ms": float(offset),
        "r_squared": float(1 - rest.var() / times.var()),
    }


def show(rows: list[dict[str, Any]]) -> None:
    """Print a table."""
    columns = ("total", "in_place", "cpu", "reduce", "network", "match", "transfer")
    print(
        f"{'method':25}{'side':>6}{'hole':>7}"
        + "".join(f"{c + ' ms':>13}" for c in columns)
        + f"{'peak MB':>9}"
    )
    for row in rows:
        cells = "".join(f"{row[f'{c}_ms']:>13.1f}" if f"{c}_ms" in row else f"{'':>13}" for c in columns)
        peak = f"{row['peak_mb']:9.0f}" if "peak_mb" in row else ""
        print(f"{row['what']:25}{row['side']:>6}{row['share']:>7.1%}{cells}{peak}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--backend", default="auto")
    parser.add_argument("--method", default="rethined", choices=("rethined", "rethined-large"))
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument(
        "--official-max", type=int, default=2048, help="largest side for the released formulation"
    )
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--child", nargs=6, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        what, side, share, device, backend, repeats = options.child
        print(json.dumps(measure(what, int(side), float(share), device, backend, int(repeats))))
        return
    rest = (options.device, options.backend, options.repeats)
    rows = [
        child(what, side, 0.13, *rest)
        for side in options.sizes
        for what in (options.method, OFFICIAL, VIEWS, "floor")
        if not what.startswith(OFFICIAL) or side <= options.official_max
    ]
    show(rows)
    found = {(row["what"], row["side"]): row["total_ms"] for row in rows}
    ratios = {
        f"{what}, {side}": found[what, side] / found[options.method, side]
        for side in options.sizes
        for what in (OFFICIAL, VIEWS)
        if (what, side) in found
    }
    for what, ratio in ratios.items():
        print(f"{what}: {options.method} is {ratio:.1f} x faster")
    areas = [child(options.method, max(options.sizes), share, *rest) for share in SHARES]
    print(f"\nagainst the hole's area at {max(options.sizes)}, in place")
    show(areas)
    lines = {clock: slope(areas, clock) for clock in ("in_place_ms", "cpu_ms")}
    for clock, line in lines.items():
        form = "{ms_per_megapixel:.2f} ms per missing megapixel + {offset_ms:.0f} ms, R² {r_squared:.3f}"
        print(f"{clock[:-3]}: {form.format(**line)}")
    if options.json:
        options.json.write_text(
            json.dumps({"rows": rows, "ratios": ratios, "areas": areas, "slopes": lines}, indent=1)
        )


if __name__ == "__main__":
    main()
