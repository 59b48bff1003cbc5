"""The pages: templates, and what they are given. Every text from a result is a stranger's."""

import math
import re
import shlex
from base64 import b64encode
from collections.abc import Mapping, Sequence
from functools import cache, cached_property
from hashlib import sha256
from importlib.resources import files
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from leaderboard.protocol.sizes import RANKED_BY, Size, size_order
from leaderboard.results.per_image import PerImage
from leaderboard.results.schema import Result
from leaderboard.statistics.groups import GROUPINGS

from . import reported, tables
from .board import Entry, columns
from .grid import Grid, one_line

_SHOWN_FAILURES: Final = 200
_EXTREMES: Final = 5


def slug(text: str) -> str:
    """A file name for a stranger's text: readable, and its own for every text."""
    if re.fullmatch(r"[a-z0-9][a-z0-9-]{0,39}", text):
        return text
    readable = re.sub(r"[^a-z0-9]+", "-", text.lower())[:24].strip("-")
    return f"{readable or 'x'}-{sha256(text.encode()).hexdigest()[:10]}"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("leaderboard.site"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"line": one_line, "slug": slug}
    return environment


def render(template: str, root: str, script: str | None = None, **given: Any) -> str:
    """Render a page; only this package's own script and style may run on it.

    Args:
        template: its name.
        root: relative link to the folder of ``index.html``.
        script: name of the page's script.
        given: what the template shows.
    """
    style, code = _asset("style.css"), _asset(script) if script else ""
    return (
        _environment()
        .get_template(template)
        .render(
            root=root,
            style=Markup(style),  # noqa: S704 - a file of this package
            style_hash=_digest(style),
            script=Markup(code),  # noqa: S704 - a file of this package
            script_hash=_digest(code),
            **given,
        )
    )


class Pages:
    """Renders the pages of one board.

    Args:
        entries: all rows, ranked.
        has_latency: whether the site has a page of latency results.
    """

    def __init__(self, entries: Sequence[Entry], *, has_latency: bool = False) -> None:
        self.entries, self._has_latency = entries, has_latency
        self.shown = columns(entries)
        self.sizes: list[Size] = sorted({entry.size for entry in entries}, key=size_order)
        self.results: list[Result] = list({id(entry.result): entry.result for entry in entries}.values())
        self.dataset = self.results[0].dataset
        # The order of the per-image arrays.
        self.ids = sorted(self.dataset.ids)

    @property
    def start(self) -> Size:
        """The size shown first: the one that most methods were scored at; of equals, the largest."""
        counts = {
            size: sum(entry.size == size and entry.rank is not None for entry in self.entries)
            for size in self.sizes
        }
        return max(self.sizes, key=lambda size: (counts[size], size_order(size)))

    def _render(self, template: str, root: str, script: str | None = None, **given: Any) -> str:
        """Render a page of the board; see `render`."""
        return render(
            template,
            root,
            script,
            has_board=True,
            has_latency=self._has_latency,
            note=tables.note(self.entries),
            **given,
        )

    def index(self) -> str:
        """The board with its interactive plot."""
        grids = [tables.reported_grid(table) for table in reported.tables(reported.read_reported())]
        return self._render(
            "index.html.jinja",
            "",
            "board.js",
            header=self._header(),
            rows=[
                {"entry": entry, "cells": cells}
                for entry, cells in zip(self.entries, tables.marked(self.entries, self.shown), strict=True)
            ],
            sizes=self.sizes,
            start=self.start,
            devices=sorted({one_line(entry.device) for entry in self.entries}),
            shown=self.shown,
            ranked_by=RANKED_BY,
            reported=grids,
            remarks=list(dict.fromkeys(line for entry in self.entries for line in tables.remarks(entry))),
            dataset=self.dataset,
        )

    def _header(self) -> list[dict[str, str]]:
        """Headings with what the script must know of each column."""
        keys = ["size", "rank", "method", *(column.key for column in self.shown)]
        keys += ["latency", "latency-p90", "memory", "n", "failed"]
        better = {column.key: column.higher_is_better for column in self.shown}
        return [
            {
                "key": key,
                "text": text,
                "region": key.split(".", 1)[1] if "." in key else "",
                "better": {True: "higher", False: "lower", None: ""}[better.get(key)],
            }
            for key, text in zip(keys, tables.header(self.shown), strict=True)
        ]

    def method(self, result: Result, command: str) -> str:
        """One method: card, provenance, command, scores, failures, extremes."""
        own = [entry for entry in self.entries if entry.result is result]
        failures = [
            {"size": entry.size, "id": image, "kind": kind, "message": message}
            for entry in own
            if entry.values is not None
            for image, kind, message in zip(
                entry.values.ids, entry.values.status, entry.values.errors, strict=True
            )
            if kind not in {"ok", "left-out"}
        ]
        return self._render(
            "method.html.jinja",
            "../../",
            result=result,
            command=command,
            header=tables.header(self.shown),
            rows=[
                row
                for entry, row in zip(self.entries, tables.marked(self.entries, self.shown), strict=True)
                if entry.result is result
            ],
            failures=failures[:_SHOWN_FAILURES],
            failed=len(failures),
            extremes=[(entry.size, *_extremes(entry.values)) for entry in own if entry.values is not None],
            remarks=list(dict.fromkeys(line for entry in own for line in tables.remarks(entry))),
            bins=self._bins(own),
        )

    def _bins(self, own: Sequence[Entry]) -> list[Grid]:
        """Error in the hole of one method by groups of images, at the size shown first."""
        at_start = [entry for entry in own if entry.size == self.start]
        column = next((column for column in self.shown if column.key == RANKED_BY), None)
        if column is None or not at_start:
            return []
        found = (tables.bins_grid(at_start, name, column) for name in GROUPINGS)
        return [grid for grid in found if grid is not None]

    def image(
        self, place: int, metadata: Mapping[str, Any] | None, viewer: Sequence[Mapping[str, Any]]
    ) -> str:
        """One test image: its scores, and the pictures where there are any.

        Args:
            place: index into `ids`.
            metadata: its row of the dataset, when that is at hand.
            viewer: sizes with their views; see `pictures.write_views`.
        """
        ids = self.ids
        names = {slug(result.method.name): one_line(result.method.name) for result in self.results}
        return self._render(
            "image.html.jinja",
            "../../",
            "viewer.js" if viewer else None,
            id=ids[place],
            before=ids[place - 1] if place else None,
            after=ids[place + 1] if place + 1 < len(ids) else None,
            metadata=metadata,
            viewer=viewer,
            data={"folder": f"../pictures/{slug(ids[place])}", "sizes": viewer, "names": names},
            sizes=self.sizes,
            rows=self._scores(place),
        )

    def _scores(self, place: int) -> list[tuple[str, list[str]]]:
        """Error in the hole of one image: method → text of each size."""
        found = []
        for result in self.results:
            texts = []
            for size in self.sizes:
                entry = self._by_key.get((result.method.name, size))
                texts.append("–" if entry is None else _score(entry, place))
            found.append((result.method.name, texts))
        return found

    @cached_property
    def _by_key(self) -> dict[tuple[str, Size], Entry]:
        return {(entry.name, entry.size): entry for entry in self.entries}

    def about(self, template: str, **given: Any) -> str:
        """A page one folder below the board: dataset, protocol, downloads."""
        machines = sorted({machine(result) for result in self.results})
        variants = sorted({found for result in self.results for found in result.protocol.metrics.items()})
        return self._render(
            template,
            "../",
            dataset=self.dataset,
            results=self.results,
            sizes=self.sizes,
            ids=self.ids,
            machines=machines,
            variants=variants,
            protocol=self.results[0].protocol,
            **given,
        )


