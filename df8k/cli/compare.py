"""``df8k compare``."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ._console import json_option, print_json
from ._measuring import Size, Sizes
from ._tables import print_grid, print_text, wide_option

if TYPE_CHECKING:
    from df8k.leaderboard.audit.compare import Report


@click.command(epilog="Example: df8k compare telea.json ns.json harmonic.json --metric psnr.hole --size 2048")
@click.argument("results", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--metric",
    help="Metric and region, such as psnr.hole, or swd.  [default: the perceptual one that ranks]",
)
@click.option(
    "--size", "sizes", type=Sizes(), help="Sizes, comma-separated.  [default: all that two results share]"
)
@click.option(
    "--by",
    type=click.Choice(["coverage", "depth", "holes", "border", "category"]),
    help="Split the images by missing share, depth or number of holes, sides of the frame, or category.",
)
@click.option("--against", metavar="NAME", help="Compare only with this method.")
@click.option(
    "--level",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    default=0.05,
    show_default=True,
    help="Level of significance, after correction.",
)
@click.option("--markdown", is_flag=True, help="Print Markdown instead of a table.")
@wide_option
@json_option
def compare(
    results: tuple[Path, ...],
    metric: str | None,
    sizes: tuple[Size, ...] | None,
    by: str | None,
    against: str | None,
    level: float,
    markdown: bool,
    as_json: bool,
) -> None:
    """Which methods can these images tell apart? Paired tests between RESULTS, on the images that both have.

    A difference is significant when Student's t of the mean and Wilcoxon's signed ranks both say so, after
    Holm's correction for all comparisons of the call.
    """
    from df8k.leaderboard.audit import compare as comparing
    from df8k.leaderboard.site.tables.comparison import comparison_json, comparison_markdown

    report = comparing.compare(results, metric=metric, sizes=sizes, by=by, against=against, level=level)
    if as_json:
        print_json(comparison_json(report))
    elif markdown:
        click.echo(comparison_markdown(report), nl=False)
    else:
        _print(report)


def _print(report: "Report") -> None:
    from df8k.leaderboard.site.tables import comparison as comparison_tables

    for title, grid in comparison_tables.grids(report):
        print_grid(title, grid, ("standardised", "p", "images"))
    for line in comparison_tables.notes(report):
        print_text(line)
