"""HiFill: aggregation against the public demo's, growth with resolution, network against plain torch.

Run with nothing else on the machine: ``python benchmarks/bench_hifill.py [--json] [--side 8192]``. Ratios
compare values of the same run. Every measurement of the aggregation runs in a process of its own, so that
one's peak memory is not hidden by the other's; peaks are above what the process held when the stage began.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from baselines.hifill import Generator, fill_clean, initialise, load_weights
from baselines.hifill.inference.aggregation import aggregate
from baselines.hifill.inference.grid import Grid, reduce_picture
from baselines.hifill.inference.runner import GeneratorRunner
from baselines.hifill.network.attention import compute_attention, valid_keys
from baselines.hifill.network.layers import GatedConv2d, same_padding

_CELLS = 32
_ROUNDS = 3


def scene(side: int) -> tuple[np.ndarray, np.ndarray]:
    """Make an image with a square hole of 10 %: uint8 ``(side, side, 3)`` and bool ``(side, side)``."""
    image = np.random.default_rng(0).integers(0, 256, (side, side, 3), dtype=np.uint8)
    mask = np.zeros((side, side), np.bool_)
    hole = round(side * 0.1**0.5)
    mask[side // 4 : side // 4 + hole, side // 3 : side // 3 + hole] = True
    return image, mask


def best(run: Callable[[], object], repeats: int) -> float:
    """Shortest of several runs, in seconds."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return min(times)


def _memory(field: str) -> int:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(field)) * 1024


def demo_patches(large: np.ndarray, cell: int) -> np.ndarray:
    """Cut an image into one row of pixels per cell, float32 ``(1024, cell * cell * 3)``."""
    rows = large.reshape(_CELLS, cell, _CELLS, cell, 3).transpose(0, 2, 1, 3, 4)
    return rows.reshape(_CELLS * _CELLS, -1)


def demo_spread(residual: np.ndarray, attention: np.ndarray) -> np.ndarray:
    """Aggregate a whole residual as the demo does, float32 ``(side, side, 3)``."""
    cell = residual.shape[0] // _CELLS
    mixed = np.matmul(attention, demo_patches(residual, cell))
    rows = mixed.reshape(_CELLS, _CELLS, cell, cell, 3).transpose(0, 2, 1, 3, 4)
    return rows.reshape(residual.shape)


def demo_residual(large: np.ndarray, known: np.ndarray, small: np.ndarray) -> np.ndarray:
    """Compute the demo's residual: the image less its enlarged small version, zero under the mask."""
    side = large.shape[0]
    return (large - cv2.resize(small, (side, side), interpolation=cv2.INTER_LINEAR)) * known[..., None]


def demo_stage(
    large: np.ndarray, known: np.ndarray, small: np.ndarray, filled: np.ndarray, attention: np.ndarray
) -> np.ndarray:
    """Everything that the demo does between the network and the final resize, on float32 pictures."""
    side = large.shape[0]
    base = cv2.resize(filled, (side, side), interpolation=cv2.INTER_LINEAR)
    return np.clip(base + demo_spread(demo_residual(large, known, small), attention), 0, 255)


def aggregation(kind: str, side: int, repeats: int) -> dict[str, float]:
    """Time and peak memory of one formulation, in this process."""
    image, mask = scene(side)
    grid = Grid(side, side)
    reduced = reduce_picture(image, mask, grid)
    valid = valid_keys(torch.from_numpy(reduced.mask).float()[None, None])[0]
    random = torch.Generator().manual_seed(0)
    attention = torch.softmax(torch.randn(1024, 1024, generator=random), 1) * valid
    queries, keys = np.flatnonzero(reduced.hole_cells), np.flatnonzero(valid)
    filled = np.random.default_rng(1).uniform(0, 255, (512, 512, 3)).astype(np.float32)
    if kind == "ours":
        weights = attention[queries][:, keys].contiguous()

        def run() -> object:
            return aggregate(image, mask, reduced.image, filled, weights, queries, keys)

    else:
        dense = attention.numpy()
        large, known = image.astype(np.float32), (~mask).astype(np.float32)
        residual = demo_residual(large, known, reduced.image) if kind == "matrix" else None

        def run() -> object:
            if residual is not None:
                return demo_spread(residual, dense)
            return demo_stage(large, known, reduced.image, filled, dense)

    with torch.inference_mode():
        before = _memory("VmRSS")
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # restart the peak
        seconds = best(run, 1)
        peak = _memory("VmHWM") - before
        if repeats > 1:
            seconds = min(seconds, best(run, repeats - 1))
    return {"seconds": seconds, "peak_bytes": peak, "queries": len(queries), "keys": len(keys)}


