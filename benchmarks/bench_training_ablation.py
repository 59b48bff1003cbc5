"""What pictures, blocks, optimiser and losses bring to the coarsest scale of RETHINED's coarse stage.

Rows of the first group begin with a fresh network and have equal processor time: ``dense`` as
``rethined-muon`` does, ``241 photographs`` on as many of the pictures, ``AdamW``, and ``MobileOne``, whose
dense convolutions are depthwise and pointwise ones of parallel branches. Rows of the second group go on from
the shipped weights with equal samples: ``L1``, with ``perceptual`` (ST-LPIPS) or ``adversarial`` loss.

    python benchmarks/bench_training_ablation.py dense L1 --data PICTURES --validation PHOTOS --out RUNS

Measured is the coarse result alone, added to ``harmonic``, and of the second group the whole method too, on
centre squares of the validation photographs at 512, a mask of each preset (three in the first group).
"""

import json
import os
import time
from pathlib import Path
from typing import Any
from unittest import mock

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("NUMBA_NUM_THREADS", "1")

import click
import numpy as np
import torch
from bench_rethined_ablation import CoarseAlone, interval, scores, squares
from bench_training import step_of
from torch import nn

import baselines
from baselines.base import Inpainter
from baselines.rethined import Network, fused
from baselines.rethined.method import method_of
from baselines.rethined.network import coarse
from baselines.rethined.network.geometry import CUT_PX
from baselines.rethined.network.layers import Dense, RepConv
from baselines.shipped import shipped_weights
from baselines.training import Objective, recipe
from baselines.training.config import TrainingConfig, read_config
from baselines.training.crops import Samples, open_masks, open_pack
from baselines.training.devices import Devices
from baselines.training.loop import Surroundings, Trainer, Validation
from df8k.cli._training import PresetMasks, gather
from df8k.metrics.weights import Store

PRESETS = ("df8k", "df8k-small")
FRESH = {
    "dense": {},
    "241 photographs": {},
    "AdamW": {"optimiser": "adamw"},
    "MobileOne": {},
}
ONWARDS = {
    "L1": {},
    "perceptual": {"perceptual": 1.0},
    "adversarial": {"adversarial": 0.02, "adversarial_from": 0.2},
}
COMMON: dict[str, Any] = {
    "batch_size": 32,
    "crop_px": 256,
    "levels_px": [256, 288, 352],
    "masks": ["df8k", "df8k-small", "lama-thick"],
    "mask_bank": 3000,
    "exchange_colours": 0.3,
    "optimiser": "muon",
    "final_rate": 0.02,
    "average_decay": 0.98,
    "precision": "bf16",
    "checkpoint_every": 1_000_000,
    "validate_every": 1_000_000,
}


class Separable(nn.Sequential):
    """MobileOne's block in place of a dense 3 x 3 convolution."""

    def __init__(
        self, inputs: int, outputs: int, kernel: int, *, stride: int = 1, active: bool = True
    ) -> None:
        if kernel == 3:
            super().__init__(
                RepConv(inputs, inputs, 3, stride=stride, groups=inputs),
                RepConv(inputs, outputs, 1, active=active),
            )
        else:
            super().__init__(Dense(inputs, outputs, kernel, stride=stride, active=active))


def seconds_of_step(objective: Objective, settings: TrainingConfig) -> float:
    """Processor time of a training step, the median of three after one to warm up."""
    step = step_of(objective, settings)
    taken = []
    for _ in range(4):
        start = time.process_time()
        step()
        taken.append(time.process_time() - start)
    return sorted(taken[1:])[1]


