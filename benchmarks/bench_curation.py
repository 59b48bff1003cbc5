"""What curation costs: against decoding alone, on two workers, and against a straightforward script.

Example: python benchmarks/bench_curation.py PHOTOS --every 10 --json curation.json

Parts, each of which can be run by itself with --part:
  decode   everything that decides about a picture (file hash, decoding, all checks, hash of the pixels,
           likeness, thumbnail and record written), against decoding alone and against Pillow's decoding;
           processor time, in turns, the best of rounds
  workers  a whole curated build with two workers, against one
  script   a whole curated build, against a script that asks the same of whole pictures with Pillow, imagehash
           and scikit-image; it looks for no persons, draws no masks and writes no tables
  png      settings of the lossless encoder: time and size
"""

import argparse
import io
import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from _df8k.files import sha256_of
from df8k.builder import build
from df8k.config import CURATED, read_config
from df8k.curation.examine import Examination, look_over
from df8k.images import decode, encode_png
from df8k.pool import one_thread
from df8k.sources import candidates

CHECKS = read_config(None, **CURATED).checks
PARTS = ("decode", "workers", "script", "png")


def decoded(path: Path) -> None:
    """Decode alone."""
    decode(path.read_bytes())


def curated(path: Path, out: Path) -> None:
    """Everything that decides about a picture."""
    task = Examination(
        path=path,
        source_sha256=sha256_of(path),
        checks=CHECKS,
        keep=frozenset(),
        records=out,
        images=out,
        thumbnails=out,
    )
    record, _ = look_over(task)
    (out / "record.json").write_text(json.dumps(record.scores))


def straightforward(path: Path, out: Path) -> None:
    """Ask the same questions of the whole image, one library call after the other."""
    import imagehash
    from PIL import Image
    from skimage import color, exposure, filters, restoration, transform

    with Image.open(path) as file:
        image = file.convert("RGB")
    pixels = np.asarray(image)
    grey = color.rgb2gray(pixels)
    np.percentile(np.ptp(pixels, axis=2), 99)  # colour
    exposure.histogram(grey)  # paper
    grey.std(axis=0), grey.std(axis=1)  # bars
    filters.laplace(grey).var()  # blur
    transform.resize_local_mean(np.abs(filters.laplace(grey)), (64, 64))  # flatness
    restoration.estimate_sigma(grey)  # noise
    spectrum = np.abs(np.fft.fft2(grey)) ** 2  # enlargement
    radius = np.hypot(np.fft.fftfreq(grey.shape[0])[:, None], np.fft.fftfreq(grey.shape[1])[None])
    np.bincount((radius * 64).astype(int).ravel(), spectrum.ravel())
    np.abs(np.diff(grey, axis=0)).mean(1), np.abs(np.diff(grey, axis=1)).mean(0)  # blocks
    imagehash.phash(image)  # near-duplicates
    image.save(out / f"{path.stem}.png")


