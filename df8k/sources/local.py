"""Photographs in a folder, with an optional credits file."""

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

from df8k.errors import SourceError
from df8k.images import SUFFIXES

from .base import Candidate, SourceInfo
from .credits import FILE_NAME, Credit, read_credits


class LocalFolder:
    """Every image file of a folder and its subfolders.

    ``CREDITS.csv`` in the folder, with a column ``file`` (path relative to the folder) and any of
    ``licence``, ``author`` and ``source``, fills the manifest's attribution.
    """

    info: ClassVar[SourceInfo] = SourceInfo(
        spec="FOLDER",
        obtained="image files below the folder",
        licence="CREDITS.csv",
        known="everything",
    )

    def __init__(self, path: str, *, name: str = "local", licence: str = "") -> None:
        """Open the folder ``path``.

        Args:
            path: the folder.
            name: of the source, for the manifest.
            licence: of images that ``CREDITS.csv`` gives none.

        Raises:
            SourceError: it does not exist, or its credits file cannot be read.
        """
        self._root, self._name, self._licence = Path(path), name, licence
        if not self._root.is_dir():
            state = "it is a file" if self._root.exists() else "it does not exist"
            raise SourceError(f"source {path!r} is not a folder: {state}; give a folder of photographs")
        stated = self._root / FILE_NAME
        self._credits = read_credits(stated.read_bytes(), str(stated)) if stated.is_file() else {}

    def __iter__(self) -> Iterator[Candidate]:
        """List every file with the suffix of a known image format, sorted by path."""
        for path in sorted(self._root.rglob("*")):
            if path.suffix.lower() not in SUFFIXES or not path.is_file():
                continue
            key = path.relative_to(self._root).as_posix()
            # Names that are not UTF-8 reach Python as surrogates, which no parquet file can hold.
            key = key.encode("utf-8", "backslashreplace").decode()
            credit = self._credits.get(key, Credit())
            yield Candidate(
                source=self._name,
                key=key,
                path=path,
                licence=credit.licence or self._licence,
                author=credit.author,
                origin=credit.origin,
            )
