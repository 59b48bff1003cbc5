"""``df8k latency``."""

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ._console import chosen_engine, engine_options, json_option, print_json, print_latency, progress_bar
from ._measuring import Size, command_line, latency_options, plan_of, tell_spoilers
from ._method import SPEC_HELP, MethodChoice, method_options
from ._tables import wide_option

if TYPE_CHECKING:
    from df8k.leaderboard.latency.inputs import Material
    from df8k.leaderboard.latency.results import LatencyResult
    from df8k.leaderboard.latency.run import Measurement


@click.command(epilog="Example: df8k latency --method telea --sizes ladder --out telea.latency.json")
@click.option("--method", required=True, help=SPEC_HELP)
@method_options
@latency_options
@click.option(
    "--data", type=click.Path(path_type=Path), help="Dataset to take pictures and holes from; else scenes."
)
@click.option("--split", default="test", show_default=True, help="Split of the dataset.")
@click.option(
    "--mask-preset",
    show_default="the dataset's own masks, else df8k",
    help="Preset that holes are drawn from.",
)
@click.option(
    "--sessions", type=click.IntRange(min=1), help="Fresh processes per size, instead of the tier's."
)
@click.option("--threads", type=click.IntRange(min=1), help="Processors to pin the method to; else all.")
@engine_options
@click.option("--no-areas", is_flag=True, help="Leave out latency against the area of the hole.")
@wide_option
@json_option
def latency(
    choice: MethodChoice,
    sizes: tuple[Size, ...],
    data: Path | None,
    split: str,
    images: int,
    mask_preset: str | None,
    tier: str,
    sessions: int | None,
    takes: int,
    limit_s: float | None,
    threads: int | None,
    engine: str,
    address: str | None,
    no_areas: bool,
    out: Path,
    overwrite: bool,
    as_json: bool,
) -> None:
    """Measure a method's latency and memory against resolution, apart from its quality.

    Every size is measured in fresh processes: loading and the first call apart, warm-up until steady, then
    the tier's runs. Failures are rows. Every run goes to a parquet file beside LATENCY.json, which
    `df8k leaderboard build` takes. Run the same command again after an interruption. docs/latency.md is the
    protocol. Exit code 1 when a size failed.
    """
    from df8k.leaderboard.latency.process import Target
    from df8k.leaderboard.latency.run import Measurement
    from df8k.pool import ordered_map

    runner = chosen_engine(engine, address)
    choice.obtain()
    tell_spoilers()
    memory = None if choice.memory_limit is None else round(choice.memory_limit * 2**30)
    interpreter = {} if choice.python is None else {"python": choice.python}
    target = Target(
        spec=choice.method,
        device=choice.device,
        strategy=choice.effective_strategy,
        sandbox=choice.sandbox,
        threads=threads,
        timeout_s=choice.timeout,
        memory_bytes=memory,
        **interpreter,
    )
    measurement = Measurement(
        target,
        sizes,
        material=_material(data, split, images, mask_preset),
        plan=plan_of(tier, sessions, limit_s),
        takes=takes,
        areas=not no_areas,
        command=command_line(),
    )
    with progress_bar() as progress:
        if engine == "local":
            result = measurement.run(out, overwrite=overwrite, progress=progress)
        else:
            # An accelerator, or all processors of a machine: nobody else's task runs beside it.
            gpus = 0 if choice.device == "cpu" else 1
            alone = replace(runner, gpus=gpus, cpus=1 if gpus else None)
            tasks = [(measurement, out, overwrite)]
            (result,) = ordered_map(_measured, tasks, workers=os.cpu_count() or 1, engine=alone)
    if as_json:
        print_json(result.model_dump(mode="json"))
    else:
        print_latency(str(out), [result])
    failed = any(size_result.status not in {"ok", "left-out"} for size_result in result.sizes)
    raise SystemExit(1 if failed else 0)


def _measured(task: tuple["Measurement", Path, bool]) -> "LatencyResult":
    measurement, out, overwrite = task
    return measurement.run(out, overwrite=overwrite)


def _material(data: Path | None, split: str, images: int, preset: str | None) -> "Material":
    from df8k.leaderboard.latency.inputs import FromDataset, Procedural

    if data is None:
        return Procedural(images, preset or "df8k")
    import df8k

    return FromDataset(df8k.load(data, split=split), images, preset)