def train(
    row: str, minutes: float, samples: int, data: Path, validation: Path, out: Path
) -> tuple[Network, dict[str, Any]]:
    """Train one row for its time; gives the averaged network and what it saw."""
    made = recipe("rethined")
    table: dict[str, Any] = {**COMMON, **(FRESH.get(row) or {})}
    method: dict[str, Any] = {"scales": [0]}
    if row in ONWARDS:
        shipped = next(entry.path for entry in shipped_weights() if entry.method == "rethined")
        method = {"scales": [0], "weights": str(shipped), **ONWARDS[row]}
    table["learning_rate"] = 5e-4 if row in ONWARDS else 2e-3
    block = Separable if row == "MobileOne" else Dense
    with mock.patch.object(coarse, "Dense", block):

        def objective(steps: int) -> tuple[Objective, Any]:
            table.update(steps=steps, warmup_steps=max(1, steps // 10))
            lines = [f"{key} = {json.dumps(value)}" for key, value in table.items()]
            lines += ["[method]", *(f"{key} = {json.dumps(value)}" for key, value in method.items())]
            file = out / f"{row}.toml"
            file.write_text("\n".join(["[training]", *lines]) + "\n")
            run, options = read_config("rethined", made, file, {})
            return made.make(options, 0, Store().require), run

        chosen, run = objective(max(10, samples // COMMON["batch_size"]))
        if row in FRESH:
            step_s = seconds_of_step(chosen, run.training)
            chosen, run = objective(max(10, round(60 * minutes / step_s)))
    photographs = sorted(gather(data, (), validation).train, key=lambda photograph: photograph.identity)
    if row == "241 photographs":
        photographs = photographs[:241]
    folder = out / row
    packs = out / f"pack-{len(photographs)}"
    for needed in (folder, packs):
        needed.mkdir(parents=True, exist_ok=True)
    pack = open_pack(packs, photographs, run.training, lambda *_: None)
    draw = open_masks(packs, PresetMasks(run.training.masks), run.training, lambda *_: None)
    trainer = Trainer(chosen, run, folder, Devices("cpu"))
    start = time.process_time()
    nothing = Validation({"l1.hole": 0.0}, {})
    trainer.run(Samples(pack, draw, run.training), Surroundings(lambda _: nothing, lambda *_: None))
    network = trainer.averages["network"]
    assert isinstance(network, Network)
    seen = run.training.steps * run.training.batch_size
    return network, {"samples": seen, "minutes": (time.process_time() - start) / 60}


def report(rows: list[dict[str, Any]], names: list[str]) -> None:
    """Print means over photographs, and L1 over ``harmonic``'s with an interval over photographs."""
    for preset in PRESETS:
        for method in dict.fromkeys(row["method"] for row in rows):
            chosen = [row for row in rows if (row["method"], row["preset"]) == (method, preset)]
            peer = [row for row in rows if (row["method"], row["preset"]) == ("harmonic", preset)]
            least = np.mean([row["l1.hole"] for row in peer])
            gains: dict[str, list[float]] = {}
            for a, b in zip(chosen, peer, strict=True):
                gains.setdefault(a["photo"], []).append((a["l1.hole"] - b["l1.hole"]) / least)
            mean, half = interval([float(np.mean(values)) for values in gains.values()])
            line = f"{preset:<12}{method:<14}L1 / harmonic {1 + mean:.3f} +- {half:.3f}"
            for name in names[1:]:
                line += f"  {name} {np.mean([row[f'{name}.hole'] for row in chosen]):.4f}"
            print(
                f"{line}  energy {np.exp(np.mean([np.log(row['energy']) for row in chosen])):.2f}", flush=True
            )


@click.command()
@click.argument("row", nargs=-1, required=True, type=click.Choice([*FRESH, *ONWARDS]))
@click.option("--minutes", default=10.0, show_default=True, help="Of the processor, first group.")
@click.option("--samples", default=1600, show_default=True, help="Second group.")
@click.option("--data", type=click.Path(path_type=Path, exists=True), required=True)
@click.option("--validation", type=click.Path(path_type=Path, exists=True), required=True)
@click.option("--out", type=click.Path(path_type=Path), required=True)
def main(row: tuple[str, ...], minutes: float, samples: int, data: Path, validation: Path, out: Path) -> None:
    """Train and measure rows."""
    torch.set_num_threads(1)
    out.mkdir(parents=True, exist_ok=True)
    photos = sorted(validation.iterdir())
    for name in row:
        network, about = train(name, minutes, samples, data, validation, out)
        ready = fused(network)
        methods: dict[str, Inpainter] = {"harmonic": baselines.load("harmonic"), "coarse": CoarseAlone(ready)}
        if name in ONWARDS:
            methods["whole"] = method_of("rethined", ready, device="cpu", cut_px=CUT_PX)
        print(f"{name}: {about['samples']} samples, {about['minutes']:.1f} min of the processor", flush=True)
        names, count = (["l1", "haarpsi"], 3) if name in FRESH else (["l1", "haarpsi", "st-lpips-alex"], 1)
        keys = [f"training|{{}}|{number}" for number in range(count)]
        rows = list(scores(methods, squares(photos, 512), PRESETS, names, keys))
        (out / f"{name}.json").write_text(json.dumps({**about, "rows": rows}))
        report(rows, names)


if __name__ == "__main__":
    main()
