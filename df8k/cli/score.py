"""``df8k score``."""

from pathlib import Path

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
from ._divided import Share, divide, score_share
from ._measuring import Size, Sizes, command_line, limit_option, metric_options, shard_option, split_option
from ._no_reference import without_originals
from ._tables import print_text, wide_option


@click.command(epilog="Example: df8k score --predictions FILLED --data DATASET --out RESULT.json --name lama")
@click.option(
    "--predictions", type=Place(), required=True, help="Folder of filled pictures, or its s3:// address."
)
@click.option("--data", type=Place(), help="Dataset that df8k build wrote, or its s3:// address.")
@click.option("--out", type=Place(), required=True, help="RESULT.json to write.")
@click.option(
    "--no-reference", is_flag=True, help="Score pictures that have no originals: needs --masks, not --data."
)
@click.option("--masks", help="With --no-reference: a mask, or a folder with a namesake for each picture.")
@click.option(
    "--hole",
    type=click.Choice(["auto", "white", "black"]),
    default="auto",
    show_default=True,
    help="With --no-reference: colour of the filled pixels in the masks.",
)
@click.option("--name", help="Method's name in tables.  [default: the folder's name]")
@split_option
@click.option(
    "--sizes",
    type=Sizes(),
    show_default="the folders SIZE in PREDICTIONS, else native",
    help="Sizes of the pictures: native, or side lengths of the square protocol.",
)
@metric_options
@limit_option
@shard_option
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Of a cluster that --engine ray starts here.",
)
@engine_options
@click.option("--overwrite", is_flag=True, help="Replace a result that exists.")
@wide_option
@json_option
def score(
    predictions: Path,
    data: Path | None,
    out: Path,
    no_reference: bool,
    masks: str | None,
    hole: str,
    name: str | None,
    split: str,
    sizes: tuple[Size, ...] | None,
    names: str,
    memory: int,
    fetch_weights: bool,
    limit: int | None,
    shard: tuple[int, int] | None,
    workers: int,
    engine: str,
    address: str | None,
    overwrite: bool,
    as_json: bool,
) -> None:
    """Score pictures that were filled elsewhere.

    Pictures are paired by image ID: ID.png, or SIZE/ID.png as `df8k evaluate --save-predictions` writes
    them. Known pixels are put back before scoring. Missing, unreadable and mis-sized pictures are counted;
    exit code 1 when there are any, or files that belong to no image.

    With --no-reference the originals are not needed: how far the fill is from what surrounds the hole is
    written for each picture, 0 being alike (docs/metrics.md says what that does not see).
    """
    runner = chosen_engine(engine, address)
    if engine != "local" and (no_reference or shard):
        raise click.UsageError(
            f"--engine {engine} divides the images by itself: it is without --no-reference and --shard"
        )
    if no_reference:
        if masks is None or data is not None:
            raise click.UsageError("--no-reference needs --masks and takes no --data")
        without_originals(predictions, masks, hole, out, overwrite=overwrite, as_json=as_json)
    if data is None or masks is not None:
        raise click.UsageError("--data is needed, and no --masks, unless --no-reference is given")
    import df8k
    from df8k import leaderboard
    from df8k.leaderboard.harness.predictions import Folder
    from df8k.leaderboard.site import board

    plan = leaderboard.Evaluation(
        sizes=sizes or _sizes_in(predictions),
        metrics=tuple(names.split(",")),
        limit=limit,
        shard=shard,
        memory=memory * 2**20,
        fetch_weights=fetch_weights,
        command=command_line(),
    )
    name = name or predictions.resolve().name
    with progress_bar() as progress:
        if engine != "local":
            share = Share(data=data, split=split, plan=plan, out=out, predictions=predictions, name=name)
            result, warnings = divide(
                score_share,
                share,
                workers,
                runner,
                overwrite=overwrite,
                progress=progress,
                command=command_line(),
            )
            orphans = Folder(predictions, list(plan.sizes)).orphans(set(result.dataset.ids))
            lines = [line for text in warnings for line in text.splitlines()]
            scored = leaderboard.Scored(result, orphans, list(dict.fromkeys(lines)))
        else:
            scored = leaderboard.score(
                predictions,
                df8k.load(data, split=split),
                name=name,
                evaluation=plan,
                out=out,
                overwrite=overwrite,
                progress=progress,
            )
    for orphan in scored.orphans:
        print_text(f"{predictions / orphan}: belongs to no image of {data}", err=True)
    for warning in scored.warnings:
        print_text(f"warning: {warning}", err=True)
    if as_json:
        print_json(scored.result.model_dump(mode="json"))
    else:
        print_board(str(out), board.rank([scored.result]))
    failed = any(size_result.failures for size_result in scored.result.sizes)
    raise SystemExit(1 if failed or scored.orphans else 0)


def _sizes_in(predictions: Path) -> tuple[Size, ...]:
    """Find the sizes whose folders hold predictions; native where there are none."""
    from df8k.leaderboard.errors import LeaderboardError
    from df8k.leaderboard.protocol.sizes import parse_sizes, size_order

    sizes: list[Size] = []
    for folder in predictions.iterdir() if predictions.is_dir() else ():
        if folder.is_dir():
            try:
                sizes += parse_sizes(folder.name)
            except LeaderboardError:
                continue
    return tuple(sorted(sizes, key=size_order)) or ("native",)