def _score(entry: Entry, place: int) -> str:
    values = entry.values
    if values is None or RANKED_BY not in values.values:
        return "–"
    found = float(values.values[RANKED_BY][place])
    return values.status[place] if math.isnan(found) else f"{100 * found:.3f}"


def _extremes(values: PerImage) -> tuple[list[str], list[str]]:
    """IDs of the images with the least and the most error in the hole."""
    if RANKED_BY not in values.values:
        return [], []
    array = values.values[RANKED_BY]
    known = [place for place in array.argsort(kind="stable").tolist() if not math.isnan(array[place])]
    ids = [values.ids[place] for place in known]
    return ids[:_EXTREMES], ids[::-1][:_EXTREMES]


def command(result: Result) -> str:
    """The command that measures this result again, safe to paste into a shell."""
    method, protocol = result.method, result.protocol
    words = [
        "df8k",
        "evaluate",
        "--method",
        method.spec,
        "--data",
        "DATASET",
        "--split",
        result.dataset.split,
    ]
    words += ["--sizes", ",".join(map(str, protocol.sizes)), "--metrics", ",".join(protocol.metrics)]
    words += ["--device", method.device, "--out", f"{slug(method.name)}.json"]
    return shlex.join(one_line(word) for word in words)


def machine(result: Result) -> str:
    """The machine of a result in one line."""
    found = result.environment
    libraries = ", ".join(f"{name} {version}" for name, version in found.libraries.items())
    return (
        f"{found.gpu or found.cpu}, {found.threads} threads, {found.memory_bytes / 2**30:.0f} GiB; "
        f"{found.system}; Python {found.python}, {libraries}"
    )


def _asset(name: str) -> str:
    return files("leaderboard.site").joinpath("templates", name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    return b64encode(sha256(text.encode()).digest()).decode()
