"""Tables for terminals: they fit the window, and no word or number is broken.

Text wraps between words. Where that is not enough, columns that a reader can miss are left out and named,
and `--wide` prints them all; a table without such columns is written as a block per row.
"""

import os
import shutil
import sys
import textwrap
from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

import click
from rich.cells import cell_len

if TYPE_CHECKING:
    from df8k.leaderboard.site.tables.grid import Grid

_GAP: Final = "  "
_TALLEST: Final = 6  # lines of a cell; taller tables read better as a block per row
_WIDE: Final = "df8k.wide"


def _remember(ctx: click.Context, _parameter: click.Parameter, wide: bool) -> None:
    ctx.meta[_WIDE] = wide


wide_option = click.option(
    "--wide",
    is_flag=True,
    expose_value=False,
    callback=_remember,
    help="Print every column, however narrow the window.",
)


def window() -> int | None:
    """Width of the terminal, or of `COLUMNS`; ``None`` for a pipe, which has no width of its own."""
    columns = os.environ.get("COLUMNS", "")
    if columns.isdecimal() and int(columns):
        return int(columns)
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def print_text(text: str, *, err: bool = False) -> None:
    """Print a paragraph, wrapped between words where there is a window.

    A command that comes next stays in one line: it is there to be copied. So does a remark on standard error
    that goes to a file: it is there to be searched.
    """
    width = window() if not err or sys.stderr.isatty() else None
    if width is not None and not text.startswith("next: "):
        text = "\n".join(_wrapped(text, width))
    click.echo(text, err=err)


def print_table(
    title: str,
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    texts: Collection[int] = (0,),
    optional: Sequence[str] = (),
) -> None:
    """Print a table on standard output.

    Args:
        title: line above it.
        header: column headings.
        rows: as many cells as headings; text from outside is welcome.
        texts: columns of text; the others are numbers, flush right and never wrapped.
        optional: headings of columns that may be left out, those that are missed least first.
    """
    cleaned = [[_printable(cell) for cell in row] for row in rows]
    context = click.get_current_context(silent=True)
    wide = context is not None and bool(context.meta.get(_WIDE))
    width = None if wide else window()
    for line in [title] if width is None else _wrapped(title, width):
        click.echo(click.style(line, bold=True))
    hidden: list[str] = []
    columns = _Columns([*header], cleaned, [index in texts for index in range(len(header))])
    for name in (name for name in optional if name in header):
        if width is None or columns.fit(width) is not None:
            break
        hidden.append(name)
        columns = columns.without(name)
    lengths = columns.natural() if width is None else columns.fit(width)
    if lengths is None or (width is not None and columns.height(lengths) > _TALLEST):
        lines = columns.blocks(width)
    else:
        lines = columns.lines(lengths)
    for line in lines:
        click.echo(line)
    if hidden:
        print_text(f"Not shown for want of width: {', '.join(reversed(hidden))} (--wide shows all).")


def print_grid(title: str, grid: "Grid", optional: Sequence[str] = ()) -> None:
    """Print a table of the leaderboard; see `print_table`."""
    rows = [[cell.text for cell in row] for row in grid.rows]
    print_table(title, list(grid.header), rows, grid.names, optional)


class _Columns:
    """Columns of a table, each text or numbers."""

    def __init__(self, header: list[str], rows: list[list[str]], is_text: list[bool]) -> None:
        self._header, self._rows, self._is_text = header, rows, is_text
        self._cells = [[row[index] for row in rows] for index in range(len(header))]

    def without(self, name: str) -> "_Columns":
        """Leave a column out."""
        kept = [index for index, heading in enumerate(self._header) if heading != name]
        rows = [[row[index] for index in kept] for row in self._rows]
        return _Columns(
            [self._header[index] for index in kept], rows, [self._is_text[index] for index in kept]
        )

    def natural(self) -> list[int]:
        """Widths at which nothing wraps."""
        columns = zip(self._header, self._cells, strict=True)
        return [max(map(cell_len, (heading, *cells))) for heading, cells in columns]

    def fit(self, width: int) -> list[int] | None:
        """Choose widths that sum to the window at most; ``None`` where words or numbers would break."""
        natural, lengths = self.natural(), self._least()
        spare = width - sum(lengths) - len(_GAP) * (len(lengths) - 1)
        if spare < 0:
            return None
        while spare and lengths != natural:
            narrow = [index for index in range(len(lengths)) if lengths[index] < natural[index]]
            lengths[min(narrow, key=lambda index: lengths[index] / natural[index])] += 1
            spare -= 1
        return lengths

    def _least(self) -> list[int]:
        """Widths of the longest words of text, and of the longest numbers."""
        lengths = []
        for heading, cells, is_text in zip(self._header, self._cells, self._is_text, strict=True):
            parts = [word for cell in cells for word in cell.split()] if is_text else cells
            lengths.append(max(map(cell_len, (*heading.split(), *parts, ""))))
        return lengths

    def height(self, lengths: Sequence[int]) -> int:
        """Count the lines of the tallest cell at given widths."""
        pairs = zip(self._cells, lengths, strict=True)
        return max((len(_wrapped(cell, length)) for cells, length in pairs for cell in cells), default=0)

    def lines(self, lengths: Sequence[int]) -> Iterator[str]:
        """Write heading, rule and rows."""
        yield from self._row(self._header, lengths, above=True)
        yield _GAP.join("─" * length for length in lengths)
        for row in self._rows:
            yield from self._row(row, lengths)

    def _row(self, row: Sequence[str], lengths: Sequence[int], *, above: bool = False) -> Iterator[str]:
        cells = [_wrapped(cell, length) for cell, length in zip(row, lengths, strict=True)]
        height = max(map(len, cells), default=0)
        for line in range(height):
            parts = []
            for cell, length, is_text in zip(cells, lengths, self._is_text, strict=True):
                index = line - (height - len(cell)) if above else line
                text = cell[index] if 0 <= index < len(cell) else ""
                pad = " " * (length - cell_len(text))
                parts.append(text + pad if is_text else pad + text)
            yield _GAP.join(parts).rstrip()

    def blocks(self, width: int | None) -> Iterator[str]:
        """Write a block of lines for each row: its first cell, then each other cell behind its heading."""
        label = max(map(cell_len, self._header[1:]), default=0)
        indent = 2 + label + len(_GAP)
        room = max(20, (width or 1000) - indent)
        for row in self._rows:
            yield row[0]
            for heading, cell in zip(self._header[1:], row[1:], strict=True):
                text = _wrapped(cell, room)
                if max(map(cell_len, text)) > room:  # an address: alone on its line it can be copied whole
                    yield f"  {heading}"
                    yield from text
                    continue
                yield f"  {heading}{' ' * (label - cell_len(heading))}{_GAP}{text[0]}".rstrip()
                yield from (" " * indent + line for line in text[1:])


def _printable(text: Any) -> str:
    """Put a cell on one line, its control characters made visible: it may come from a file of others."""
    return "".join(char if char.isprintable() else "�" for char in " ".join(str(text).split()))


def _wrapped(text: str, width: int) -> list[str]:
    """Wrap between words alone; at least one line."""
    if cell_len(text) <= width:
        return [text]
    return textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False) or [""]
