"""``df8k strategies``."""

from dataclasses import replace
from pathlib import Path

import click

from ._console import json_option, print_json, progress_bar
from ._measuring import Size, command_line, dataset_options, metric_options
from ._method import MethodChoice, method_options
from ._tables import print_table, print_text


@click.command(
    epilog="Example: df8k strategies known:lama --data DATASET --sizes 512,2048 --out lama-strategies"
)
@click.argument("method", metavar="METHOD")
@method_options
@dataset_options
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder for the report.")
@click.option(
    "--side", type=click.IntRange(min=16), help="Pixels that the network takes.  [default: declared, or 512]"
)
@click.option(
    "--strategies", help="Comma-separated, in place of resize, crop and tile of that side; native counts too."
)
@metric_options
@click.option("--pictures", is_flag=True, help="Keep the filled pictures.")
@json_option
def strategies(
    choice: MethodChoice,
    data: Path,
    out: Path,
    split: str,
    side: int | None,
    strategies: str | None,
    sizes: tuple[Size, ...] | None,
    names: str,
    memory: int,
    fetch_weights: bool,
    limit: int | None,
    pictures: bool,
    as_json: bool,
) -> None:
    """Say what resizing, cropping and tiling cost METHOD, and which is worth its time.

    METHOD runs under each strategy at each size. The report holds quality in the hole against time and
    memory, by the missing share, with seams, and names the cheapest strategy within a tie of the best. Each
    run is a RESULT.json of its own under OUT/results, the same as df8k evaluate writes.
    """
    import df8k
    from df8k import leaderboard
    from df8k.baselines.base import Declares
    from df8k.leaderboard.protocol.versions import default_sizes
    from df8k.leaderboard.studies import strategies_report
    from df8k.leaderboard.studies.strategies import METRICS, compare_strategies, usual_strategies

    dataset = df8k.load(data, split=split)
    if strategies is None:
        if side is None:
            inpaint = replace(choice, strategy="native").open(data)
            declaration = inpaint.declaration if isinstance(inpaint, Declares) else None
            side = (declaration.size or (512, 512))[0] if declaration is not None else 512
        texts = usual_strategies(side)
    else:
        texts = tuple(strategies.split(","))
    context = click.get_current_context()
    usual = context.get_parameter_source("names") is click.core.ParameterSource.DEFAULT
    plan = leaderboard.Evaluation(
        sizes=sizes or default_sizes(dataset),
        metrics=METRICS if usual else tuple(names.split(",")),
        limit=limit,
        spec=choice.method,
        device=choice.device,
        memory=memory * 2**20,
        fetch_weights=fetch_weights,
        command=command_line(),
    )
    with progress_bar() as progress:
        report = compare_strategies(
            lambda text: replace(choice, strategy=text).open(data),
            texts,
            dataset,
            plan,
            out,
            pictures=pictures,
            progress=progress,
        )
    files = strategies_report.write_report(report, out)
    if as_json:
        print_json(strategies_report.as_json(report))
    else:
        print_table(
            f"{report.method} under strategies",
            strategies_report.header(report),
            strategies_report.cells(report),
            texts=range(2),
        )
        for line in (*strategies_report.sentences(report), f"{files[0]} holds the report"):
            print_text(line)
    raise SystemExit(1 if any(row.failures for row in report.rows) else 0)
