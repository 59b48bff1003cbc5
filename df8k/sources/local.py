"""Photographs in a folder, with an optional credits file."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import ClassVar

from df8k.errors import GoneError, SourceError

from .base import Candidate, SourceInfo
from .credits import FILE_NAME, Credit, match_credits, read_credits
from .walk import files_below, unreadable


class LocalFolder:
    """Every file of a folder and its subfolders that may be a photograph.

    ``CREDITS.csv`` in the folder, with a column ``file`` (path relative to the folder) and any of
    ``licence``, ``author`` and ``source``, fills the manifest's attribution.
    """

    info: ClassVar[SourceInfo] = SourceInfo(
        spec="FOLDER",
        obtained="files below the folder, linked ones too",
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
        self._credits = read_credits(stated.read_bytes(), str(stated)) if stated.is_file() else []

    def __iter__(self) -> Iterator[Candidate]:
        """List every file that `df8k.sources.walk` does not pass over, sorted by path."""
        # Names that are not UTF-8 reach Python as surrogates, which no parquet file can hold.
        files = {
            path.relative_to(self._root).as_posix().encode("utf-8", "backslashreplace").decode(): path
            for path in files_below(self._root)
        }
        stated = match_credits(self._credits, files, str(self._root / FILE_NAME))
        for key, path in files.items():
            credit, fault = stated.get(key, Credit()), unreadable(path)
            yield Candidate(
                source=self._name,
                key=key,
                path=path,
                licence=credit.licence or self._licence,
                author=credit.author,
                origin=credit.origin,
                fetch=partial(_refuse, f"{path}: {fault}") if fault else None,
            )


def _refuse(finding: str, _largest: int) -> None:
    raise GoneError(finding, reason="fetch")
