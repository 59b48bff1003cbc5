"""``CREDITS.csv``: licence, author and origin of the files of a folder."""

import csv
import io
import re
import unicodedata
import warnings
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from df8k.errors import SourceError, SourceWarning

FILE_NAME: Final = "CREDITS.csv"
# Column names seen in credits files, by what they mean to us.
_COLUMNS: Final = {
    "licence": ("licence", "license"),
    "author": ("author", "author_or_title", "artist"),
    "origin": ("source", "url", "origin"),
}
_KEY: Final = "file"
_UNKNOWN: Final = re.compile(
    r"(the )?(author |artist |creator |photographer )?(is )?"
    r"(unknown|not (known|stated|named)|unidentified|none|n/?a|null|\?+|-+)"
    r"( (author|artist|creator|photographer|person|source))?\.?",
    re.IGNORECASE,
)
_DELIMITERS: Final = ",;\t"
_SHOWN: Final = 5


class Credit(NamedTuple):
    """Attribution of one photograph; empty where nothing is stated."""

    licence: str = ""
    author: str = ""
    origin: str = ""


class Row(NamedTuple):
    """Row of a credits file.

    Attributes:
        file: as it is written there.
        line: number of its last line.
        credit: what it says.
    """

    file: str
    line: int
    credit: Credit


def read_credits(data: bytes, where: str) -> list[Row]:
    """Read a credits file: columns in any order, letter case and blanks; commas, semicolons or tabs.

    Args:
        data: its bytes.
        where: its place, for the message.

    Raises:
        SourceError: not CSV in UTF-8, without a column ``file``, or a row has more values than columns.
    """
    try:
        text = data.decode("utf-8-sig")
        header = text.partition("\n")[0]
        delimiter = max(_DELIMITERS, key=header.count)
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True)
        columns = [column.strip().casefold() for column in next(reader, [])]
        lines = [(reader.line_num, [value.strip() for value in line]) for line in reader]
    except (csv.Error, UnicodeDecodeError) as error:
        raise SourceError(f"{where} cannot be read as CSV: {error}") from error
    if columns and _KEY not in columns:
        raise SourceError(f"{where} has no column 'file'; its columns are {', '.join(columns)}")
    rows = []
    for number, values in lines:
        if any(values[len(columns) :]):
            raise SourceError(
                f"{where}, line {number}: {len(values)} values for {len(columns)} columns; put values that "
                f"hold {delimiter!r} into quotation marks"
            )
        row: dict[str, str | None] = dict(zip(columns, values, strict=False))
        if any(values):
            rows.append(Row(row.get(_KEY) or "", number, attribution(row)))
    return rows


def is_unknown(author: str) -> bool:
    """Tell whether a statement of the author says that nobody knows, or nothing."""
    return not author.strip() or bool(_UNKNOWN.fullmatch(author.strip()))


def attribution(row: Mapping[str, str | None]) -> Credit:
    """Read licence, author and origin of one row, whatever its columns are called."""
    credit = {}
    for field, columns in _COLUMNS.items():
        values = (row.get(column) for column in columns)
        credit[field] = next((value for value in values if value), "")
    return Credit(**credit)


def match_credits(rows: list[Row], files: Iterable[str], where: str) -> dict[str, Credit]:
    """Give each file the row that means it.

    Names are compared in Unicode's composed form, with ``/`` between folders, without ``./`` and blanks
    around; where no file has the name in its letter case, one that differs in nothing else.

    Args:
        rows: see `read_credits`.
        files: names relative to the folder.
        where: the credits file, for messages.

    Returns:
        file → what is said of it; files without a row are absent.

    Raises:
        SourceError: two rows say different things of one file.

    Warns:
        SourceWarning: rows mean no file.
    """
    by_name = {_name(file): file for file in sorted(files, reverse=True)}
    folded: dict[str, list[str]] = {}
    for name, file in by_name.items():
        folded.setdefault(name.casefold(), []).append(file)
    matched: dict[str, Row] = {}
    unmatched = []
    for row in rows:
        name = _name(row.file)
        alike = folded.get(name.casefold(), [])
        file = by_name.get(name, alike[0] if len(alike) == 1 else "")
        if not file:
            unmatched.append(row)
            continue
        other = matched.setdefault(file, row)
        if other.credit != row.credit:
            raise SourceError(
                f"{where}: lines {other.line} and {row.line} say different things of {file!r}: keep one"
            )
    if unmatched:
        names = ", ".join(f"{row.file!r} (line {row.line})" for row in unmatched[:_SHOWN])
        more = f" and {len(unmatched) - _SHOWN} more" if len(unmatched) > _SHOWN else ""
        warnings.warn(
            f"{where}: {len(unmatched)} of {len(rows)} rows match no file: {names}{more}",
            SourceWarning,
            stacklevel=3,
        )
    return {file: row.credit for file, row in matched.items()}


def _name(file: str) -> str:
    """Write a name as every other spelling of it is written."""
    parts = unicodedata.normalize("NFC", file.strip()).replace("\\", "/").split("/")
    return "/".join(part for part in parts if part not in ("", "."))
