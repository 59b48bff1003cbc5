"""An archive of photographs on Google Drive."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar, Final

from filelock import FileLock

from _df8k.files import atomic_path
from df8k.errors import SourceError

from .base import Candidate, SourceInfo
from .cache import cache_folder
from .unpack import unpack

_ID: Final = re.compile(r"[A-Za-z0-9_-]{20,64}")


class DriveArchive:
    """Image files of an archive that Google Drive holds; the SPEC is ``drive:FILE_ID``.

    gdown answers Drive's question before large files, which a plain download does not get past.
    """

    info: ClassVar[SourceInfo] = SourceInfo(
        spec="drive:FILE_ID",
        obtained="zip or tar archive on Google Drive, through gdown",
        licence="the recipe's",
        known="nothing; the archive comes whole",
    )

    def __init__(
        self, spec: str, *, name: str = "drive", licence: str = "", cache: Path | None = None
    ) -> None:
        """Describe the archive; nothing is fetched before the first candidate is asked for.

        Raises:
            SourceError: not the ID of a file.
        """
        if not _ID.fullmatch(spec):
            raise SourceError(f"drive:{spec}: expected the ID of a file, the long word in its address")
        self._id, self._name, self._licence, self._cache = spec, name, licence, cache

    def __iter__(self) -> Iterator[Candidate]:
        """List every image of the archive, sorted by its name there."""
        folder = (self._cache or cache_folder()) / f"drive-{self._id}"
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / "lock"):  # two builds may want the same archive
            members = self._members(folder)
        for name, path in members.items():
            key = name.encode("utf-8", "backslashreplace").decode()
            origin = f"https://drive.google.com/file/d/{self._id}"
            yield Candidate(source=self._name, key=key, path=path, licence=self._licence, origin=origin)

    def _members(self, folder: Path) -> dict[str, Path]:
        archive = folder / "archive"
        if not archive.exists() and not (folder / "images" / "members.json").exists():
            self._fetch(archive)
        members = unpack(archive, folder / "images")
        archive.unlink(missing_ok=True)
        return members

    def _fetch(self, archive: Path) -> None:
        import gdown

        download: Any = gdown.download
        with atomic_path(archive) as temporary:
            try:
                path = download(id=self._id, output=str(temporary), quiet=True)
            except Exception as error:  # gdown lets whatever its libraries raise through
                words = " ".join(str(error).split())
                raise SourceError(f"drive:{self._id}: {words}") from error
            if path is None:
                raise SourceError(f"drive:{self._id}: Google Drive did not give the file")
