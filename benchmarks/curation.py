"""What curation costs: against decoding alone, on two workers, and against a straightforward script.

Example: python benchmarks/curation.py PHOTOS --limit 12 --json curation.json
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image
from scipy import ndimage
from skimage import color, filters

# Python puts this file's folder first on the path, where it would hide the packages of the same names.
sys.path[:] = [entry for entry in sys.path if Path(entry or ".").resolve() != Path(__file__).resolve().parent]

from df8k.build import build  # noqa: E402 - after the path is right
from df8k.checks import Picture, complete, inspect  # noqa: E402
from df8k.config import CURATED, read_config  # noqa: E402
from df8k.decode import decode  # noqa: E402
from df8k.likeness import Look  # noqa: E402
from df8k.sources import candidates  # noqa: E402

KERNEL = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]])
SETTINGS = complete({"resolution": {"min_side": 1024}})


def decoded(path: Path) -> None:
    """Decoding alone."""
    decode(path.read_bytes())


def curated(path: Path) -> None:
    """Decoding and every check."""
    picture = Picture(decode(path.read_bytes()))
    inspect(picture, SETTINGS)
    Look.at(picture.grey_thumbnail)


def straightforward(path: Path, out: Path) -> None:
    """The same questions asked of the whole picture with Pillow, scikit-image, and imagehash if installed."""
    with Image.open(path) as file:
        image = file.convert("RGB")
    pixels = np.asarray(image)
    grey = color.rgb2gray(pixels)
    np.percentile(np.ptp(pixels, axis=2), 99)
    filters.laplace(grey).var()
    np.abs(ndimage.convolve(grey, KERNEL)).mean()
    spectrum = np.abs(np.fft.fft2(grey)) ** 2
    radius = np.hypot(np.fft.fftfreq(grey.shape[0])[:, None], np.fft.fftfreq(grey.shape[1])[None])
    np.bincount((radius * 64).astype(int).ravel(), spectrum.ravel())
    np.abs(np.diff(grey, axis=0)).mean(1), np.abs(np.diff(grey, axis=1)).mean(0)
    try:
        import imagehash
    except ImportError:
        small = np.asarray(image.convert("L").resize((32, 32)))
        np.fft.fft2(small)
    else:
        imagehash.phash(image)
    image.save(out / f"{path.stem}.png")


def seconds(work: Callable[[Path], object], paths: list[Path]) -> float:
    """Time for all paths, after one that warms up."""
    work(paths[0])
    start = time.perf_counter()
    for path in paths:
        work(path)
    return time.perf_counter() - start


def timed_build(folder: Path, out: Path, workers: int) -> float:
    """Time of a whole curated build."""
    start = time.perf_counter()
    build(candidates([str(folder)]), out, read_config(None, **CURATED), workers=workers)
    return time.perf_counter() - start


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("photos", type=Path)
    parser.add_argument("--limit", type=int, default=12)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    paths = sorted(options.photos.glob("*.jpg"))[: options.limit]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "in").mkdir()
        for path in paths:
            (folder / "in" / path.name).symlink_to(path.resolve())
        (folder / "warm").mkdir()
        (folder / "warm" / "first.jpg").symlink_to(paths[0].resolve())
        timed_build(folder / "warm", folder / "zero", 1)  # compiles what numba compiles
        found = {
            "images": len(paths),
            "decode_s": seconds(decoded, paths),
            "curate_s": seconds(curated, paths),
            "script_s": seconds(lambda path: straightforward(path, folder), paths),
            "build_1_worker_s": timed_build(folder / "in", folder / "one", 1),
            "build_2_workers_s": timed_build(folder / "in", folder / "two", 2),
        }
    found["curate_over_decode"] = found["curate_s"] / found["decode_s"]
    found["script_over_build"] = found["script_s"] / found["build_1_worker_s"]
    found["two_workers_speedup"] = found["build_1_worker_s"] / found["build_2_workers_s"]
    for key, value in found.items():
        print(f"{key:22s} {value:8.2f}")
    if options.json:
        options.json.write_text(json.dumps(found, indent=2))


if __name__ == "__main__":  # worker processes import this file again
    main()