def seconds(work: Callable[[], object]) -> float:
    """Wall time of a call."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def cpu_seconds(work: Callable[[], object]) -> float:
    """Processor time of a call."""
    start = time.process_time()
    work()
    return time.process_time() - start


def plainly_decoded(path: Path) -> None:
    """Decode with Pillow, without colours, orientation or any check: what a script begins with."""
    from PIL import Image

    with Image.open(path) as file:
        np.asarray(file.convert("RGB"))


def curation_over_decoding(paths: list[Path], out: Path, rounds: int) -> dict[str, float]:
    """Picture by picture in turns, in processor time, so that whatever else runs disturbs all alike."""
    work: dict[str, Callable[[Path], None]] = {
        "decode": decoded,
        "curate": lambda path: curated(path, out),
        "pillow": plainly_decoded,
    }
    times = {name: np.full((rounds, len(paths)), np.inf) for name in work}
    with one_thread():
        curated(paths[0], out)
        for turn in range(rounds):
            for index, path in enumerate(paths):
                for name, call in work.items():
                    times[name][turn, index] = cpu_seconds(lambda call=call, path=path: call(path))
    total = {name: float(values.min(0).sum()) for name, values in times.items()}
    return {
        **{f"{name}_s": value for name, value in total.items()},
        "curate_over_decode": total["curate"] / total["decode"],
        "decode_over_pillow": total["decode"] / total["pillow"],
        "curate_over_pillow": total["curate"] / total["pillow"],
    }


def timed_build(folder: Path, out: Path, workers: int) -> float:
    """Time of a whole curated build."""
    return seconds(
        lambda: build(candidates([str(folder)]), out, read_config(None, **CURATED), workers=workers)
    )


def two_workers(folder: Path, out: Path) -> dict[str, float]:
    """Run a whole build, twice."""
    busy = time.process_time()
    one = timed_build(folder, out / "one", 1)
    busy = time.process_time() - busy
    two = timed_build(folder, out / "two", 2)
    return {
        "build_1_worker_s": one,
        "build_1_worker_cpu_s": busy,
        "build_2_workers_s": two,
        "speedup": one / two,
    }


def script_over_build(paths: list[Path], folder: Path, out: Path) -> dict[str, float]:
    """Run a whole build, and the script."""
    straightforward(paths[0], out)
    script = seconds(lambda: [straightforward(path, out) for path in paths])
    ours = timed_build(folder, out / "ours", 1)
    return {"script_s": script, "build_s": ours, "script_over_build": script / ours}


def png_settings(paths: list[Path]) -> dict[str, float]:
    """Seconds and bytes per pixel byte of each encoder setting, and of reading its file."""
    from PIL import Image

    level, filters = cv2.IMWRITE_PNG_COMPRESSION, cv2.IMWRITE_PNG_FILTER
    up, runs = cv2.IMWRITE_PNG_FILTER_UP, (cv2.IMWRITE_PNG_STRATEGY, cv2.IMWRITE_PNG_STRATEGY_RLE)

    def opencv(*flags: int) -> Callable[[np.ndarray], bytes]:
        def run(pixels: np.ndarray) -> bytes:
            return cv2.imencode(".png", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR), flags)[1].tobytes()

        return run

    def pillow(compress_level: int) -> Callable[[np.ndarray], bytes]:
        def run(pixels: np.ndarray) -> bytes:
            buffer = io.BytesIO()
            Image.fromarray(pixels).save(buffer, "PNG", compress_level=compress_level)
            return buffer.getvalue()

        return run

    settings = {
        "ours": encode_png,
        "level 1": opencv(level, 1),
        "level 1, average": opencv(level, 1, filters, cv2.IMWRITE_PNG_FILTER_AVG),
        "level 1, up, runs": opencv(level, 1, filters, up, *runs),
        "OpenCV's default": opencv(),
        "level 6": opencv(level, 6),
        "Pillow 1": pillow(1),
        "Pillow 6": pillow(6),
    }
    found = dict.fromkeys([f"{name} {what}" for name in settings for what in ("s", "size")], 0.0)
    total = 0
    with one_thread():
        for path in paths:
            pixels = decode(path.read_bytes())
            total += pixels.nbytes
            for name, encode in settings.items():
                start = time.perf_counter()
                data = encode(pixels)
                found[f"{name} s"] += time.perf_counter() - start
                found[f"{name} size"] += len(data)
    return {key: value / total if key.endswith("size") else value for key, value in found.items()} | {
        "megapixels": total / 3e6
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("photos", type=Path)
    parser.add_argument("--every", type=int, default=10, help="take every Nth photo in the order of names")
    parser.add_argument("--part", choices=PARTS, action="append", help="default: all")
    parser.add_argument("--rounds", type=int, default=2, help="of the part decode")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    paths = sorted(options.photos.glob("*.jpg"))[:: options.every]
    parts = options.part or PARTS
    found: dict[str, float] = {"images": len(paths)}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "in").mkdir()
        for path in paths:
            (folder / "in" / path.name).symlink_to(path.resolve())
        if "workers" in parts or "script" in parts:
            (folder / "warm").mkdir()
            (folder / "warm" / "first.jpg").symlink_to(paths[0].resolve())
            timed_build(folder / "warm", folder / "zero", 1)  # compiles what numba compiles
        if "decode" in parts:
            found |= curation_over_decoding(paths, folder, options.rounds)
        if "workers" in parts:
            found |= two_workers(folder / "in", folder)
        if "script" in parts:
            found |= script_over_build(paths, folder / "in", folder)
        if "png" in parts:
            found |= png_settings(paths)
    for key, value in found.items():
        print(f"{key:24s} {value:8.3f}")
    if options.json:
        options.json.write_text(json.dumps(found, indent=2))


if __name__ == "__main__":  # worker processes import this file again
    main()