def _in_process(kind: str, side: int, repeats: int) -> dict[str, float]:
    command = [
        sys.executable,
        __file__,
        "--measure",
        kind,
        "--side",
        str(side),
        "--repeats",
        str(repeats),
    ]
    found: dict[str, float] = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return found


def growth(sides: list[int], repeats: int) -> dict[str, float]:
    """Seconds from picture to filled picture, by side."""
    network = GeneratorRunner(load_weights().generator, "cpu")
    scenes = {side: scene(side) for side in sides}
    times = {side: float("inf") for side in sides}
    fill_clean(*scenes[sides[0]], network)
    for _ in range(repeats):
        for side in sides:
            times[side] = min(times[side], best(lambda side=side: fill_clean(*scenes[side], network), 1))
    return {str(side): seconds for side, seconds in times.items()}


def _plain_conv(x: Tensor, layer: GatedConv2d) -> Tensor:
    if layer.upsample:
        height, width = x.shape[-2:]
        x = F.pad(x, (0, 1, 0, 1), mode="replicate")
        x = F.interpolate(x, (2 * height + 1, 2 * width + 1), mode="bilinear", align_corners=True)
        x = x[..., :-1, :-1].contiguous(memory_format=torch.channels_last)
    outputs = []
    for conv in (layer.feature, layer.gate):
        stride, dilation = conv.stride[0], conv.dilation[0]
        padding = same_padding(x.shape[-1], conv.kernel_size[0], stride, dilation)
        padded = F.pad(x, (*padding, *padding))
        outputs.append(F.conv2d(padded, conv.weight, conv.bias, stride, 0, dilation))
    return F.elu(outputs[0]) * torch.sigmoid(outputs[1])


def _plain_transfer(features: Tensor, attention: Tensor, kernel: int) -> Tensor:
    size, step = features.shape[-1], features.shape[-1] // _CELLS
    before, after = same_padding(size, kernel, step)
    padded = F.pad(features, (before, after, before, after))
    mixed = F.unfold(padded, kernel, stride=step) @ attention.transpose(1, 2)
    whole = F.fold(mixed, padded.shape[-2:], kernel, stride=step)
    return whole[..., before : before + size, before : before + size]


def plain_forward(generator: Generator, image: Tensor, mask: Tensor) -> Tensor:
    """Write the same network down with torch's functions, layer after layer."""
    x = torch.cat((image * (1 - mask), mask), 1)[..., ::2, ::2].contiguous(memory_format=torch.channels_last)
    for layer in generator.coarse.values():
        x = _plain_conv(x, layer)
    x = F.pad(x.clamp(-1, 1), (0, 1, 0, 1), mode="replicate")
    x = F.interpolate(x, (513, 513), mode="bilinear", align_corners=True)[..., :-1, :-1]
    x = torch.cat((x * mask + image * (1 - mask), mask), 1).contiguous(memory_format=torch.channels_last)
    run = {name: (lambda y, layer=layer: _plain_conv(y, layer)) for name, layer in generator.refine.items()}
    x256 = run["re_en_conv_256"](run["re_en_down_256"](x))
    x128 = run["re_en_conv_128"](run["re_en_down_128"](x256))
    x64 = run["re_en_conv_64"](run["re_en_down_64"](x128))
    for dilation in (1, 2, 4, 8, 16):
        x64 = run[f"re_dil_d{dilation}"](x64)
    attention = compute_attention(x64, valid_keys(mask))
    x = run["re_att_64_att3"](torch.cat((x64, run["re_att_64_att1"](_plain_transfer(x64, attention, 3))), 1))
    x = run["re_de_conv_128"](run["re_de_up__128"](x))
    moved = run["re_de_att_128_2"](run["re_de_att_128_1"](_plain_transfer(x128, attention, 8)))
    x = run["re_de_conv_256"](run["re_de_up__256"](torch.cat((moved, x), 1)))
    moved = run["re_de_att_256_2"](run["re_de_att_256_1"](_plain_transfer(x256, attention, 16)))
    return run["re_de_toRGB__256"](torch.cat((moved, x), 1)).clamp(-1, 1)


