"""``df8k weights``: which learned weights there are, where they come from, and whether they are here."""

from typing import TYPE_CHECKING

import click

from ._console import json_option, print_json, progress_bar
from ._tables import print_table
from .convert_hifill import convert_hifill

if TYPE_CHECKING:
    from df8k.metrics.weights import Store


@click.group()
def weights() -> None:
    """List, fetch and find the weights that metrics and methods run with.

    Nothing is ever fetched unless you say so. Files go to the folder that DF8K_WEIGHTS names (else the user's
    cache folder); DF8K_OFFLINE=1 forbids every connection.

    Example: df8k weights fetch alexnet
    """


weights.add_command(convert_hifill)


@weights.command("list")
@json_option
def list_weights(as_json: bool) -> None:
    """Show every file: size, hash, licence, source, present or not.

    Example: df8k weights list --json
    """
    store = _store()
    rows: list[dict[str, object]] = []
    for entry in store.entries.values():
        path = store.find(entry.name)
        rows.append(
            {
                "name": entry.name,
                "purpose": entry.purpose,
                "size": entry.size,
                "sha256": entry.sha256,
                "licence": entry.licence,
                "urls": list(entry.source.urls),
                "path": str(path) if path else None,
            }
        )
    rows += _shipped()
    if as_json:
        print_json({"folder": str(store.folder), "offline": store.offline, "weights": rows})
        return
    print_table(
        f"Weights, kept in {store.folder}",
        ("name", "MB", "present", "purpose", "licence", "sha256"),
        [
            (
                str(row["name"]),
                f"{row['size'] / 1e6:.1f}" if isinstance(row["size"], int) else "",
                "yes" if row["path"] else "no",
                str(row["purpose"]),
                str(row["licence"]),
                str(row["sha256"])[:12],
            )
            for row in rows
        ],
        (0, 2, 3, 4, 5),
    )


@weights.command("fetch")
@click.argument("names", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Fetch every file that is absent.")
@json_option
def fetch_weights(names: tuple[str, ...], everything: bool, as_json: bool) -> None:
    """Fetch weights by NAME; an interrupted download is continued, a present file is left alone.

    Example: df8k weights fetch alexnet inception
    """
    store = _store()
    selected = tuple(store.entries) if everything else names
    if not selected:
        raise click.UsageError(f"which weights? Known: {', '.join(store.entries)}; or --all")
    for name in selected:
        store.entry(name)  # refuse a misspelt name before the first byte
    paths = {}
    with progress_bar() as report:
        for name in selected:
            path = store.fetch(name, progress=lambda done, total, name=name: report(name, done, total))  # type: ignore[misc]
            paths[name] = str(path)
            if not as_json:
                click.echo(f"{name}\t{path}")
    if as_json:
        print_json(paths)


@weights.command()
@click.argument("name")
def path(name: str) -> None:
    """Print where the weights NAME are; an error says how to get them when they are absent.

    Example: df8k weights path alexnet
    """
    click.echo(str(_store().require(name)))


def _shipped() -> list[dict[str, object]]:
    """List the methods' own weights, which come with the package."""
    from df8k.baselines.shipped import shipped_weights

    return [
        {
            "name": weights.method,
            "purpose": f"method {weights.method}, comes with the package",
            "size": weights.size,
            "sha256": weights.sha256,
            "licence": weights.about.get("licence", "Apache-2.0"),
            "urls": [],
            "path": str(weights.path),
        }
        for weights in shipped_weights()
    ]


def _store() -> "Store":
    """Open the store of all listed weights: the metrics', the builder's detectors', the public methods'."""
    from df8k.baselines.known import weights_entries
    from df8k.checks.persons import WEIGHTS
    from df8k.metrics.weights import ENTRIES, Store

    return Store((*ENTRIES, *WEIGHTS, *weights_entries()))
