"""Ray against local processes on a folder of photographs: time, and the same dataset when nodes are killed.

Example: python -P benchmarks/bench_engines.py PHOTOS --workers 2 --kills 5 --json engines.json

Both times hold the start of processes and cluster. With --kills, each further build runs on three nodes, of
which one loses its raylet to SIGKILL at a random moment of the examining; the fingerprint must be the
local build's.
"""

import argparse
import json
import os
import signal
import tempfile
import time
from pathlib import Path
from random import Random
from typing import Any

from df8k.builder import build
from df8k.config import BuildConfig
from df8k.pool import Engine

CONFIG = BuildConfig(min_side=64, curation={}, near_duplicates={})
NODE: dict[str, Any] = {"object_store_memory": 80 * 2**20, "include_dashboard": False}


def timed(photographs: Path, out: Path, workers: int, engine: Engine) -> tuple[float, str]:
    """Build; gives seconds and the fingerprint."""
    start = time.monotonic()
    description = build(photographs, out, CONFIG, workers=workers, engine=engine).description
    return time.monotonic() - start, description.fingerprint


def killed(photographs: Path, out: Path, workers: int, moment: float) -> tuple[str, int]:
    """Build on three nodes, one of which dies when a fraction is examined; gives fingerprint and number."""
    from ray.cluster_utils import Cluster

    cluster = Cluster(initialize_head=True, head_node_args={**NODE, "num_cpus": 0})
    nodes = [cluster.add_node(**NODE, num_cpus=workers) for _ in range(2)]
    raylet = nodes[0].all_processes["raylet"][0].process.pid
    died_at = 0

    def progress(stage: str, done: int, total: int | None) -> None:
        nonlocal died_at
        if stage == "examining" and not died_at and total and done >= max(1, moment * total):
            died_at = done
            os.kill(raylet, signal.SIGKILL)

    try:
        engine = Engine(name="ray", address=cluster.address)
        report = build(photographs, out, CONFIG, workers=workers, engine=engine, progress=progress)
    finally:
        cluster.shutdown()
    return report.description.fingerprint, died_at


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("photographs", type=Path)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    chance = Random(options.seed)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        local, expected = timed(options.photographs, root / "local", options.workers, Engine())
        results: dict[str, Any] = {"local s": local, "kills": []}
        print(f"local: {local:.1f} s, {expected[:16]}", flush=True)
        ray_s, fingerprint = timed(options.photographs, root / "ray", options.workers, Engine(name="ray"))
        results |= {"ray s": ray_s, "ratio": ray_s / local, "same": fingerprint == expected}
        print(
            f"ray: {ray_s:.1f} s, {ray_s / local:.2f} of local, same: {fingerprint == expected}", flush=True
        )
        for number in range(options.kills):
            moment = chance.random()
            fingerprint, died_at = killed(
                options.photographs, root / f"killed-{number}", options.workers, moment
            )
            results["kills"].append({"examined": died_at, "same": fingerprint == expected})
            print(f"killed after {died_at}: same: {fingerprint == expected}", flush=True)
    if options.json is not None:
        options.json.write_text(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
