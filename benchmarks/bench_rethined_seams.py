"""Does Attention Upscaling leave a grid, and does it bring the texture back?

The coarse stage is replaced by an oracle, the low-passed original: only matching and transfer are judged. For
every photo and size: ``block``, the mean gradient across lines of the token grid over that elsewhere in the
hole, divided by the same of the original; ``energy``, the mean gradient in the hole over the original's. The
design asks for a block below 1.15 and an energy between 0.8 and 1.1.

    python benchmarks/bench_rethined_seams.py PHOTOS... --sizes 2048 4096 --crops DIR
"""

import argparse
import json
import sys
from pathlib import Path

import cv2
import numpy as np
import torch

import baselines
from baselines.base import Image, Mask
from baselines.rethined import Rethined, build, fused
from baselines.rethined.network.geometry import CUT_PX, PATCH
from baselines.rethined.tokens import reduce


def blobs(shape: tuple[int, int], share: float, seed: int) -> Mask:
    """Draw a hole of a given fraction with smooth outlines."""
    field = np.random.default_rng(seed).normal(size=(9, 9)).astype(np.float32)
    small = cv2.resize(field, (1024, 1024), interpolation=cv2.INTER_CUBIC)
    large = cv2.resize(small, shape[::-1], interpolation=cv2.INTER_LINEAR)
    return np.asarray(large > np.quantile(small, 1 - share))


def oracle(method: Rethined, image: Image, mask: Mask, cut_px: float) -> Image:
    """Run the method with a coarse stage that knows the original below the cut."""
    network = fused(build("rethined", cut_px=cut_px))
    working = reduce(image, mask, 512)
    truth = torch.from_numpy(reduce(image, np.zeros_like(mask), 512).image).permute(2, 0, 1)[None]
    hole = torch.from_numpy(working.hole)[None, None]
    coarse = torch.where(hole, network.low_pass(truth), truth)
    features = torch.zeros(1, network.match.query.in_channels - 3 * PATCH * PATCH, *working.tokens)
    with torch.inference_mode():
        trace = method.match(working, network.describe(coarse, features))
    output = image.copy()
    output[mask] = 0
    method.finish(output, mask, trace)
    return output


def gradients(image: Image, mask: Mask, pitch: int) -> tuple[float, float]:
    """Mean gradient inside the hole, and that on grid lines over that elsewhere."""
    grey = image.astype(np.float32).mean(axis=2)
    on, off = [], []
    for axis in (0, 1):
        step = np.abs(np.diff(grey, axis=axis))
        a, b = (mask[1:], mask[:-1]) if axis == 0 else (mask[:, 1:], mask[:, :-1])
        inside = a & b
        line = (np.arange(1, mask.shape[axis]) % pitch) == 0
        line = np.broadcast_to(line[:, None] if axis == 0 else line[None], inside.shape)
        on.append(step[inside & line])
        off.append(step[inside & ~line])
    lines, rest = np.concatenate(on), np.concatenate(off)
    return float(np.concatenate((lines, rest)).mean()), float(lines.mean() / rest.mean())


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("photos", type=Path, nargs="+")
    parser.add_argument("--sizes", type=int, nargs="+", default=(2048, 4096))
    parser.add_argument("--cut", type=float, default=CUT_PX)
    parser.add_argument("--coherence", choices=("on", "off"), default="on")
    parser.add_argument(
        "--crops", type=Path, help="folder for pictures of original, hole and result side by side"
    )
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    method = baselines.load("rethined", backend="torch", cut_px=options.cut, coherence=options.coherence)
    if not isinstance(method, Rethined):
        sys.exit("the registered method is not ours")
    rows = []
    for path in options.photos:
        photo = cv2.imread(str(path), cv2.IMREAD_COLOR_RGB)
        for size in options.sizes:
            if photo is None or max(photo.shape[:2]) < size:
                continue
            height, width = (min(side, size) for side in photo.shape[:2])
            top, left = (photo.shape[0] - height) // 2, (photo.shape[1] - width) // 2
            square = np.ascontiguousarray(photo[top : top + height, left : left + width])
            mask = blobs((height, width), 0.13, len(rows))
            result = oracle(method, square, mask, options.cut)
            pitch = PATCH * (size // 512)
            (energy, block), (energy_0, block_0) = (
                gradients(result, mask, pitch),
                gradients(square, mask, pitch),
            )
            row = {"photo": path.stem, "size": size, "block": block / block_0, "energy": energy / energy_0}
            rows.append(row)
            print(
                f"{path.stem[:32]:34}{size:>6}  block {row['block']:.3f}  energy {row['energy']:.3f}",
                flush=True,
            )
            if options.crops:
                options.crops.mkdir(parents=True, exist_ok=True)
                cv2.imwrite(
                    str(options.crops / f"{path.stem}-{size}.png"), _crop(square, mask, result)[..., ::-1]
                )
    for size in options.sizes:
        chosen = [row for row in rows if row["size"] == size]
        for what in ("block", "energy"):
            values = [row[what] for row in chosen]
            if values:
                print(f"{size} {what}: {min(values):.3f} to {max(values):.3f}, mean {np.mean(values):.3f}")
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1))


def _crop(image: Image, mask: Mask, result: Image, side: int = 480) -> Image:
    """Cut the window with the most of the hole's boundary, three times."""
    rim = cv2.boxFilter(mask.astype(np.float32), -1, (side, side))
    y, x = np.unravel_index(np.argmin(np.abs(rim - 0.6)), rim.shape)
    y, x = (int(np.clip(v - side // 2, 0, n - side)) for v, n in zip((y, x), mask.shape, strict=True))
    window = np.s_[y : y + side, x : x + side]
    hollow = np.where(mask[..., None], 0, image)[window]
    return np.concatenate([image[window], hollow, result[window]], axis=1).astype(np.uint8)


if __name__ == "__main__":
    main()
