"""``df8k method known``: the catalogue of public methods, and their files, fetched after consent."""

import sys
from typing import TYPE_CHECKING, Any

import click

from ._console import json_option, print_json, progress_bar
from ._tables import print_table

if TYPE_CHECKING:
    from df8k.baselines.known import KnownMethod


def ensure_known(spec: str, *, accepted: bool) -> None:
    """Fetch the pinned file of a public method, unless it is here or has none.

    Args:
        spec: ``known:NAME``.
        accepted: whether the user accepted the licence already; else a terminal is asked.

    Raises:
        baselines.MethodError: no such method, or a file that cannot be had.
        click.ClickException: the licence is refused, or nobody is there to be asked.
    """
    from df8k.baselines.known import known_method
    from df8k.baselines.known.opening import Store

    entry = known_method(spec)
    weights = entry.weights
    if weights is None:
        return
    store = Store([weights])
    if store.find(weights.name) is not None:
        return
    size = f"{weights.size / 1e6:.1f} MB"
    if not accepted:
        terms = f"{spec} needs {weights.filename} ({size}, licence {weights.licence}) from {weights.urls[0]}"
        if not _is_terminal():
            raise click.UsageError(
                f"{terms}: give --accept-license, or run 'df8k weights fetch {weights.name}' first"
            )
        if not click.confirm(f"{terms}. Fetch it and accept the licence?", err=True):
            raise click.UsageError(f"{spec}: the licence was refused, nothing was fetched")
    with progress_bar() as report:
        store.fetch(weights.name, progress=lambda done, total: report(weights.filename, done, total))


def _is_terminal() -> bool:
    return sys.stdin.isatty()


@click.command(epilog="Example: df8k method known migan")
@click.argument("name", required=False)
@json_option
def known(name: str | None, as_json: bool) -> None:
    """List public methods that run by one word, or say all that is known of NAME.

    `df8k evaluate --method known:NAME` fetches the file after consent, verifies it, sees on a drawn picture
    that it understands the mask, and runs it under the recommended strategy unless another is given.
    """
    from df8k.baselines.known import catalogue, known_method

    entries = [known_method(name)] if name else list(catalogue().values())
    rows = [_described(entry) for entry in entries]
    if as_json:
        print_json(rows[0] if name else rows)
        return
    if name:
        print_table(
            f"known:{name}",
            ["field", "value"],
            [[key, _text(value)] for key, value in rows[0].items() if value not in (None, "", {})],
            texts=range(2),
        )
        return
    table = [
        [
            row["name"],
            row["title"],
            row["licence"],
            row["strategy"],
            row["megabytes"],
            row["here"],
            row["verified"],
        ]
        for row in rows
    ]
    header = ["known:", "what it is", "licence", "strategy", "MB", "here", "verified"]
    print_table("public methods", header, [[_text(cell) for cell in row] for row in table], texts=range(4))


def _described(entry: "KnownMethod") -> dict[str, Any]:
    from df8k.baselines.adapters.declaration import read_convention
    from df8k.baselines.known.opening import Store, converted_path

    weights = entry.weights
    present = Store([weights]).find(weights.name) is not None if weights else None
    if entry.converted:
        present = converted_path(entry).is_file()
    feeding = {} if entry.convention is None else read_convention(entry.convention)
    return {
        **entry.model_dump(mode="json"),
        "megabytes": round(weights.size / 1e6, 1) if weights else None,
        "here": present,
        "declaration": feeding,
    }


def _text(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {_text(item)}" for key, item in value.items())
    if isinstance(value, (list, tuple)):
        return " ".join(map(_text, value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)
