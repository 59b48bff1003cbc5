"""patchmatch against the package pypatchmatch: time, growth with the hole, and the look of textures.

python benchmarks/bench_patchmatch.py [--sizes 512 2048] [--large 8192] [--json]

The peer is run where it is installed (pip install pypatchmatch==2.2.0), with patches of 7 x 7. ST-LPIPS is
computed where its weights are (df8k weights fetch st-lpips-alex).
"""

import argparse
import json
import resource
import time
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import cv2
import numpy as np
from skimage import data

import baselines
import metrics
from baselines.base import Image, Mask

_PEER = "patchmatch"
_RADIUS = 3
_TEXTURES = ("brick", "grass", "gravel")
_FRACTION = 0.13
_LONG_S = 10.0


def texture(name: str, side: int) -> Image:
    """Load a public-domain texture, repeated beyond 512 pixels."""
    grey = np.asarray(getattr(data, name)(), np.uint8)
    repeats = -(-side // grey.shape[0])
    plane = np.tile(grey, (repeats, repeats))[:side, :side]
    return np.repeat(plane[..., None], 3, axis=2)


def hole(side: int, fraction: float) -> Mask:
    """Draw blobs that cover about ``fraction`` of a square."""
    field = np.random.default_rng(0).normal(size=(12, 12)).astype(np.float32)
    large = cv2.resize(field, (side, side), interpolation=cv2.INTER_CUBIC)
    return np.asarray(large > np.quantile(large[::8, ::8], 1 - fraction))


def seconds(run: Callable[[], Image]) -> tuple[Image, float, float]:
    """Output, wall and CPU time: the shorter of two runs, or one that takes longer than `_LONG_S`."""
    walls: list[float] = []
    cpus: list[float] = []
    while len(walls) < 2 and sum(walls) < _LONG_S:
        wall, cpu = time.perf_counter(), time.process_time()
        output = run()
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
    return output, min(walls), min(cpus)


def fills() -> dict[str, Callable[[Image, Mask], Image]]:
    """Load the method and, where it is installed, the peer."""
    result: dict[str, Callable[[Image, Mask], Image]] = {"patchmatch": baselines.load("patchmatch")}
    if find_spec(_PEER) is not None:
        import patchmatch as peer

        peer.set_random_seed(0)
        result["pypatchmatch"] = lambda image, mask: peer.inpaint(image, mask, patch_size=_RADIUS)
    return result


def row(
    name: str, side: int, fraction: float, fill: Callable[[Image, Mask], Image], kind: str
) -> dict[str, Any]:
    """Fill one texture and measure."""
    image, mask = texture(kind, side), hole(side, fraction)
    zeroed = image.copy()
    zeroed[mask] = 0
    output, wall, cpu = seconds(lambda: fill(zeroed, mask))
    result: dict[str, Any] = {
        "method": name,
        "texture": kind,
        "size": side,
        "hole": round(float(mask.mean()), 3),
        "seconds": round(wall, 3),
        "cpu_seconds": round(cpu, 3),
        "peak_gb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6, 2),
    }
    if side <= 1024:
        scores = metrics.compute(output, image, mask, names=["st-lpips-alex", "haarpsi"])
        result |= {
            key: None if scores[key] is None else round(scores[key], 4)
            for key in ("st-lpips-alex.hole", "haarpsi.hole")
        }
    return result


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sizes", type=int, nargs="+", default=(512, 2048))
    parser.add_argument(
        "--large", type=int, default=8192, help="size at which growth with the hole is measured"
    )
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    methods = fills()
    warm = texture("grass", 1024)
    methods["patchmatch"](warm, hole(1024, _FRACTION))  # compiles
    rows = [
        row(name, side, _FRACTION, fill, kind)
        for side in options.sizes
        for kind in (_TEXTURES if side <= 1024 else _TEXTURES[-1:])
        for name, fill in methods.items()
    ]
    rows += [
        row("patchmatch", options.large, fraction, methods["patchmatch"], "gravel")
        for fraction in (_FRACTION / 2, _FRACTION, 2 * _FRACTION)
    ]
    for entry in rows:
        print(json.dumps(entry) if options.json else "  ".join(f"{k} {v}" for k, v in entry.items()))


if __name__ == "__main__":
    main()
