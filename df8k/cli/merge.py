"""``df8k merge``."""

from pathlib import Path

import click

from ._console import json_option, print_board, print_json
from ._measuring import command_line
from ._tables import wide_option


@click.command(epilog="Example: df8k merge telea-1.json telea-2.json telea-3.json --out telea.json")
@click.argument("parts", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), required=True, help="RESULT.json to write.")
@click.option("--overwrite", is_flag=True, help="Replace a result that exists.")
@wide_option
@json_option
def merge(parts: tuple[Path, ...], out: Path, overwrite: bool, as_json: bool) -> None:
    """Put the PARTS of an evaluation that was divided with --shard together into one result.

    Scores are those of an evaluation that was never divided. Parts must be of one method, dataset and
    protocol, and hold each image once. Latency and memory are pooled only when one machine measured all
    parts; otherwise they stand in the result machine by machine.
    """
    from df8k.leaderboard.audit.merge import merge as run
    from df8k.leaderboard.site import board

    result = run(parts, out, overwrite=overwrite, command=command_line())
    if as_json:
        print_json(result.model_dump(mode="json"))
        return
    print_board(str(out), board.rank([result]))
