"""``df8k export``: a method's network in the format of another runtime."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ._console import json_option, print_json, progress_bar
from ._measuring import Size, Sizes
from ._method import MethodChoice
from ._parity import measure, parity_json, show

if TYPE_CHECKING:
    from df8k.leaderboard.studies.parity import Parity


@click.command("export")
@click.argument("method")
@click.option(
    "--format",
    "to",
    type=click.Choice(["onnx", "coreml", "litert"]),
    default="onnx",
    show_default=True,
    help="Format to write.",
)
@click.option("--out", type=click.Path(path_type=Path), required=True, help="File to write.")
@click.option(
    "--graph",
    type=click.Choice(["match", "embed"]),
    help="match: sources inside the graph, dynamic counts; embed: queries and keys for the host to compare.",
)
@click.option(
    "--size", type=click.IntRange(min=64), nargs=2, metavar="H W", help="Fixed size, multiples of 32."
)
@click.option(
    "--precision",
    type=click.Choice(["fp32", "fp16", "int8"]),
    default="fp32",
    show_default=True,
    help="Of weights and activations; fp16 and int8 are ONNX, graph embed.",
)
@click.option(
    "--data", type=click.Path(path_type=Path), help="Dataset: measure what the export changes in fills."
)
@click.option("--sizes", type=Sizes(), help="Sizes of the images of --data.  [default: as df8k evaluate]")
@click.option("--limit", type=click.IntRange(min=1), help="Use only the first images of --data, by ID.")
@click.option("--weights", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Weights file.")
@json_option
def export(
    method: str,
    to: str,
    out: Path,
    graph: str | None,
    size: tuple[int, int] | None,
    precision: str,
    data: Path | None,
    sizes: tuple[Size, ...] | None,
    limit: int | None,
    weights: Path | None,
    *,
    as_json: bool,
) -> None:
    """Export METHOD, then compare the exported model with the original.

    METHOD is rethined or rethined-large. Without --size an ONNX file takes any image size, and any number of
    missing and known patches.

    With --data the exported graph, in the whole method, is compared with the original on the test images:
    PSNR in the hole, change of every metric, speed. Exit code 1 below 40 dB. That needs graph embed without
    --size.

    Example: df8k export rethined --format onnx --out rethined.onnx
    """
    from df8k.baselines.roles import exporter

    if data is not None and (to != "onnx" or size or graph == "match"):
        raise click.UsageError("--data compares ONNX files of graph embed that take any size")
    with progress_bar():
        written = exporter(method)(
            method,
            out,
            to=to,
            graph="embed" if data is not None else graph,
            size=size or None,
            weights=weights,
            precision=precision,
        )
    outcomes = None if data is None else _gate(method, out, data, weights, sizes, limit)
    verdict = None if outcomes is None else parity_json(outcomes)
    passed = verdict is None or verdict["passed"]
    if as_json:
        print_json({**written.__dict__, "path": str(written.path), "parity": verdict})
        raise SystemExit(0 if passed else 1)
    checked = (
        "not run here" if written.difference is None else f"differs from torch by {written.difference:.1e}"
    )
    mark = ", untrained" if written.untrained else ""
    kind = f"{to}, graph {written.graph}, {precision}"
    click.echo(f"{out}: {kind}, {written.parameters:,} parameters{mark}; {checked}")
    if outcomes is not None:
        show(outcomes, None, title=f"{out} inside {method} against torch", as_json=False)
    elif precision != "fp32":
        click.echo("what this changes in fills was not measured: give --data DATASET")
    raise SystemExit(0 if passed else 1)


def _gate(
    method: str,
    out: Path,
    data: Path,
    weights: Path | None,
    sizes: tuple[Size, ...] | None,
    limit: int | None,
) -> "list[Parity]":
    """Compare the method with the exported graph inside with the method on torch."""
    option = "" if weights is None else f",weights={weights}"
    original, exported = (
        MethodChoice(
            method=f"{method},backend={backend}{option}",
            python=None,
            timeout=600.0,
            memory_limit=None,
            device="cpu",
            strategy=None,
            sandbox=False,
            accept_license=False,
        )
        for backend in ("torch", out)
    )
    return measure(original, exported, data, sizes=sizes, limit=limit)
