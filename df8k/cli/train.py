"""``df8k train``: train a learned method, go on after an interruption, write its weights."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.progress import TextColumn

from ._console import bars, print_json, progress_bar

if TYPE_CHECKING:
    from collections.abc import Callable


@click.command()
@click.argument("method")
@click.option(
    "--data",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    required=True,
    help="A built dataset (its train and validation splits) or any folder of pictures.",
)
@click.option(
    "--extra-data",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    multiple=True,
    help="Folder of further pictures to train on; repeatable.",
)
@click.option(
    "--validation-data",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of pictures to validate with, instead of those that --data holds back.",
)
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), required=True, help="Folder of the run."
)
@click.option("--config", help="TOML file, or the name of one that comes with the package, as rethined-cpu.")
@click.option(
    "--start",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Weights file to go on from.",
)
@click.option("--steps", type=click.IntRange(min=1), help="Training steps; wins over the file.")
@click.option("--device", default="cpu", show_default=True, help="torch device.")
@click.option("--devices", type=click.IntRange(min=1), default=1, show_default=True, help="How many of them.")
@click.option(
    "--workers",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    help="Processes that prepare samples.",
)
@click.option("--tensorboard/--no-tensorboard", default=False, help="Write TensorBoard files into the run.")
@click.option(
    "--export",
    "weights",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the best weights of the run here and stop.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON at the end.")
def train(
    method: str,
    data: Path,
    extra_data: tuple[Path, ...],
    validation_data: Path | None,
    out: Path,
    config: str | None,
    start: Path | None,
    steps: int | None,
    device: str,
    devices: int,
    workers: int,
    tensorboard: bool,
    weights: Path | None,
    as_json: bool,
) -> None:
    """Train METHOD (rethined, rethined-large or hifill).

    Run the same command again to go on after an interruption: the result is the same, bit for bit on a CPU.
    At the end the best weights lie in OUT/weights.safetensors. The test split of a dataset is never read.

    Example: df8k train rethined --data dataset --out run
    """
    from df8k.baselines.training.config import config_path, read_config
    from df8k.baselines.training.crops import Samples, open_masks, open_pack
    from df8k.baselines.training.devices import Devices
    from df8k.baselines.training.loop import Surroundings, Trainer
    from df8k.baselines.training.registry import recipe
    from df8k.metrics.weights import Store

    from ._training import PresetMasks, gather, validator

    chosen = recipe(method)
    path = None if config is None else config_path(config)
    run, options = read_config(method, chosen, path, {} if steps is None else {"steps": steps}, start)
    with progress_bar():
        pictures = gather(data, extra_data, validation_data)
        place = Devices(device, devices)
        # An export computes no loss, so what losses need may be absent.
        find = Store().require if weights is None else Path
        trainer = Trainer(chosen.make(options, run.training.seed, find), run, out, place)
    if weights is None:
        with progress_bar() as report:
            if place.first:
                open_pack(out, pictures.train, run.training, report)
                open_masks(out, PresetMasks(run.training.masks), run.training, report)
            place.wait()
            pack = open_pack(out, pictures.train, run.training, report)
            draw_mask = open_masks(out, PresetMasks(run.training.masks), run.training, report)
        samples = Samples(pack, draw_mask, run.training)
        with _steps_bar(place.first, run.training.batch_size) as report_step:
            validate = validator(pictures.validation, run.training)
            trainer.run(samples, Surroundings(validate, report_step, workers, tensorboard))
    if not place.first:
        return
    step = trainer.load_best()
    target = weights or out / "weights.safetensors"
    trainer.export(target, {"steps": str(step), **pictures.about})
    if as_json:
        print_json({"weights": str(target), "step": step, "config_sha256": run.sha256, **pictures.about})
    else:
        click.echo(f"{target}: {method} after {step} of {run.training.steps} steps")


@contextmanager
def _steps_bar(shown: bool, batch: int) -> "Iterator[Callable[[int, int, dict[str, float]], None]]":
    """Draws steps, losses, samples per second and time left on standard error; in pipes lines of steps."""
    with bars(TextColumn("{task.fields[rate]}"), shown=shown) as bar:
        if shown and bar.disable:
            with progress_bar() as plain:
                yield lambda step, steps, _scalars: plain("training", step, steps)
            return
        task: Any = None
        first = 0

        def report(step: int, steps: int, scalars: dict[str, float]) -> None:
            nonlocal task, first
            if task is None:
                first = step - 1
                task = bar.add_task("training", total=steps, completed=first, rate="")
            elapsed = bar.tasks[task].elapsed or 0.0
            rate = batch * (step - first) / elapsed if elapsed else 0.0
            losses = " ".join(
                f"{name} {value:.3f}" for name, value in scalars.items() if name.endswith("loss")
            )
            bar.update(task, completed=step, description=losses, rate=f"{rate:.1f} samples/s")

        yield report
