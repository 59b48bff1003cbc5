"""``df8k method``: bring a method of your own."""

from inspect import cleandoc
from pathlib import Path
from typing import Any

import click

from ._console import json_option, print_json, progress_bar
from ._known import known
from ._method import SPEC_HELP, MethodChoice, method_options
from ._parity import parity
from ._tables import print_table, print_text

_KINDS = ("python", "onnx", "torchscript", "command", "predictions")


@click.group()
def method() -> None:
    """Bring a method, of your own or a public one: templates, catalogue, checks."""


method.add_command(known)
method.add_command(parity)


@method.command(epilog="Example: df8k method init my-method --kind python")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--kind",
    type=click.Choice(_KINDS),
    default="python",
    show_default=True,
    help="How the method is brought.",
)
@click.option(
    "--known", metavar="NAME", help="Write the worker that binds a public method's own code instead."
)
@json_option
def init(folder: Path, kind: str, known: str | None, as_json: bool) -> None:
    """Write a working template with a README into FOLDER."""
    from df8k.baselines.known.opening import write_worker
    from df8k.baselines.templates import write_template

    written = write_template(folder, kind) if known is None else write_worker(folder, known)
    if as_json:
        print_json({"files": [str(path) for path in written]})
        return
    for path in written:
        click.echo(path)


@method.command(epilog="Example: df8k method check my-method/method.py:load")
@click.argument("method", metavar="SPEC")
@method_options
@json_option
def check(choice: MethodChoice, as_json: bool) -> None:
    """Run the contract on a method: SPEC as `df8k evaluate --method` takes it.

    Small procedural pictures show whether it answers with pictures of the right kind and size, fills what is
    missing and keeps what is known, confuses colours or polarity, repeats itself, and takes odd sizes, tiny
    and border holes, nothing and everything missing. Exit code 1 when the contract is broken.
    """
    from dataclasses import asdict

    from df8k.baselines.contract import check_method

    inpaint = choice.open()
    findings = []
    with progress_bar() as progress:
        for finding in check_method(inpaint):
            findings.append(finding)
            progress("checks", len(findings), None)
    broken = any(finding.verdict == "broken" for finding in findings)
    if as_json:
        report: dict[str, Any] = {"spec": choice.method, "method": inpaint.card.name, "ok": not broken}
        print_json(report | {"findings": [asdict(finding) for finding in findings]})
    else:
        rows = [[finding.check, finding.verdict, finding.found, finding.remedy] for finding in findings]
        print_table(inpaint.card.name, ["check", "verdict", "found", "what to do"], rows, range(4))
        if not broken:
            print_text(f"next: df8k evaluate --method {choice.method} --data DATASET --out RESULT.json")
    raise SystemExit(1 if broken else 0)


check.help = f"{cleandoc(check.help or '')}\n\n{SPEC_HELP}"
