"""``df8k leaderboard``."""

from pathlib import Path

import click

from ._console import json_option, print_board, print_json, print_latency, progress_bar, workers_option
from ._measuring import Size, Sizes
from ._tables import wide_option


@click.group()
def leaderboard() -> None:
    """Turn result files into tables, plots and a web page."""


@leaderboard.command(
    "build", epilog="Example: df8k leaderboard build telea.json ns.json --data DATASET --out SITE"
)
@click.argument("results", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder of the site.")
@click.option(
    "--data", type=click.Path(path_type=Path), help="Dataset that was measured: its pictures are shown."
)
@click.option(
    "--pictures",
    multiple=True,
    metavar="NAME=DIR",
    help="Filled pictures SIZE/ID.png of a method; RESULT.predictions beside a result is found by itself.",
)
@workers_option
@wide_option
@json_option
def build_board(
    results: tuple[Path, ...],
    out: Path,
    data: Path | None,
    pictures: tuple[str, ...],
    workers: int,
    as_json: bool,
) -> None:
    """Write a site that opens from the disk: tables, plots, a page per method and per image.

    LATENCY.json files of `df8k latency` get a page and tables of their own, and may come alone. A file of
    `df8k vote score` is a column of human votes. RESULT.sweep.json beside a result is drawn on the page of
    its method.
    With --data and filled pictures, image pages compare any two methods at the pixels around the hole. A
    result is refused when it does not agree with its own per-image file, or ran on untrained weights.
    """
    import df8k
    from df8k.leaderboard import build_site

    folders = {}
    for pair in pictures:
        name, separator, folder = pair.rpartition("=")
        if not separator or not name or not folder:
            raise click.BadParameter(f"{pair!r} is not NAME=DIR", param_hint="--pictures")
        folders[name] = Path(folder)
    if folders and data is None:
        raise click.UsageError("--pictures needs --data, the dataset that the pictures were made from")
    dataset = None
    if data is not None:
        from df8k.leaderboard import read_result
        from df8k.leaderboard.latency.results import is_latency
        from df8k.leaderboard.results.votes import is_votes

        scored = next((path for path in results if not (is_latency(path) or is_votes(path))), results[0])
        dataset = df8k.load(data, split=read_result(scored).dataset.split)
    with progress_bar() as progress:
        site = build_site(
            results, out, dataset=dataset, predictions=folders, workers=workers, progress=progress
        )
    if as_json:
        from df8k.leaderboard.site.tables.latency import latency_record, rows
        from df8k.leaderboard.site.tables.quality import quality_record

        timed = [latency_record(*row) for row in rows(site.latency)]
        print_json([*(quality_record(entry) for entry in site.entries), *timed])
        return
    if site.entries:
        print_board("leaderboard", site.board)
    if site.latency:
        print_latency("latency", site.latency)
    click.echo(f"page: {site.page}")


@leaderboard.command(epilog="Example: df8k leaderboard summary results/*.json --size 2048")
@click.argument("results", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--size", type=Sizes(), help="One size.  [default: the one that most methods were scored at]")
def summary(results: tuple[Path, ...], size: tuple[Size, ...] | None) -> None:
    """Print one size as Markdown: a column each for pixels, structure, texture and perception.

    Of LATENCY.json alone: latency and memory at every size, and how they grow.
    """
    from df8k.leaderboard.errors import LeaderboardError
    from df8k.leaderboard.site.board import rank
    from df8k.leaderboard.site.inputs import read_inputs
    from df8k.leaderboard.site.tables.latency import latency_markdown
    from df8k.leaderboard.site.tables.summary import summary_markdown

    inputs = read_inputs(results, None, {})
    if not inputs.quality:
        click.echo(latency_markdown(list(inputs.latency.values())), nl=False)
        return
    board = rank(
        list(inputs.quality.values()),
        inputs.per_image,
        list(inputs.latency.values()),
        list(inputs.votes.values()),
    )
    shown = board.start_size if size is None else size[0]
    if shown not in board.by_size:
        sizes = ", ".join(map(str, board.sizes))
        raise LeaderboardError(f"no result has size {shown}: there are {sizes}")
    click.echo(summary_markdown(board.by_size[shown]), nl=False)


@leaderboard.command(epilog="Example: df8k leaderboard validate telea.json")
@click.argument("result", type=click.Path(path_type=Path))
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    help="Dataset that it names: rows are checked against its masks.",
)
@json_option
def validate(result: Path, data: Path | None, as_json: bool) -> None:
    """Is this a result that the board accepts, and if not why; exit 1 when it is not."""
    import df8k
    from df8k.leaderboard import read_result
    from df8k.leaderboard.audit.validate import unproved
    from df8k.leaderboard.audit.validate import validate as validate_quality
    from df8k.leaderboard.latency.results import is_latency
    from df8k.leaderboard.latency.validate import validate_latency

    notes: list[str] = []
    with progress_bar():
        if is_latency(result):
            faults = validate_latency(result)
        else:
            dataset = None if data is None else df8k.load(data, split=read_result(result).dataset.split)
            faults = validate_quality(result, dataset)
            notes = unproved(result, read_result(result))
    if as_json:
        print_json(faults)
    elif faults:
        for fault in faults:
            click.echo(f"{result}: {fault}")
    else:
        click.echo("; ".join([f"{result}: accepted", *notes]))
    raise SystemExit(1 if faults else 0)


@leaderboard.command(epilog="Example: df8k leaderboard diff results/telea.json new/telea.json")
@click.argument("old", type=click.Path(path_type=Path, exists=True))
@click.argument("new", type=click.Path(path_type=Path, exists=True))
@click.option(
    "--tolerance",
    type=click.FloatRange(min=0),
    default=1e-9,
    show_default=True,
    help="Relative difference up to which two numbers are the same.",
)
@json_option
def diff(old: Path, new: Path, tolerance: float, as_json: bool) -> None:
    """What changed from OLD to NEW, result files or folders of them; exit 1 when something did."""  # noqa: D401 - what --help shows
    from dataclasses import asdict

    from df8k.leaderboard import read_result
    from df8k.leaderboard.audit.changes import change_line, list_changes

    before, now = ([read_result(path) for path in _result_files(side)] for side in (old, new))
    changes = list_changes(before, now, tolerance)
    if as_json:
        print_json([asdict(change) for change in changes])
    else:
        for change in changes:
            click.echo(change_line(change))
        if not changes:
            click.echo("no difference")
    raise SystemExit(1 if changes else 0)


def _result_files(path: Path) -> list[Path]:
    """List a result file, or all JSON files of a folder."""
    return sorted(path.glob("*.json")) if path.is_dir() else [path]


@leaderboard.command(epilog="Example: df8k leaderboard add telea.json --board results")
@click.argument("result", type=click.Path(path_type=Path))
@click.option(
    "--board", type=click.Path(path_type=Path), required=True, help="Folder of the accepted results."
)
@click.option("--replace", is_flag=True, help="Replace the entry of the same method.")
def add(result: Path, board: Path, replace: bool) -> None:
    """Validate a result and put it on a board kept as a folder, one file per entry, ready for review."""
    from df8k.leaderboard.site import submissions

    click.echo(f"added: {submissions.add(result, board, replace=replace)}")


@leaderboard.command(epilog="Example: df8k leaderboard schema > result.schema.json")
def schema() -> None:
    """Print the JSON Schema of a result."""
    from df8k.leaderboard.site import submissions

    click.echo(submissions.schema(), nl=False)


@leaderboard.command(epilog="Example: df8k leaderboard workflow > .github/workflows/leaderboard.yml")
def workflow() -> None:
    """Print a GitHub workflow that validates proposed entries and rebuilds the site."""
    from df8k.leaderboard.site import submissions

    click.echo(submissions.workflow(), nl=False)
