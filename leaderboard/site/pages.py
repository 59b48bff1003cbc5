"""Collect what each page of a board shows, and render it."""

import math
import shlex
from collections.abc import Mapping, Sequence
from typing import Any, Final

from df8k.leaderboard.protocol.ranking import PIXEL_ERROR
from df8k.leaderboard.results.per_image import PerImage
from df8k.leaderboard.results.schema import Result
from df8k.leaderboard.statistics.groups import GROUPINGS
from df8k.leaderboard.statistics.intervals import LEAST_IMAGES

from .board import Board, Entry
from .columns import Column, column_of
from .kinds import row_kind
from .render import render, slug
from .style import MethodStyle, script_style
from .tables.grid import Grid, one_line
from .tables.holes import protocol_note, share_text, shares_by_size
from .tables.quality import group_grid, header, marked_cells, quality_note, quality_remarks, ranking_note
from .tables.reported import paper_tables, reported_grid
from .tables.summary import summary_grid

_SHOWN_FAILURES: Final = 200
_EXTREMES: Final = 5


class Pages:
    """Renderer of the pages of one board.

    Args:
        board: ranked entries.
        styles: the look of each method.
        has_latency: whether the site has a page of latency results.
    """

    def __init__(self, board: Board, styles: Mapping[str, MethodStyle], *, has_latency: bool = False) -> None:
        self.board, self._styles, self._has_latency = board, styles, has_latency
        # Unranked results have no perceptual metric; their pages show the error of pixels.
        self._leading = column_of(board.ranked_by or PIXEL_ERROR)

    def _render(self, template: str, root: str, script: str | None = None, **context: Any) -> str:
        """Render a page of the board; see `render.render`."""
        return render(
            template,
            root,
            has_board=True,
            has_latency=self._has_latency,
            script=script,
            note=quality_note(self.board),
            **context,
        )

    def index(self) -> str:
        """Render the board with its interactive plot."""
        board = self.board
        return self._render(
            "index.html.jinja",
            "",
            "board.js",
            header=self._header(),
            rows=[{"entry": entry, "cells": marked_cells(entry, board.columns)} for entry in board.entries],
            sizes=board.sizes,
            start_size=board.start_size,
            devices=sorted({one_line(entry.device) for entry in board.entries}),
            columns=board.columns,
            ranked_by=self._leading.key,
            summary=summary_grid(board.by_size[board.start_size]),
            reported=[reported_grid(table) for table in paper_tables()],
            remarks=[*quality_remarks(board.entries), *board.notes],
            least_images=LEAST_IMAGES,
            look=script_style({name: self._styles[name] for name in board.methods}),
        )

    def _header(self) -> list[dict[str, str]]:
        """Collect the headings with what the script must know of each column."""
        columns = self.board.columns
        keys = ["size", "rank", "method", "kind", "texture", *(column.key for column in columns)]
        keys += ["latency", "latency-p90", "memory", "timed", "n", "failed"]
        better = {column.key: column.higher_is_better for column in columns}
        return [
            {
                "key": key,
                "text": text,
                "region": key.split(".", 1)[1] if "." in key else "",
                "better": {True: "higher", False: "lower", None: ""}[better.get(key)],
            }
            for key, text in zip(keys, header(columns), strict=True)
        ]

    def method(self, result: Result) -> str:
        """Render one method: card, provenance, command, scores, failures, extremes."""
        columns = self.board.columns
        entries = [entry for entry in self.board.entries if entry.result is result]
        failures = [failure for entry in entries for failure in _failures(entry)]
        return self._render(
            "method.html.jinja",
            "../../",
            result=result,
            kind=row_kind(result.method),
            command=command(result),
            header=header(columns),
            rows=[marked_cells(entry, columns) for entry in entries],
            failures=failures[:_SHOWN_FAILURES],
            failed=len(failures),
            leading=self._leading.heading,
            extremes=[
                (entry.size, *_extremes(entry.values, self._leading))
                for entry in entries
                if entry.values is not None
            ],
            remarks=quality_remarks(entries),
            groups=self._groups(entries),
        )

    def _groups(self, entries: Sequence[Entry]) -> list[Grid]:
        """Lay out the metric that ranks, of one method, by groups of images, at the size shown first."""
        column = self.board.ranked_column
        at_start = self.board.of([entry for entry in entries if entry.size == self.board.start_size])
        if column is None or not at_start.entries:
            return []
        grids = (group_grid(at_start, grouping, column) for grouping in GROUPINGS)
        return [grid for grid in grids if grid is not None]

    def image(
        self, index: int, metadata: Mapping[str, Any] | None, views: Sequence[Mapping[str, Any]]
    ) -> str:
        """Render one test image: its scores, and the pictures where there are any.

        Args:
            index: into `Board.image_ids`.
            metadata: its row of the dataset, when that is at hand.
            views: sizes with their views; see `pictures.write_views`.
        """
        ids, board = self.board.image_ids, self.board
        shares = shares_by_size(board)
        names = {slug(result.method.name): one_line(result.method.name) for result in board.results}
        return self._render(
            "image.html.jinja",
            "../../",
            "viewer.js" if views else None,
            id=ids[index],
            before=ids[index - 1] if index else None,
            after=ids[index + 1] if index + 1 < len(ids) else None,
            metadata=metadata,
            viewer=views,
            data={"folder": f"../pictures/{slug(ids[index])}", "sizes": views, "names": names},
            sizes=board.sizes,
            missing=[share_text(shares[size], index) if size in shares else "–" for size in board.sizes],
            leading=self._leading.heading,
            rows=[
                (name, [_image_text(by_size.get(size), self._leading, index) for size in board.sizes])
                for name, by_size in board.methods.items()
            ],
        )

    def dataset(self) -> str:
        """Render the page about the dataset."""
        used = self.board.results[0].dataset
        return self._render("dataset.html.jinja", "../", dataset=used, ids=self.board.image_ids)

    def protocol(self) -> str:
        """Render the page about the protocol: sizes, metrics in their variants, machines."""
        results = self.board.results
        return self._render(
            "protocol.html.jinja",
            "../",
            protocol=results[0].protocol,
            masks=protocol_note(self.board),
            sizes=self.board.sizes,
            variants=sorted({variant for result in results for variant in result.protocol.metrics.items()}),
            machines=sorted({_machine(result) for result in results}),
            ranking=ranking_note(self.board),
            least_images=LEAST_IMAGES,
        )

    def downloads(self, tables: Sequence[str], charts: Sequence[str]) -> str:
        """Render the links to every table, plot and raw result.

        Args:
            tables: names of the files of the tables.
            charts: names of the files of the charts.
        """
        return self._render(
            "downloads.html.jinja", "../", tables=tables, charts=charts, results=self.board.results
        )


