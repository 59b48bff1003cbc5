"""``df8k inputs``."""

from pathlib import Path

import click

from ._console import json_option, print_json, progress_bar
from ._measuring import Size, limit_option, shard_option, sizes_option, split_option


@click.command(epilog="Example: df8k inputs DATASET --sizes 512,1024 --out inputs")
@click.argument("data", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder to write to.")
@split_option
@sizes_option
@limit_option
@shard_option
@json_option
def inputs(
    data: Path,
    out: Path,
    split: str,
    sizes: tuple[Size, ...],
    limit: int | None,
    shard: tuple[int, int] | None,
    as_json: bool,
) -> None:
    """Write what methods are given, for one that runs elsewhere.

    OUT/SIZE/images/ID.png has its hole zeroed, OUT/SIZE/masks/ID.png has 255 where pixels are missing. Fill
    each picture, save it as FILLED/SIZE/ID.png, then `df8k score --predictions FILLED`. Run the same command
    again after an interruption.
    """
    import df8k
    from df8k import leaderboard
    from df8k.leaderboard.harness.method_inputs import write_inputs

    plan = leaderboard.Evaluation(sizes=sizes, limit=limit, shard=shard)
    dataset = df8k.load(data, split=split)
    with progress_bar() as progress:
        counts = write_inputs(dataset, plan, out, progress)
    if as_json:
        print_json({"out": str(out), "images": counts})
    else:
        for size, count in counts.items():
            click.echo(f"{out / size}: {count} pictures and masks")
    # A size that no image reaches leaves nothing to fill.
    raise SystemExit(0 if all(counts.values()) else 1)
