"""``CREDITS.csv``: licence, author and origin of the files of a folder."""

import csv
import io
from typing import Final, NamedTuple

from df8k.errors import SourceError

FILE_NAME: Final = "CREDITS.csv"
# Column names seen in credits files, by what they mean to us.
_COLUMNS: Final = {
    "licence": ("licence", "license"),
    "author": ("author", "author_or_title", "artist"),
    "origin": ("source", "url", "origin"),
}


class Credit(NamedTuple):
    """Attribution of one photograph; empty where nothing is stated."""

    licence: str = ""
    author: str = ""
    origin: str = ""


def read_credits(data: bytes, where: str) -> dict[str, Credit]:
    """Read a credits file.

    Args:
        data: its bytes.
        where: its place, for the message.

    Returns:
        file, relative to the folder → what is said of it.

    Raises:
        SourceError: not CSV in UTF-8, or without a column ``file``.
    """
    try:
        rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    except (csv.Error, UnicodeDecodeError) as error:
        raise SourceError(f"{where} cannot be read as CSV: {error}") from error
    if rows and "file" not in rows[0]:
        raise SourceError(f"{where} has no column 'file'; its columns are {', '.join(map(str, rows[0]))}")
    return {row["file"]: attribution(row) for row in rows if row["file"]}


def attribution(row: dict[str, str | None]) -> Credit:
    """Read licence, author and origin of one row, whatever its columns are called."""
    credit = {}
    for field, columns in _COLUMNS.items():
        values = (row.get(column) for column in columns)
        credit[field] = next((value for value in values if value), "")
    return Credit(**credit)
