"""Time and memory of the metrics against scikit-image, torchmetrics and lpips, in the same run.

    python benchmarks/bench_metrics.py                       # 1024 to 8192; peers up to 4096
    python benchmarks/bench_metrics.py --sizes 1024,2048 --json

Every row runs in a process of its own on the same noisy pair, best of several runs after a warm-up. Memory is
the peak above the process with its libraries and pictures loaded, as the kernel counts it. The prediction
differs from the original everywhere: the metrics' shortcut for unchanged regions has nothing to skip. LPIPS
runs on random backbone weights, whose values mean nothing and whose time is that of the real ones.
"""

import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

Row = dict[str, float | int | str]
OURS = "l1+psnr+ssim+ms-ssim"
_RUNS = {1024: 5, 2048: 3}


def pair(size: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Make a smooth scene with grain, a noisier copy, and a hole of a quarter of the image."""
    rng = np.random.default_rng(size)
    y, x = np.mgrid[:size, :size].astype(np.float32)
    shade = 110 + 60 * np.sin(x / 37) * np.cos(y / 53)
    target = np.empty((size, size, 3), np.uint8)
    prediction = np.empty_like(target)
    for channel in range(3):
        plane = shade + rng.normal(0, 8, shade.shape).astype(np.float32)
        target[..., channel] = plane.clip(0, 255)
        prediction[..., channel] = (plane + rng.normal(0, 12, shade.shape)).clip(0, 255)
    mask = np.zeros((size, size), bool)
    mask[size // 4 : 3 * size // 4, size // 4 : 3 * size // 4] = True
    return prediction, target, mask


def ours(size: int) -> Callable[[], object]:
    """All four, full picture and hole, in one call."""
    import metrics

    arrays = pair(size)
    return lambda: metrics.compute(*arrays, names=OURS.split("+"))


def skimage(size: int) -> Callable[[], object]:
    """PSNR and SSIM, full picture only: scikit-image has no regions."""
    from skimage.metrics import peak_signal_noise_ratio, structural_similarity

    prediction, target, _ = pair(size)
    settings = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False}

    def run() -> object:
        structural_similarity(target, prediction, data_range=255, channel_axis=2, **settings)
        return peak_signal_noise_ratio(target, prediction, data_range=255)

    return run


def torchmetrics(size: int) -> Callable[[], object]:
    """MS-SSIM, full picture only."""
    import torch
    from torchmetrics.functional.image import multiscale_structural_similarity_index_measure

    prediction, target, _ = pair(size)
    tensors = [torch.from_numpy(image).permute(2, 0, 1)[None].float() for image in (prediction, target)]
    return lambda: multiscale_structural_similarity_index_measure(*tensors, data_range=255.0)


def lpips_ours(size: int) -> Callable[[], object]:
    """LPIPS-Alex, full picture, hole and rim, within 2 GiB."""
    import metrics

    arrays, store = pair(size), _random_alexnet()
    return lambda: metrics.compute(*arrays, names=["lpips-alex"], weights=store)


def lpips_official(size: int) -> Callable[[], object]:
    """LPIPS-Alex of the lpips package, full picture only."""
    import lpips
    import torch

    model = lpips.LPIPS(net="alex", pnet_rand=True, verbose=False)
    prediction, target, _ = pair(size)

    def run() -> object:
        tensors = [
            torch.from_numpy(i).permute(2, 0, 1)[None].float() / 127.5 - 1 for i in (prediction, target)
        ]
        with torch.no_grad():
            return model(*tensors)

    return run


def _random_alexnet() -> object:
    """Open a store whose AlexNet is random: convolutions only, which is all that LPIPS reads."""
    import torch
    from torchvision.models import alexnet

    from _df8k.files import sha256_of
    from metrics.weights import Store, WeightsEntry

    folder = Path(tempfile.mkdtemp())
    path = folder / "alexnet.pth"
    torch.manual_seed(0)
    torch.save({f"features.{k}": v for k, v in alexnet(weights=None).features.state_dict().items()}, path)
    entry = WeightsEntry(
        name="alexnet",
        filename=path.name,
        size=path.stat().st_size,
        sha256=sha256_of(path),
        licence="random numbers",
        purpose="benchmark",
    )
    return Store([entry], folder=folder)


JOBS: dict[str, tuple[Callable[[int], Callable[[], object]], str]] = {
    "df8k": (ours, f"{OURS}, full and hole"),
    "scikit-image": (skimage, "psnr+ssim, full"),
    "torchmetrics": (torchmetrics, "ms-ssim, full"),
    "df8k lpips": (lpips_ours, "lpips-alex, full and hole"),
    "lpips": (lpips_official, "lpips-alex, full"),
}


def _status(field: str) -> int:
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(field))


def measure(job: str, size: int) -> Row:
    """Run one job in this process and describe it."""
    import warnings

    warnings.simplefilter("ignore")
    JOBS[job][0](256)()  # imports and compiled code
    run = JOBS[job][0](size)
    Path("/proc/self/clear_refs").write_text("5", encoding="utf-8")
    before = _status("VmRSS")
    seconds, processor = [], []
    for _ in range(_RUNS.get(size, 2)):
        started, worked = time.perf_counter(), time.process_time()
        run()
        seconds.append(time.perf_counter() - started)
        processor.append(time.process_time() - worked)
    return {
        "who": job,
        "what": JOBS[job][1],
        "size": size,
        "seconds": min(seconds),
        "cpu_seconds": min(processor),
        "extra_bytes": _status("VmHWM") - before,
        "process_bytes": _status("VmHWM"),
    }


def in_own_process(job: str, size: int) -> Row:
    """`measure` in a fresh interpreter."""
    command = [sys.executable, __file__, "--job", job, "--sizes", str(size)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    row: Row = json.loads(done.stdout)
    return row


def summarise(rows: list[Row]) -> dict[str, float]:
    """Compute the ratios that the documentation states; processor time holds on a busy machine too."""
    at = {(row["who"], row["size"]): row for row in rows}
    sizes = sorted({row["size"] for row in rows})
    found: dict[str, float] = {}
    for clock in ("seconds", "cpu_seconds"):
        for size in sizes:
            mine, peers = (
                at.get(("df8k", size)),
                [at.get((who, size)) for who in ("scikit-image", "torchmetrics")],
            )
            if mine and all(peers):
                found[f"{size}: peers / ours, {clock}"] = sum(p[clock] for p in peers) / mine[clock]
            untiled, streamed = at.get(("lpips", 1024)), at.get(("df8k lpips", size))
            if untiled and streamed:
                scaled = untiled[clock] * (size / 1024) ** 2
                found[f"{size}: our lpips / lpips at 1024 scaled, {clock}"] = streamed[clock] / scaled
        own = [at["df8k", size][clock] for size in sizes if ("df8k", size) in at]
        if len(own) > 1:
            pixels = (sizes[len(own) - 1] / sizes[0]) ** 2
            found[f"exponent of time over pixels, {clock}"] = math.log(own[-1] / own[0]) / math.log(pixels)
    for size in sizes:
        mine, peers = (
            at.get(("df8k", size)),
            [at.get((who, size)) for who in ("scikit-image", "torchmetrics")],
        )
        if mine and all(peers):
            found[f"{size}: our memory / peers' peak"] = mine["extra_bytes"] / max(
                p["extra_bytes"] for p in peers
            )
    return found


def main() -> None:
    """Parse arguments, run the jobs, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sizes", default="1024,2048,4096,8192", help="sides of square pictures")
    parser.add_argument("--peers-up-to", type=int, default=4096, help="largest size at which peers run")
    parser.add_argument("--lpips-up-to", type=int, default=4096, help="largest size of our LPIPS")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--job", choices=JOBS, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    sizes = [int(size) for size in arguments.sizes.split(",")]
    if arguments.job:
        print(json.dumps(measure(arguments.job, sizes[0])))
        return
    limits = dict.fromkeys(JOBS, arguments.peers_up_to) | {
        "df8k": max(sizes),
        "df8k lpips": arguments.lpips_up_to,
    }
    rows = []
    for size in sizes:
        for job, limit in limits.items():
            if size <= limit:
                rows.append(in_own_process(job, size))
                print(f"{job} at {size} done", file=sys.stderr)
    ratios = summarise(rows)
    if arguments.json:
        machine = {"cpus": len(os.sched_getaffinity(0)), "load": os.getloadavg()[0]}
        print(json.dumps({"machine": machine, "rows": rows, "ratios": ratios}, indent=2))
        return
    print(
        f"{'size':>5}  {'who':<13} {'what':<34} {'seconds':>8} {'CPU s':>7} {'extra MB':>9} {'in all MB':>9}"
    )
    for row in rows:
        memory = row["extra_bytes"] / 1e6, row["process_bytes"] / 1e6
        print(f"{row['size']:>5}  {row['who']:<13} {row['what']:<34} {row['seconds']:8.2f} ", end="")
        print(f"{row['cpu_seconds']:7.2f} ", end="")
        print(f"{memory[0]:9.0f} {memory[1]:9.0f}")
    for name, value in ratios.items():
        print(f"{name}: {value:.3g}")


if __name__ == "__main__":
    main()
