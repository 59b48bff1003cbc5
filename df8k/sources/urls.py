"""Photographs at the addresses that a CSV file lists."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

from _df8k.bounded import read_limited
from df8k.errors import SourceError

from .base import Candidate, SourceInfo
from .credits import attribution
from .options import whole
from .webfile import WebFile


class UrlList:
    """Photograph for each row: its ``url``, ``licence``, ``author``, ``origin``, ``width``, ``height``."""

    info: ClassVar[SourceInfo] = SourceInfo(
        spec="urls:FILE.csv",
        obtained="the addresses in the column url",
        licence="column licence",
        known="columns width and height",
    )

    def __init__(self, spec: str, *, name: str = "urls", licence: str = "") -> None:
        """Open the list; nothing is fetched before the build asks for a photograph.

        Raises:
            SourceError: there is no such file, or it has no column ``url``.
        """
        self._path, self._name, self._licence = Path(spec), name, licence
        if not self._path.is_file():
            raise SourceError(f"urls:{spec}: there is no such file")
        if "url" not in self._read()[0]:
            raise SourceError(f"urls:{spec}: it has no column 'url'")

    def __iter__(self) -> Iterator[Candidate]:
        """List every address, in the order of the rows; blanks around fields are no part of them.

        Raises:
            SourceError: a row has no address.
        """
        for row in self._read()[1]:
            web, credit = WebFile(url=row["url"]), attribution({**row})
            yield Candidate(
                source=self._name,
                key=row["url"],
                path=web.path,
                licence=credit.licence or self._licence,
                author=credit.author,
                origin=credit.origin,
                width=whole(row.get("width")),
                height=whole(row.get("height")),
                fetch=web,
            )

    def _read(self) -> tuple[list[str], list[dict[str, str]]]:
        """Read the names of the columns, and every row with an address."""
        rows = []
        try:
            text = read_limited(self._path, SourceError).decode("utf-8-sig")
            lines = csv.reader(io.StringIO(text, newline=""))
            names = [name.strip() for name in next(lines, [])]
            for fields in lines:
                row = dict(zip(names, (field.strip() for field in fields), strict=False))
                if not any(row.values()):
                    continue
                if "url" in names and not row.get("url"):
                    raise SourceError(
                        f"urls:{self._path}: line {lines.line_num} has no address in the column 'url'"
                    )
                rows.append(row)
        except (csv.Error, UnicodeDecodeError) as error:
            raise SourceError(f"urls:{self._path} cannot be read as CSV: {error}") from error
        return names, rows
