"""``df8k method parity``, and the gate of exports that rests on it."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ._console import json_option, print_json, progress_bar
from ._measuring import Size, dataset_options, metric_options
from ._method import MethodChoice, method_options
from ._tables import print_table, print_text

if TYPE_CHECKING:
    from df8k.baselines.adapters.layers import Layer
    from df8k.leaderboard.studies.parity import Parity

_USUAL = "l1,psnr,ssim,haarpsi,seam"


@click.command(epilog="Example: df8k method parity model.onnx model-int8.onnx --data DATASET --sizes 512")
@click.argument("method", metavar="REFERENCE")
@click.argument("candidate")
@method_options
@dataset_options
@metric_options
@json_option
def parity(
    choice: MethodChoice,
    candidate: str,
    data: Path,
    split: str,
    sizes: tuple[Size, ...] | None,
    names: str,
    memory: int,
    fetch_weights: bool,
    limit: int | None,
    as_json: bool,
) -> None:
    """Compare CANDIDATE, another form of a method such as an export, with REFERENCE, picture by picture.

    Both are SPECs and fill the same holes. Shown are the PSNR between the two fills, over the pixels of all
    holes and for the worst picture, the change of every metric with a paired test, and the speed. Of two ONNX
    files whose tensors keep their names, the first layer that differs is named. Exit code 1 below 40 dB.
    """
    context = click.get_current_context()
    usual = context.get_parameter_source("names") is click.core.ParameterSource.DEFAULT
    outcomes = measure(
        choice,
        replace(choice, method=candidate),
        data,
        split=split,
        sizes=sizes,
        names=_USUAL if usual else names,
        memory=memory,
        fetch_weights=fetch_weights,
        limit=limit,
    )
    layer = _first_layer(choice.method, candidate)
    show(outcomes, layer, title=f"{candidate} against {choice.method}", as_json=as_json)
    from df8k.leaderboard.studies.parity_report import passed

    raise SystemExit(0 if passed(outcomes) else 1)


def measure(
    reference: MethodChoice,
    candidate: MethodChoice,
    data: Path,
    *,
    split: str = "test",
    sizes: tuple[Size, ...] | None = None,
    names: str = _USUAL,
    memory: int = 2048,
    fetch_weights: bool = False,
    limit: int | None = None,
) -> "list[Parity]":
    """Open both forms and compare them; see `leaderboard.studies.parity.compare_forms`."""
    import df8k
    from df8k import leaderboard
    from df8k.leaderboard.protocol.versions import default_sizes
    from df8k.leaderboard.studies.parity import compare_forms

    dataset = df8k.load(data, split=split)
    plan = leaderboard.Evaluation(
        sizes=sizes or default_sizes(dataset),
        metrics=tuple(names.split(",")),
        limit=limit,
        memory=memory * 2**20,
        fetch_weights=fetch_weights,
    )
    methods = reference.open(data), candidate.open(data)
    with progress_bar() as progress:
        return compare_forms(*methods, dataset, plan, progress)


def parity_json(outcomes: "list[Parity]") -> dict[str, Any]:
    """Make a JSON object of the outcome."""
    from df8k.leaderboard.studies.parity_report import as_json

    return as_json(outcomes)


def show(outcomes: "list[Parity]", layer: "Layer | None", *, title: str, as_json: bool) -> None:
    """Print the outcome as tables or JSON."""
    from df8k.leaderboard.studies import parity_report

    if as_json:
        named = None if layer is None else layer.__dict__
        print_json({**parity_report.as_json(outcomes), "first_layer": named})
        return
    print_table(title, parity_report.HEADER, parity_report.cells(outcomes))
    header = ["size", "metric", "reference", "candidate", "change, 95 %", ""]
    print_table(
        "metrics, against the original photographs", header, parity_report.change_cells(outcomes), range(2)
    )
    if layer is not None:
        print_text(
            f"the first layer that differs is {layer.name} ({layer.operator}): relative error "
            f"{layer.error:.2g}, its inputs {layer.before:.2g}"
        )


def _first_layer(reference: str, candidate: str) -> "Layer | None":
    """Name the first layer of two ONNX files that differs; what cannot be compared so is told, not raised."""
    if not (reference.endswith(".onnx") and candidate.endswith(".onnx")):
        return None
    from df8k.baselines import MethodFailedError
    from df8k.baselines.adapters.layers import compare_layers, first_difference

    try:
        return first_difference(compare_layers(Path(reference), Path(candidate)))
    except MethodFailedError as error:
        print_text(f"layers were not compared: {error}", err=True)
        return None
