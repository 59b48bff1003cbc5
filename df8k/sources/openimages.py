"""Original files of Open Images, by its list of images.

The columns are those of ``image_ids_and_rotation.csv`` and its parts
(https://storage.googleapis.com/openimages/web/download_v7.html).
"""

import csv
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import ClassVar, Final

from filelock import FileLock

from df8k.errors import SourceError
from df8k.sources.download import Patience, fetch

from .base import Candidate, SourceInfo
from .cache import cache_folder
from .options import RowSample, parse_options, whole
from .webfile import WebFile

_COLUMNS: Final = ("ImageID", "OriginalURL", "License", "Author")
_KEYS: Final = ("subset", *RowSample.KEYS)


class OpenImages:
    """Originals that a list names; the SPEC is a file or an address, with options after ``?``."""

    info: ClassVar[SourceInfo] = SourceInfo(
        spec="openimages:LIST.csv?subset=NAME&share=F&first=N",
        obtained="the originals' addresses in Open Images' list",
        licence="column License, for each picture",
        known="bytes, MD5",
    )

    def __init__(
        self,
        spec: str,
        *,
        name: str = "openimages",
        licence: str = "",
        cache: Path | None = None,
        patience: Patience | None = None,
    ) -> None:
        """Describe the list; nothing is fetched before the first candidate is asked for.

        Raises:
            SourceError: the SPEC is not one.
        """
        self._list, _, text = spec.partition("?")
        options = dict(parse_options(f"openimages:{spec}", text, _KEYS))
        self._subset = options.get("subset", "")
        self._sample = RowSample.of(f"openimages:{spec}", options)
        self._name, self._licence, self._cache, self._patience = name, licence, cache, patience

    def __iter__(self) -> Iterator[Candidate]:
        """List every original, in the order of the list."""
        path = self._file()
        try:
            with path.open(newline="", encoding="utf-8-sig") as file:
                reader = csv.DictReader(file)
                if missing := set(_COLUMNS) - set(reader.fieldnames or ()):
                    raise SourceError(f"openimages:{self._list}: it lacks {', '.join(sorted(missing))}")
                rows = (row for row in reader if self._subset in {"", row.get("Subset")})
                for row in self._sample.of_rows(rows, lambda row: row["ImageID"]):
                    yield self._candidate(row)
        except (csv.Error, UnicodeDecodeError) as error:
            raise SourceError(f"openimages:{self._list} cannot be read as CSV: {error}") from error

    def _file(self) -> Path:
        if not self._list.startswith(("http://", "https://")):
            path = Path(self._list)
            if not path.is_file():
                raise SourceError(f"openimages:{self._list}: there is no such file")
            return path
        folder = self._cache or cache_folder()
        folder /= f"openimages-{sha256(self._list.encode()).hexdigest()[:16]}"
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / "lock"):  # two builds may want the same list
            fetch([self._list], folder / "list.csv", patience=self._patience)
        return folder / "list.csv"

    def _candidate(self, row: dict[str, str]) -> Candidate:
        size = whole(row.get("OriginalSize"))
        checksum = _md5(row.get("OriginalMD5") or "")
        web = WebFile(
            url=row["OriginalURL"], checksum=checksum, size=size, cache=self._cache, patience=self._patience
        )
        return Candidate(
            source=self._name,
            key=row["ImageID"],
            path=web.path,
            licence=row["License"] or self._licence,
            author=row["Author"],
            origin=row.get("OriginalLandingURL") or row["OriginalURL"],
            size=size,
            fetch=web,
        )


def _md5(stated: str) -> str:
    """Turn the list's Base64 into a checksum; empty when it states none."""
    try:
        digest = b64decode(stated, validate=True)
    except Base64Error:
        return ""
    return f"md5:{digest.hex()}" if len(digest) == 16 else ""
