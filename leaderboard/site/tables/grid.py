"""A table of marked cells, and how it is written as Markdown, LaTeX and CSV."""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

Mark = Literal["", "best", "tied"]


@dataclass(frozen=True)
class Cell:
    """Text with its mark, one of a grid.

    Attributes:
        text: its text, which is never trusted: it may come from a result.
        mark: ``best`` value of its group, ``tied`` when the images cannot tell it from the best.
        detail: an interval, shown small.
    """

    text: str
    mark: Mark = ""
    detail: str = ""


@dataclass(frozen=True)
class Grid:
    """Cells in rows, with the marks that each written form shows in its own way.

    Attributes:
        header: column headings.
        rows: as many cells as headings.
        names: columns that hold text and are set flush left; the others are numbers.
        breaks: rows before which a rule is drawn.
        note: one line that stands under it.
    """

    header: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    names: frozenset[int]
    breaks: frozenset[int]
    note: str


_MARKDOWN: Final = {"": "{}", "best": "**{}**", "tied": "_{}_"}
_LATEX: Final = {"": "{}", "best": r"\textbf{{{}}}", "tied": r"\underline{{{}}}"}


def markdown(grid: Grid) -> str:
    """Write a grid as GitHub-flavoured Markdown; best in bold, tied in italics."""
    rule = "".join("---|" if index in grid.names else "---:|" for index in range(len(grid.header)))
    lines = [_markdown_row([markdown_text(text) for text in grid.header]), f"|{rule}"]
    lines += [_markdown_row([_marked_markdown(cell) for cell in row]) for row in grid.rows]
    return "\n".join([*lines, "", markdown_text(grid.note), ""])


def _marked_markdown(cell: Cell) -> str:
    text = _MARKDOWN[cell.mark].format(markdown_text(cell.text))
    return f"{text} ({markdown_text(cell.detail)})" if cell.detail else text


def latex(grid: Grid) -> str:
    """Write a grid for LaTeX's booktabs; best in bold, tied underlined."""
    columns = "".join("l" if index in grid.names else "r" for index in range(len(grid.header)))
    body = []
    for index, row in enumerate(grid.rows):
        body += [r"\midrule"] if index in grid.breaks else []
        body.append(" & ".join(_marked_latex(cell) for cell in row) + r" \\")
    return "\n".join(
        [
            f"% {one_line(grid.note)}",
            rf"\begin{{tabular}}{{{columns}}}",
            r"\toprule",
            " & ".join(map(latex_text, grid.header)) + r" \\",
            r"\midrule",
            *body,
            r"\bottomrule",
            r"\end{tabular}",
            "",
        ]
    )


def _marked_latex(cell: Cell) -> str:
    text = _LATEX[cell.mark].format(latex_text(cell.text))
    return rf"{text} {{\scriptsize ({latex_text(cell.detail)})}}" if cell.detail else text


def grid_csv(grid: Grid) -> str:
    """Write the texts of a grid as CSV; marks and intervals are left out."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(grid.header)
    writer.writerows([spreadsheet_safe(cell.text) for cell in row] for row in grid.rows)
    return text.getvalue()


def _markdown_row(row: Sequence[str]) -> str:
    return "| " + " | ".join(row) + " |"


def markdown_text(text: str) -> str:
    """Escape a text for Markdown: no markup, on one line."""
    return re.sub(r"([\\`*_\[\]<>|&#!~])", r"\\\1", one_line(text))


_LATEX_CHARACTERS: Final = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "–": "--",
    "…": r"\dots{}",
    **{char: rf"\{char}" for char in "&%$#_{}"},
}


def latex_text(text: str) -> str:
    """Escape a text for LaTeX: no command, on one line."""
    return "".join(_LATEX_CHARACTERS.get(char, char) for char in one_line(text))


# Left-to-right and right-to-left overrides, embeddings and isolates would reorder the text around them.
_REORDERING: Final = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\x00-\x1f\x7f-\x9f]+")


def one_line(text: str) -> str:
    """Strip line breaks, control characters and direction overrides."""
    return " ".join(_REORDERING.sub(" ", text).split())


def spreadsheet_safe(value: object) -> object:
    """Quote a text that a spreadsheet would run as a formula; numbers, also negative ones, stay."""
    if not isinstance(value, str) or value[:1] not in {"=", "+", "-", "@", "\t", "\r"}:
        return value
    try:
        float(value)
    except ValueError:
        return f"'{value}"
    return value


def milliseconds(seconds: float) -> str:
    """Format a time in ms with three significant digits, and none after the point from 100 ms on."""
    value = seconds * 1e3
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"
