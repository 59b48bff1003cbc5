"""``df8k leaderboard``."""

from pathlib import Path

import click

from ._console import json_option, print_board, print_json


@click.group()
def leaderboard() -> None:
    """Turn result files into tables, plots and a web page."""


@leaderboard.command(epilog="Example: df8k leaderboard build telea.json ns.json --out SITE")
@click.argument("results", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder of the site.")
@json_option
def build(results: tuple[Path, ...], out: Path, as_json: bool) -> None:
    """Write index.html and leaderboard.{md,tex,csv,json,svg,png}.

    A result is refused when it does not agree with its own per-image file, or ran on untrained weights.
    """
    from leaderboard import board, build_site

    site = build_site(results, out)
    if as_json:
        print_json([board.flat(entry) for entry in site.entries])
        return
    print_board("leaderboard", site.entries)
    click.echo(f"page: {site.page}")


@leaderboard.command(epilog="Example: df8k leaderboard validate telea.json")
@click.argument("result", type=click.Path(path_type=Path))
@json_option
def validate(result: Path, as_json: bool) -> None:
    """Is this a result that the board accepts, and if not why; exit 1 when it is not."""
    from leaderboard.validate import validate as run

    faults = run(result)
    if as_json:
        print_json(faults)
    elif faults:
        for fault in faults:
            click.echo(f"{result}: {fault}")
    else:
        click.echo(f"{result}: accepted")
    raise SystemExit(1 if faults else 0)