def network(repeats: int) -> dict[str, float]:
    """Seconds of one forward pass, ours and plain, in turns."""
    generator = initialise(Generator()).eval().to(memory_format=torch.channels_last)
    image = torch.rand(1, 3, 512, 512, generator=torch.Generator().manual_seed(0)) * 2 - 1
    image = image.contiguous(memory_format=torch.channels_last)
    mask = torch.zeros(1, 1, 512, 512)
    mask[..., 130:290, 170:330] = 1
    ours = plain = float("inf")
    with torch.inference_mode():
        difference = (generator(image, mask).refined - plain_forward(generator, image, mask)).abs().max()
        for _ in range(repeats):
            ours = min(ours, best(lambda: generator(image, mask), 1))
            plain = min(plain, best(lambda: plain_forward(generator, image, mask), 1))
    return {"ours": ours, "plain": plain, "ratio": ours / plain, "largest_difference": float(difference)}


def measure(side: int, repeats: int) -> dict[str, Any]:
    """All measurements."""
    stage: dict[str, dict[str, float]] = {}
    for _ in range(_ROUNDS):  # in turns, so that a disturbance meets all of them
        for kind in ("ours", "stage", "matrix"):
            found = _in_process(kind, side, repeats)
            before = stage.get(kind, found)
            found["seconds"] = min(found["seconds"], before["seconds"])
            found["peak_bytes"] = max(found["peak_bytes"], before["peak_bytes"])
            stage[kind] = found
    ours = stage["ours"]
    sides = [s for s in (512, 1024, 2048, 4096, 8192) if s <= side]
    times = growth(sides, repeats)
    return {
        "side": side,
        "threads": torch.get_num_threads(),
        "machine": {"cpu": platform.processor() or platform.machine(), "cores": os.cpu_count()},
        "torch": torch.__version__,
        "aggregation": stage,
        "faster_than_stage": stage["stage"]["seconds"] / ours["seconds"],
        "faster_than_matrix": stage["matrix"]["seconds"] / ours["seconds"],
        "memory_of_stage": ours["peak_bytes"] / stage["stage"]["peak_bytes"],
        "memory_of_matrix": ours["peak_bytes"] / stage["matrix"]["peak_bytes"],
        "total_seconds": times,
        "growth": times[str(sides[-1])] / times[str(sides[0])],
        "network": network(2 * repeats),
    }


def report(found: dict[str, Any]) -> None:
    """Print the table."""
    side, stage = found["side"], found["aggregation"]
    print(f"torch {found['torch']}, {found['threads']} threads; {side} x {side}, hole 10 %")
    print(f"{'aggregation':34} {'seconds':>8} {'peak MB':>8}")
    names = {
        "stage": "demo: residual to clipped result",
        "matrix": "demo: matrix product alone",
        "ours": "ours",
    }
    for kind, label in names.items():
        print(f"{label:34} {stage[kind]['seconds']:8.2f} {stage[kind]['peak_bytes'] / 1e6:8.0f}")
    for kind in ("stage", "matrix"):
        faster, memory = found[f"faster_than_{kind}"], found[f"memory_of_{kind}"]
        print(f"against {names[kind]}: {faster:.1f} x faster, {memory:.3f} of its memory")
    for size, seconds in found["total_seconds"].items():
        print(f"whole method {size:>5}: {seconds:6.2f} s")
    print(f"growth {found['growth']:.2f}")
    forward = found["network"]
    print(
        f"network {forward['ours']:.3f} s, plain torch {forward['plain']:.3f} s, ratio {forward['ratio']:.3f}"
    )


def main() -> None:
    """Parse the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--side", type=int, default=8192, help="picture side, a multiple of 512")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--measure", choices=("ours", "stage", "matrix"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(aggregation(options.measure, options.side, options.repeats)))
        return
    found = measure(options.side, options.repeats)
    if options.json:
        print(json.dumps(found, indent=2))
    else:
        report(found)


if __name__ == "__main__":
    main()
