"""Photographs in a zip or tar archive on the web."""

import re
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import ClassVar, Final

from filelock import FileLock

from df8k.errors import SourceError
from df8k.sources.download import Patience, fetch

from .base import Candidate, SourceInfo
from .cache import cache_folder
from .unpack import unpack

_CHECKSUM: Final = re.compile(r"(md5:[0-9a-f]{32}|sha256:[0-9a-f]{64})")


class WebArchive:
    """Image files of an archive, fetched once into the cache.

    The SPEC is ``archive:URL``, then more mirrors after ``|``, then ``#md5:HEX`` or ``#sha256:HEX``.
    """

    info: ClassVar[SourceInfo] = SourceInfo(
        spec="archive:URL|MIRROR#md5:HEX",
        obtained="zip or tar archive, continued by range, unpacked into the cache",
        licence="the recipe's",
        known="nothing; the archive comes whole",
    )

    def __init__(
        self,
        spec: str,
        *,
        name: str = "archive",
        licence: str = "",
        cache: Path | None = None,
        patience: Patience | None = None,
    ) -> None:
        """Describe the archive; nothing is fetched before the first candidate is asked for.

        Raises:
            SourceError: the SPEC is not one.
        """
        mirrors, _, checksum = spec.partition("#")
        self._urls = mirrors.split("|")
        if not all(url.startswith(("http://", "https://")) for url in self._urls):
            raise SourceError(f"archive:{spec}: expected archive:https://…, more mirrors after |")
        if checksum and not _CHECKSUM.fullmatch(checksum):
            raise SourceError(f"archive:{spec}: after #, expected md5:HEX or sha256:HEX, found {checksum!r}")
        self._checksum, self._name, self._licence, self._patience = checksum, name, licence, patience
        self._cache = cache

    def __iter__(self) -> Iterator[Candidate]:
        """List every image of the archive, sorted by its name there."""
        folder = (self._cache or cache_folder()) / sha256("|".join(self._urls).encode()).hexdigest()[:16]
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / "lock"):  # two builds may want the same archive
            members = self._members(folder)
        for name, path in members.items():
            key = name.encode("utf-8", "backslashreplace").decode()
            yield Candidate(
                source=self._name, key=key, path=path, licence=self._licence, origin=self._urls[0]
            )

    def _members(self, folder: Path) -> dict[str, Path]:
        archive = folder / "archive"
        if not (folder / "images" / "members.json").exists():
            fetch(self._urls, archive, checksum=self._checksum, patience=self._patience)
        members = unpack(archive, folder / "images")
        archive.unlink(missing_ok=True)  # the images are there, and the archive is as large again
        return members
