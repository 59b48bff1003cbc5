"""Lay out a board for its page, where a reader chooses the columns: the metric that ranks comes first."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from df8k.leaderboard.protocol.ranking import PIXEL_ERROR
from df8k.leaderboard.site.board import Board, Entry
from df8k.leaderboard.site.columns import VOTES, Column

from .grid import Cell
from .quality import header, marked_cells

_STRUCTURE: Final = ("ssim.hole", "ms-ssim.hole")
_START: Final = ("psnr.hole", "swd", "energy.ratio", VOTES.key, "texture", "latency", "n", "failed")
_KEYS_BEFORE: Final = ("size", "rank", "method", "kind", "texture")
_KEYS_AFTER: Final = ("latency", "latency-p90", "memory", "timed", "n", "failed")
# Of numbers that are no metrics, which end is best; the others are sorted upwards.
_BETTER: Final = {"n": "higher"}


@dataclass(frozen=True)
class Head:
    """Heading of a column with what the page's script must know of it.

    Attributes:
        key: of the metric, or the column's name.
        text: heading.
        region: of a metric; empty for anything else.
        better: ``higher``, ``lower``, or empty where neither is.
        at_start: whether it is shown before a reader chooses.
        role: what it holds.
    """

    key: str
    text: str
    region: str
    better: str
    at_start: bool
    role: Literal["text", "number", "ranked"]


@dataclass(frozen=True)
class Row:
    """Row of the page's table.

    Attributes:
        entry: what it shows.
        kind: what the method is, in words.
        cells: in the order of the headings.
    """

    entry: Entry
    kind: str
    cells: Sequence[Cell]


def interactive_rows(board: Board) -> tuple[list[Head], list[Row]]:
    """Lay out every entry but those of sizes that no image is large enough for."""
    columns = page_columns(board)
    keys = [*_KEYS_BEFORE, *(column.key for column in columns), *_KEYS_AFTER]
    texts = dict(zip(keys, header(columns), strict=True))
    order = [key for key in keys if key not in {"kind", "texture"}]
    order.insert(order.index("latency"), "texture")
    better = {
        column.key: {True: "higher", False: "lower", None: ""}[column.higher_is_better] for column in columns
    }
    structure = next((key for key in _STRUCTURE if key in better), "")
    at_start = {*_KEYS_BEFORE[:3], board.ranked_by, PIXEL_ERROR, structure, *_START}
    heads = [
        Head(
            key=key,
            text=texts[key],
            region=key.partition(".")[2],
            better=better.get(key, _BETTER.get(key, "lower")),
            at_start=key in at_start,
            role=_role(key, board.ranked_by),
        )
        for key in order
    ]
    rows = []
    for entry in board.entries:
        if not _measured(board.by_size[entry.size]):
            continue
        cells = dict(zip(keys, marked_cells(entry, columns), strict=True))
        if entry.timing is not None:
            cells["latency"] = Cell(cells["latency"].text, detail=", ".join(entry.timing.flags))
        rows.append(Row(entry, cells["kind"].text, [cells[key] for key in order]))
    return heads, rows


def page_columns(board: Board) -> list[Column]:
    """Order the metrics: the one that ranks, those of the hole and of sets, then those of full images."""

    def order_of(column: Column) -> tuple[bool, bool]:
        return column.key != board.ranked_by, column.key.endswith(".full")

    return sorted(board.columns, key=order_of)


def _role(key: str, ranked_by: str | None) -> Literal["text", "number", "ranked"]:
    if key in {"method", "texture", "timed"}:
        return "text"
    return "ranked" if key == ranked_by else "number"


def _measured(of_size: Board) -> bool:
    return any(entry.size_result.n or entry.size_result.failures for entry in of_size.entries)


def measured_sizes(board: Board) -> list[str]:
    """List the sizes that at least one image is large enough for."""
    return [str(size) for size, of_size in board.by_size.items() if _measured(of_size)]
