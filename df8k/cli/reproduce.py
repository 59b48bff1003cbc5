"""``df8k reproduce``."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ._console import json_option, print_json, progress_bar
from ._method import MethodChoice, foreign_options
from ._tables import print_table, print_text

if TYPE_CHECKING:
    from df8k.leaderboard.audit.reproduce import Reproduction


@click.command(epilog="Example: df8k reproduce results/telea.json --data DATASET")
@click.argument("result", type=click.Path(path_type=Path))
@click.option("--data", type=click.Path(path_type=Path), required=True, help="The dataset that it names.")
@click.option("--method", help="SPEC to run; needed where the result names no registered method.")
@click.option(
    "--predictions",
    type=click.Path(path_type=Path),
    help="Folder of the pictures, for a result of df8k score.",
)
@foreign_options
@click.option("--out", type=click.Path(path_type=Path), help="Keep the new measurement as this RESULT.json.")
@json_option
def reproduce(
    result: Path,
    data: Path,
    method: str | None,
    predictions: Path | None,
    python: str | None,
    timeout: float,
    memory_limit: float | None,
    sandbox: bool,
    out: Path | None,
    as_json: bool,
) -> None:
    """Run RESULT again: same method, images, sizes and metrics. Exit code 1 when it does not agree.

    Quality must agree exactly, within a small tolerance, or at least within the result's own intervals;
    latency is told and decides nothing. Another dataset, other weights or settings are refused.
    """
    import df8k
    from df8k.leaderboard.audit import reproduce as reproducing
    from df8k.leaderboard.audit.comparable import check_dataset
    from df8k.leaderboard.results.schema import read_result

    claimed = read_result(result)
    dataset = df8k.load(data, split=claimed.dataset.split)
    check_dataset(result, claimed, dataset)
    scored = claimed.method.spec == "predictions"
    if scored != (predictions is not None):
        raise click.UsageError(
            f"{result} was scored from pictures: give their folder with --predictions"
            if scored
            else f"{result} was measured by running {claimed.method.spec}: it needs no --predictions"
        )
    source = predictions or MethodChoice(
        method=method or _registered(claimed.method.spec),
        python=python,
        timeout=timeout,
        memory_limit=memory_limit,
        sandbox=sandbox,
        device=claimed.method.device,
        strategy=str(claimed.method.settings.get("strategy", "native")),
        accept_license=False,
    ).open(data)
    with progress_bar() as progress:
        outcome = reproducing.reproduce(result, dataset, source, out=out, progress=progress)
    if as_json:
        print_json(_as_json(outcome))
    else:
        _print(result, outcome)
    raise SystemExit(0 if outcome.agrees else 1)


def _registered(spec: str) -> str:
    """Refuse a SPEC that is not safe to run unseen."""
    from df8k import baselines

    if baselines.registered_name(spec) not in baselines.methods():
        raise click.UsageError(f"the result was measured with {spec!r}: give --method to say what to run")
    return spec


def _as_json(outcome: "Reproduction") -> dict[str, object]:
    def finite(value: object) -> object:
        return None if value == float("inf") else value

    return {
        "agrees": outcome.agrees,
        "metrics": [
            {name: finite(value) for name, value in asdict(agreement).items()}
            for agreement in outcome.agreements
        ],
        "outcomes": list(outcome.outcomes),
        "notes": list(outcome.notes),
    }


def _print(result: Path, outcome: "Reproduction") -> None:
    header = ["metric", "size", "result", "interval", "now", "largest difference", "agreement"]
    rows = []
    for agreement in outcome.agreements:
        known = agreement.low is not None and agreement.high is not None
        interval = f"{agreement.low:.6g} … {agreement.high:.6g}" if known else "–"
        numbers = ("–" if value is None else f"{value:.6g}" for value in (agreement.claimed, agreement.found))
        claimed, measured = numbers
        largest = "–" if agreement.largest is None else f"{agreement.largest:.2g}"
        rows.append(
            [agreement.metric, str(agreement.size), claimed, interval, measured, largest, agreement.verdict]
        )
    print_table(str(result), header, rows, (0, 6))
    for line in (*outcome.outcomes, *outcome.notes):
        print_text(line)
    differing = sum(agreement.verdict == "differs" for agreement in outcome.agreements)
    if outcome.agrees:
        click.echo("reproduced")
    else:
        print_text(
            f"not reproduced: {differing} of {len(outcome.agreements)} metrics differ, "
            f"{len(outcome.outcomes)} images ended otherwise"
        )
