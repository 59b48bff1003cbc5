"""One size of a board in one table: a column each for pixels, structure, texture and perception."""

from collections.abc import Sequence
from itertools import combinations
from typing import Final

from df8k.leaderboard.protocol.ranking import PIXEL_ERROR
from df8k.leaderboard.site.board import Board, Entry
from df8k.leaderboard.site.columns import VOTES, Column, column_of
from df8k.leaderboard.site.kinds import row_kind
from df8k.leaderboard.site.timing import EVALUATION, Timing

from .grid import Cell, Grid, markdown, milliseconds
from .quality import claim_text, mark, quality_note

_STRUCTURE: Final = ("ssim.hole", "ms-ssim.hole")
_TEXTURE: Final = ("swd", "energy.ratio")
_WORDS: Final = {PIXEL_ERROR: "pixels", **dict.fromkeys(_STRUCTURE, "structure"), "swd": "texture"}


def summary_grid(board: Board) -> Grid:
    """Lay out one size; columns that nothing was measured for are left out.

    Args:
        board: of one size.
    """
    columns = _columns(board)
    header = ["method", "what it is", *(_heading(column, board) for column in columns), "texture", "ms"]
    rows = [
        [
            Cell(entry.name),
            Cell(row_kind(entry.result.method)),
            *(_cell(entry, column) for column in columns),
            Cell(claim_text(entry)),
            Cell(_time(entry.timing)),
        ]
        for entry in board.entries
    ]
    images = max((entry.size_result.n for entry in board.entries), default=0)
    parts = (
        f"Size {board.sizes[0]}, {images} images.",
        quality_note(board),
        disagreement(board),
        *_unreached(board),
    )
    return Grid(header, rows, frozenset({0, 1, len(header) - 2}), frozenset(), " ".join(filter(None, parts)))


def summary_markdown(board: Board) -> str:
    """Write the summary of one size as Markdown, its note as a paragraph."""
    return markdown(summary_grid(board))


def _unreached(board: Board) -> list[str]:
    """Name the methods that filled no picture of the size, and how that ended."""
    failed = [entry for entry in board.entries if not entry.size_result.n and entry.size_result.failures]
    endings = [", ".join(f"{n} {kind}" for kind, n in entry.size_result.failures.items()) for entry in failed]
    return [f"{entry.name} filled none: {ending}." for entry, ending in zip(failed, endings, strict=True)]


def _columns(board: Board) -> list[Column]:
    measured = {column.key: column for column in board.columns}
    structure = next((key for key in _STRUCTURE if key in measured), "")
    keys = [PIXEL_ERROR, structure, *_TEXTURE, board.ranked_by or "", VOTES.key]
    return [measured[key] for key in keys if key in measured]


def _heading(column: Column, board: Board) -> str:
    word = "perception" if column.key == board.ranked_by else _WORDS.get(column.key, "")
    return f"{word}: {column.heading}" if word else column.heading


def _cell(entry: Entry, column: Column) -> Cell:
    score = entry.score(column.key)
    return Cell("–") if score is None else Cell(column.text(score), mark(entry, column))


def _time(timing: Timing | None) -> str:
    """Format the median with what makes it doubtful; an evaluation's figure is never without a word."""
    if timing is None:
        return "–"
    words = [*((EVALUATION,) if timing.source == EVALUATION else ()), *timing.flags]
    return milliseconds(timing.median_s) + (f" ({', '.join(words)})" if words else "")


def disagreement(board: Board) -> str:
    """Say in a sentence how pixel error and perception order the methods; empty where one was not measured.

    Args:
        board: of one size.
    """
    if board.ranked_by is None:
        return ""
    ranked = column_of(board.ranked_by)
    entries = [
        entry
        for entry in board.entries
        if not entry.result.method.control
        and entry.score(PIXEL_ERROR) is not None
        and entry.score(ranked.key) is not None
    ]
    if len(entries) < 2:
        return ""
    by_pixels, by_perception = _order(entries, column_of(PIXEL_ERROR)), _order(entries, ranked)
    place = {name: index for index, name in enumerate(by_perception)}
    pairs = list(combinations(by_pixels, 2))
    turned = sum(place[first] > place[second] for first, second in pairs)
    best = by_pixels[0]
    return (
        f"Pixel error and perception order {turned} of {len(pairs)} pairs of methods differently: "
        f"{best} has the least error of pixels and is number {place[best] + 1} of {len(entries)} by "
        f"{ranked.heading}, which {by_perception[0]} leads."
    )


def _order(entries: Sequence[Entry], column: Column) -> list[str]:
    sign = -1.0 if column.higher_is_better else 1.0
    return [
        entry.name
        for entry in sorted(entries, key=lambda entry: (sign * (entry.score(column.key) or 0.0), entry.name))
    ]
