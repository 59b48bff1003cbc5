"""``df8k export``: a method's network in the format of another runtime."""

from pathlib import Path

import click

from ._console import json_option, print_json


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
@click.option("--weights", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Weights file.")
@json_option
def export(
    method: str,
    to: str,
    out: Path,
    graph: str | None,
    size: tuple[int, int] | None,
    weights: Path | None,
    *,
    as_json: bool,
) -> None:
    """Export METHOD, then compare the exported model with the original.

    METHOD is rethined or rethined-large. Without --size an ONNX file takes any image size, and any number of
    missing and known patches.

    Example: df8k export rethined --format onnx --out rethined.onnx
    """
    from df8k.baselines.roles import exporter

    written = exporter(method)(method, out, to=to, graph=graph, size=size or None, weights=weights)
    if as_json:
        print_json({**written.__dict__, "path": str(written.path)})
        return
    checked = (
        "not run here" if written.difference is None else f"differs from torch by {written.difference:.1e}"
    )
    mark = ", untrained" if written.untrained else ""
    click.echo(f"{out}: {to}, graph {written.graph}, {written.parameters:,} parameters{mark}; {checked}")
