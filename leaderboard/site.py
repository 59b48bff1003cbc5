"""From result files to everything that is shown: tables, plot and a page that opens from the disk."""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from df8k.files import write_bytes, write_text

from . import plots, tables
from .board import Column, Entry, columns, rank
from .errors import LeaderboardError
from .protocol import Size, size_order
from .results import Result
from .validate import read_accepted


@dataclass(frozen=True)
class Site:
    """What was written.

    Attributes:
        page: the HTML page.
        entries: rows of the board.
    """

    page: Path
    entries: list[Entry]


def build_site(results: Sequence[Path], out: Path) -> Site:
    """Write the leaderboard of several results.

    Args:
        results: RESULT.json files, each with its parquet file beside it.
        out: folder for ``index.html`` and ``leaderboard.{md,tex,csv,json,svg,png}``.

    Raises:
        LeaderboardError: no results, one that the board does not accept, or two of the same method.
        OSError: a file cannot be written.
    """
    accepted = [read_accepted(path) for path in results]
    _refuse_unlike(results, accepted)
    entries = rank(accepted)
    chart = plots.quality_against_latency(entries)
    drawing = plots.svg(chart)
    out.mkdir(parents=True, exist_ok=True)
    write_text(out / "leaderboard.md", tables.markdown(entries))
    write_text(out / "leaderboard.tex", tables.latex(entries))
    write_text(out / "leaderboard.csv", tables.comma_separated(entries))
    write_text(out / "leaderboard.json", tables.as_json(entries))
    write_text(out / "leaderboard.svg", drawing)
    write_bytes(out / "leaderboard.png", plots.png(chart))
    write_text(out / "index.html", page(entries, drawing))
    return Site(out / "index.html", entries)


def _refuse_unlike(paths: Sequence[Path], results: Sequence[Result]) -> None:
    """Numbers of different images or machines do not belong in one ranking."""
    if not results:
        raise LeaderboardError("no results: give at least one RESULT.json")
    seen: dict[tuple[str, Size], Path] = {}
    first = results[0]
    for path, result in zip(paths, results, strict=True):
        ours, theirs = first.dataset, result.dataset
        if (ours.fingerprint, ours.split, ours.ids) != (theirs.fingerprint, theirs.split, theirs.ids):
            raise LeaderboardError(
                f"{path} was measured on {_dataset(result)}, but {paths[0]} on {_dataset(first)}: "
                "give results of the same images"
            )
        for part in result.sizes:
            key = (result.method.name, part.size)
            if key in seen:
                raise LeaderboardError(
                    f"{path} and {seen[key]} both measure {key[0]} at size {key[1]}: give one"
                )
            seen[key] = path


def page(entries: Sequence[Entry], drawing: str) -> str:
    """The page as HTML; every text from a result is escaped and no other script than ours may run."""
    environment = Environment(
        loader=PackageLoader("leaderboard"),
        autoescape=True,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )
    script = environment.get_or_select_template("board.js").render()
    shown = columns(entries)
    results = list({id(entry.result): entry.result for entry in entries}.values())
    return environment.get_template("index.html.jinja").render(
        header=tables.header(shown),
        rows=_rows(entries, shown),
        sizes=sorted({entry.size for entry in entries}, key=size_order),
        note=tables.note(entries),
        remarks=list(dict.fromkeys(line for entry in entries for line in tables.remarks(entry))),
        variants=sorted({variant for result in results for variant in result.protocol.metrics.values()}),
        timed_region=results[0].protocol.timed_region,
        datasets=sorted({_dataset(result) for result in results}),
        machines=sorted({_machine(result) for result in results}),
        methods=[result.method for result in results],
        plot=b64encode(drawing.encode()).decode(),
        script=Markup(script),  # noqa: S704 - a file of this package, named by its hash in the page's policy
        script_hash=b64encode(sha256(script.encode()).digest()).decode(),
    )


def _rows(entries: Sequence[Entry], shown: Sequence[Column]) -> list[dict[str, Any]]:
    marked = tables.best(entries, shown)
    measured = dict(enumerate(shown, start=3))
    rows = []
    for index, entry in enumerate(entries):
        cells = []
        for place, text in enumerate(tables.cells(entry, shown)):
            column = measured.get(place)
            is_best = column is not None and (index, column.key) in marked
            kind = "best" if is_best else "text" if place == 2 else "number"
            interval = "" if column is None else _interval(entry, column)
            value = "" if text == "–" else text
            cells.append({"text": text, "kind": kind, "value": value, "interval": interval})
        rows.append({"size": entry.size, "cells": cells})
    return rows


def _interval(entry: Entry, column: Column) -> str:
    estimate = entry.part.metrics.get(column.key)
    if estimate is None or estimate.low is None or estimate.high is None:
        return ""
    return f"{column.text(estimate.low)} … {column.text(estimate.high)}"


def _dataset(result: Result) -> str:
    used = result.dataset
    return f"{used.name} {used.version}, {used.split}, {len(used.ids)} images, fingerprint {used.fingerprint}"


def _machine(result: Result) -> str:
    machine = result.environment
    libraries = ", ".join(f"{name} {version}" for name, version in machine.libraries.items())
    return (
        f"{machine.gpu or machine.cpu}, {machine.threads} threads, {machine.memory_bytes / 2**30:.0f} GiB; "
        f"{machine.system}; Python {machine.python}, {libraries}"
    )