def _failures(entry: Entry) -> list[dict[str, Any]]:
    values = entry.values
    if values is None:
        return []
    return [
        {"size": entry.size, "id": image_id, "kind": status, "message": message}
        for image_id, status, message in zip(values.ids, values.status, values.errors, strict=True)
        if status not in {"ok", "left-out"}
    ]


def _image_text(entry: Entry | None, column: Column, index: int) -> str:
    """Format the value of one image, or why there is none."""
    values = None if entry is None else entry.values
    if values is None or column.key not in values.values:
        return "–"
    value = float(values.values[column.key][index])
    return values.status[index] if math.isnan(value) else column.text(value)


def _extremes(values: PerImage, column: Column) -> tuple[list[str], list[str]]:
    """Find the images with the best and with the worst values."""
    if column.key not in values.values:
        return [], []
    penalties = -values.values[column.key] if column.higher_is_better else values.values[column.key]
    finite = [
        index for index in penalties.argsort(kind="stable").tolist() if not math.isnan(penalties[index])
    ]
    ids = [values.ids[index] for index in finite]
    return ids[:_EXTREMES], ids[::-1][:_EXTREMES]


def command(result: Result) -> str:
    """Write the command that measures a result again, safe to paste into a shell."""
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


def _machine(result: Result) -> str:
    environment = result.environment
    libraries = ", ".join(f"{name} {version}" for name, version in environment.libraries.items())
    return (
        f"{environment.gpu or environment.cpu}, {environment.threads} threads, "
        f"{environment.memory_bytes / 2**30:.0f} GiB; {environment.system}; "
        f"Python {environment.python}, {libraries}"
    )
