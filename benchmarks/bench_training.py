"""Samples a second of the trainings that ship, and their share of what one core can multiply.

    OMP_NUM_THREADS=1 python -P benchmarks/bench_training.py rethined-cpu rethined-fine --steps 6

Random pictures with a hole in their middle go through loss, backward pass and optimiser as in `df8k train`;
reading pictures and drawing masks is left out, since both come from files that are mapped into memory.
Arithmetic is counted by torch's own counter; the limit is a product of two 1024 x 1024 matrices in the
configured precision, measured in the same run.
"""

import json
import os
import time
from collections.abc import Callable

os.environ.setdefault("OMP_NUM_THREADS", "1")

import click
import torch
from torch.utils.flop_counter import FlopCounterMode

from baselines.training import Batch, Progress, recipe
from baselines.training.config import TrainingConfig, config_path, read_config
from baselines.training.objective import Objective
from baselines.training.optimiser import optimisers

_LIMIT_SIDE = 1024


def limit(precision: torch.dtype) -> float:
    """Multiply-adds a second of one core in a large matrix product, counted as two operations."""
    a = torch.randn(_LIMIT_SIDE, _LIMIT_SIDE).to(precision)
    a @ a
    best = min(_timed(lambda: a @ a) for _ in range(20))
    return float(2 * _LIMIT_SIDE**3 / best)


def _timed(work: object) -> float:
    start = time.perf_counter()
    work()  # type: ignore[operator] # a callable without arguments
    return time.perf_counter() - start


def step_of(objective: Objective, settings: TrainingConfig) -> Callable[[], None]:
    """Make a function that takes one step on random pictures with a hole in their middle."""
    networks = objective.networks
    for network in networks.values():
        network.train()
    chosen = optimisers(objective, muon=settings.optimiser == "muon")
    side = settings.crop_px
    mask = torch.zeros(settings.batch_size, 1, side, side)
    mask[:, :, side // 4 : 3 * side // 4, side // 4 : 3 * side // 4] = 1
    batch = Batch(torch.rand(settings.batch_size, 3, side, side), mask)
    progress = Progress(settings.steps - 1, settings.steps, torch.Generator().manual_seed(0))

    def step() -> None:
        for update in objective.rounds:
            for key, network in networks.items():
                network.requires_grad_(key in objective.updates[update].networks)
            with torch.autocast("cpu", torch.bfloat16, enabled=settings.precision == "bf16"):
                loss, _ = objective.loss(update, batch, progress)
            chosen[update].zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            chosen[update].step(1e-4)

    return step


def measure(config: str, steps: int) -> dict[str, float | str]:
    """Time ``steps`` steps of a configuration after one to warm up."""
    name = config.rsplit("-", 1)[0]
    run, options = read_config(name, recipe(name), config_path(config), {})
    settings = run.training
    objective = recipe(name).make(options, settings.seed, lambda missing: missing)  # type: ignore[arg-type, return-value]
    step = step_of(objective, settings)
    with FlopCounterMode(display=False) as counter:
        step()
    seconds = sorted(_timed(step) for _ in range(steps))
    median = seconds[len(seconds) // 2]
    top = limit(torch.bfloat16 if settings.precision == "bf16" else torch.float32)
    return {
        "config": config,
        "crop_px": settings.crop_px,
        "samples/s": settings.batch_size / median,
        "fastest samples/s": settings.batch_size / seconds[0],
        "GFLOP per sample": counter.get_total_flops() / settings.batch_size / 1e9,
        "GFLOP/s": counter.get_total_flops() / median / 1e9,
        "limit GFLOP/s": top / 1e9,
        "share of the limit": counter.get_total_flops() / median / top,
    }


@click.command()
@click.argument("configs", nargs=-1, required=True)
@click.option("--steps", default=6, show_default=True)
def main(configs: tuple[str, ...], steps: int) -> None:
    """Print a line of JSON for each configuration."""
    torch.set_num_threads(1)
    for config in configs:
        print(json.dumps(measure(config, steps)))


if __name__ == "__main__":
    main()
