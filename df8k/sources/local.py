"""Photographs in a folder, with an optional credits file."""

import csv
from collections.abc import Iterator
from pathlib import Path

from df8k.decode import SUFFIXES
from df8k.errors import SourceError

from .base import Candidate

_CREDITS = "CREDITS.csv"
# Column names seen in credits files, by what they mean to us.
_COLUMNS = {
    "licence": ("licence", "license"),
    "author": ("author", "author_or_title", "artist"),
    "origin": ("source", "url", "origin"),
}


class LocalFolder:
    """Every image file of a folder and its subfolders.

    ``CREDITS.csv`` in the folder, with a column ``file`` (path relative to the folder) and any of
    ``licence``, ``author`` and ``source``, fills the manifest's attribution.
    """

    def __init__(self, path: str, *, name: str = "local", licence: str = "") -> None:
        """Open the folder ``path``.

        Args:
            path: the folder.
            name: of the source, for the manifest.
            licence: of pictures that ``CREDITS.csv`` gives none.

        Raises:
            SourceError: it does not exist, or its credits file cannot be read.
        """
        self._root, self._name, self._licence = Path(path), name, licence
        if not self._root.is_dir():
            found = "it is a file" if self._root.exists() else "it does not exist"
            raise SourceError(f"source {path!r} is not a folder: {found}; give a folder of photographs")
        self._credits = _read_credits(self._root / _CREDITS)

    def __iter__(self) -> Iterator[Candidate]:
        """Every file with the suffix of a known image format, sorted by path."""
        for path in sorted(self._root.rglob("*")):
            if path.suffix.lower() not in SUFFIXES or not path.is_file():
                continue
            key = path.relative_to(self._root).as_posix()
            # Names that are not UTF-8 reach Python as surrogates, which no parquet file can hold.
            key = key.encode("utf-8", "backslashreplace").decode()
            credit = self._credits.get(key, {})
            licence = credit.get("licence") or self._licence
            yield Candidate(source=self._name, key=key, path=path, **(credit | {"licence": licence}))


def _read_credits(path: Path) -> dict[str, dict[str, str]]:
    if not path.is_file():
        return {}
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = list(csv.DictReader(file))
    except (csv.Error, UnicodeDecodeError) as error:
        raise SourceError(f"{path} cannot be read as CSV: {error}") from error
    if rows and "file" not in rows[0]:
        raise SourceError(f"{path} has no column 'file'; its columns are {', '.join(rows[0])}")
    return {row["file"]: _attribution(row) for row in rows}


def _attribution(row: dict[str, str | None]) -> dict[str, str]:
    found = {}
    for field, columns in _COLUMNS.items():
        values = (row.get(column) for column in columns)
        found[field] = next((value for value in values if value), "")
    return found
