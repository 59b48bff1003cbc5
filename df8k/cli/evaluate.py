"""``df8k evaluate``."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from ._console import (
    Place,
    chosen_engine,
    engine_options,
    json_option,
    print_board,
    print_json,
    progress_bar,
)
from ._divided import Evaluated, divide, evaluate_share
from ._measuring import (
    Size,
    command_line,
    dataset_options,
    first_failures,
    metric_options,
    shard_option,
    unreached,
)
from ._method import SPEC_HELP, MethodChoice, method_options
from ._tables import print_grid, print_text, wide_option

if TYPE_CHECKING:
    from df8k.leaderboard import Result

# Networks that redraw known pixels change them by a few grey levels.
_DOUBTFUL_DRIFT = 5.0


@click.command(epilog="Example: df8k evaluate --method telea --data DATASET --out telea.json")
@click.option("--method", required=True, help=SPEC_HELP)
@method_options
@dataset_options
@click.option("--out", type=Place(), required=True, help="RESULT.json to write.")
@metric_options
@click.option("--name", help="Method's name in tables.  [default: its own]")
@shard_option
@click.option(
    "--least-runs",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Runs per image that are timed however long they take; a published row rests on 5.",
)
@click.option(
    "--quality-only",
    is_flag=True,
    help="Answer each image once and time nothing; scoring runs on --workers processes.",
)
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="With --quality-only: processes that score beside the method; scores do not depend on it.",
)
@engine_options
@click.option(
    "--samples",
    type=click.IntRange(min=2),
    help="Draws of a stochastic method, seeds 0, 1, ...: the mean ranks, spread and best are told apart.",
)
@click.option(
    "--mask-sweep",
    is_flag=True,
    help="Then hand over masks dilated, eroded and feathered; OUT.sweep.csv, .json and .svg hold the curve.",
)
@click.option(
    "--threads",
    type=click.IntRange(min=1),
    help="Threads of every library, recorded in the result.  [default: OMP_NUM_THREADS, else all CPUs]",
)
@click.option("--save-predictions", type=Place(), help="Folder for the filled pictures.")
@click.option(
    "--explain",
    type=click.Path(path_type=Path),
    help="Folder for a picture of the method's stages per image.",
)
@click.option("--overwrite", is_flag=True, help="Replace a result that exists.")
@wide_option
@json_option
def evaluate(
    choice: MethodChoice,
    data: Path,
    out: Path,
    split: str,
    sizes: tuple[Size, ...] | None,
    names: str,
    memory: int,
    fetch_weights: bool,
    name: str | None,
    limit: int | None,
    shard: tuple[int, int] | None,
    least_runs: int,
    quality_only: bool,
    workers: int,
    engine: str,
    address: str | None,
    samples: int | None,
    mask_sweep: bool,
    threads: int | None,
    save_predictions: Path | None,
    explain: Path | None,
    overwrite: bool,
    as_json: bool,
) -> None:
    """Run a method on a dataset; measure quality and latency.

    The method gets each picture with its hole zeroed; known pixels of its answer are replaced by the input's
    before scoring. The values of each image go to a parquet file beside RESULT.json. Run the same command
    again after an interruption. With --quality-only no call is timed: the result has no latency. Exit code 1
    when the method failed on an image, or no image reaches a size.
    """
    if workers > 1 and not quality_only and engine == "local":
        raise click.UsageError("--workers would score while calls are timed: it needs --quality-only")
    if engine != "local" and (shard or samples or mask_sweep or explain):
        raise click.UsageError(
            f"--engine {engine} divides the images by itself: it is without --shard, --samples, --mask-sweep "
            "and --explain"
        )
    from _df8k.threads import hold_threads, set_threads, thread_count

    threads = threads or thread_count()
    set_threads(threads)  # libraries count processors when they are imported
    import df8k
    from df8k import leaderboard
    from df8k.leaderboard.calls.timing import UNTIMED, Budget
    from df8k.leaderboard.harness import samples as drawing
    from df8k.leaderboard.harness.explain import explain as explain_all
    from df8k.leaderboard.harness.explain import explainer
    from df8k.leaderboard.protocol.versions import default_sizes
    from df8k.leaderboard.site import board
    from df8k.leaderboard.site.tables.mask_sweep import sweep_grid
    from df8k.leaderboard.studies.mask_sweep import sweep_masks

    dataset = df8k.load(data, split=split)
    sizes = sizes or default_sizes(dataset)

    plan = leaderboard.Evaluation(
        sizes=sizes,
        metrics=tuple(names.split(",")),
        limit=limit,
        shard=shard,
        budget=UNTIMED if quality_only else Budget(least_runs=least_runs),
        workers=workers if engine == "local" else 1,
        spec=choice.method,
        device=choice.device,
        memory=memory * 2**20,
        fetch_weights=fetch_weights,
        command=command_line(),
    )
    if engine != "local":
        choice.obtain()
        # One worker to a device: an accelerator, or a machine's processors where calls are timed.
        gpus = 0 if choice.device == "cpu" else 1
        cpus = 1 if quality_only or gpus else None
        with progress_bar() as progress:
            result, _ = divide(
                evaluate_share,
                Evaluated(
                    choice=choice,
                    data=data,
                    split=split,
                    plan=plan,
                    out=out,
                    predictions=save_predictions,
                    name=name,
                    threads=1 if quality_only else threads,
                ),
                workers,
                replace(chosen_engine(engine, address), gpus=gpus, cpus=cpus),
                overwrite=overwrite,
                progress=progress,
                command=command_line(),
            )
        if as_json:
            print_json(result.model_dump(mode="json"))
        else:
            print_board(str(out), board.rank([result]))
        _close(result, out)
    inpaint = choice.open(data)
    hold_threads(threads)  # whatever a library or a method chose for itself
    if explain is not None:
        explainer(inpaint)  # refuse before the work
    if mask_sweep:
        from df8k.leaderboard.studies import mask_sweep_report  # likewise: it draws by an extra
    doubts: list[str] = []
    with progress_bar() as progress:
        if samples is not None:
            result = drawing.evaluate_samples(
                inpaint,
                dataset,
                plan,
                out,
                samples=samples,
                predictions=save_predictions,
                overwrite=overwrite,
                progress=progress,
                name=name,
            )
        else:
            result = leaderboard.evaluate(
                inpaint,
                dataset,
                evaluation=plan,
                out=out,
                predictions=save_predictions,
                overwrite=overwrite,
                progress=progress,
                name=name,
                warn=doubts.append,
            )
            if not drawing.repeats(inpaint, dataset, plan):
                result = drawing.note_unrepeatable(result, out)
        swept = sweep_masks(inpaint, dataset, plan, progress=progress) if mask_sweep else []
        if explain is not None:
            explain_all(inpaint, plan.choose(dataset)[1], sizes, explain, progress)
    sweep = mask_sweep_report.sweep_of(result, swept) if swept else None
    files = [] if sweep is None else mask_sweep_report.write_sweep(sweep, out)
    if as_json:
        print_json(
            result.model_dump(mode="json")
            | ({} if sweep is None else {"mask_sweep": sweep.model_dump(mode="json")})
        )
    else:
        print_board(str(out), board.rank([result]))
        if sweep is not None:
            print_grid("sloppy masks, scored in the exact hole", sweep_grid(sweep.rows))
            print_text(f"{', '.join(path.name for path in files)} beside {out.name}")
    for doubt in doubts:
        print_text(f"warning: {doubt}", err=True)
    _close(result, out)


def _close(result: "Result", out: Path) -> NoReturn:
    """Say what is wrong with a result, and exit."""
    for size_result in result.sizes:
        drift = size_result.known_drift
        if drift is not None and drift.mean > _DOUBTFUL_DRIFT:
            print_text(
                f"warning: at {size_result.size} the method changed known pixels by {drift.mean:.0f} "
                "grey levels on average: `df8k method check` looks for a wrong mask or colour order",
                err=True,
            )
    faults = [*first_failures(result, out), *unreached(result)]
    for fault in faults:
        print_text(fault, err=True)
    raise SystemExit(1 if faults else 0)
