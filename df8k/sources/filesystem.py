"""Photographs in whatever fsspec opens: ``s3://``, ``gs://``, ``hf://``, ``https://`` and more."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, ClassVar, Final, TypeVar

from filelock import FileLock

from _df8k.files import flush
from _df8k.patience import PassingError
from df8k.errors import GoneError, SourceError
from df8k.images import SUFFIXES
from df8k.sources.download import Patience

from .base import Candidate, SourceInfo
from .credits import FILE_NAME, Credit, Row, match_credits, read_credits
from .options import whole
from .webfile import WebFile, stored_at

T = TypeVar("T")

# What tells one version of a file from the next, by the file systems' own names.
_VERSION: Final = ("size", "ETag", "etag", "mtime", "LastModified", "md5Hash", "blob_id", "created")
_BLOCK: Final = 1 << 20
_EXTRA: Final = {
    "s3": "s3",
    "s3a": "s3",
    "gs": "gcs",
    "gcs": "gcs",
    "http": "web",
    "https": "web",
}


class FileSystemFolder:
    """Every image file below a URL, and its ``CREDITS.csv`` as in a local folder."""

    info: ClassVar[SourceInfo] = SourceInfo(
        spec="s3://… gs://… hf://… https://…",
        obtained="files below an fsspec URL; s3, gs and https need df8k[s3], df8k[gcs], df8k[web]",
        licence="CREDITS.csv",
        known="bytes, where the file system lists them",
    )

    def __init__(
        self,
        spec: str,
        *,
        name: str = "filesystem",
        licence: str = "",
        cache: Path | None = None,
        patience: Patience | None = None,
    ) -> None:
        """Open the file system; nothing is listed before the first candidate is asked for.

        Raises:
            SourceError: fsspec does not know the scheme, or lacks the package for it.
        """
        import fsspec

        scheme = spec.partition("://")[0]
        try:
            self._files, self._root = fsspec.core.url_to_fs(spec)
        except (ImportError, ValueError) as error:
            extra = _EXTRA.get(scheme)
            remedy = f": pip install 'df8k[{extra}]'" if extra else ""
            raise SourceError(f"{spec}: {' '.join(str(error).split())}{remedy}") from error
        self._spec, self._name, self._licence, self._cache = spec, name, licence, cache
        self._patience = patience or Patience()
        self._web = scheme in {"http", "https"}

    def __iter__(self) -> Iterator[Candidate]:
        """List every file with the suffix of a known image format, sorted by its name."""
        listing = self._listing()
        root = self._root.rstrip("/")
        credit_file = f"{root}/{FILE_NAME}"
        rows: list[Row] = []
        if credit_file in listing:
            rows = read_credits(self._bytes(credit_file), f"{self._spec}/{FILE_NAME}")
        files = {
            path.removeprefix(root).lstrip("/") or PurePosixPath(path).name: path
            for path, info in sorted(listing.items())
            if PurePosixPath(path).suffix.lower() in SUFFIXES and info.get("type", "file") == "file"
        }
        stated = match_credits(rows, files, f"{self._spec}/{FILE_NAME}")
        for key, path in files.items():
            yield self._candidate(path, listing[path], key, stated.get(key, Credit()))

    def _candidate(self, path: str, info: dict[str, Any], key: str, credit: Credit) -> Candidate:
        size, url = whole(info.get("size")), str(self._files.unstrip_protocol(path))
        version = "|".join(str(info.get(name, "")) for name in _VERSION)
        cache, patience = self._cache, self._patience
        file: WebFile | FileSystemFile
        if self._web:  # HTTP has ranges and pauses of its own in `df8k.sources.download`
            file = WebFile(url=url, size=size, cache=cache, patience=patience)
        else:
            file = FileSystemFile(url=url, size=size, version=version, cache=cache, patience=patience)
        return Candidate(
            source=self._name,
            key=key,
            path=file.path,
            licence=credit.licence or self._licence,
            author=credit.author,
            origin=credit.origin or url,
            size=size,
            fetch=file,
        )

    def _listing(self) -> dict[str, dict[str, Any]]:
        def find() -> dict[str, dict[str, Any]]:
            listing: dict[str, dict[str, Any]] = self._files.find(self._root, detail=True)
            return listing

        listing = self._patiently(lambda: _asked(find))
        if not listing:
            raise SourceError(f"{self._spec}: there are no files")
        return listing

    def _bytes(self, path: str) -> bytes:
        return self._patiently(lambda: _asked(lambda: bytes(self._files.cat_file(path))))

    def _patiently(self, work: Callable[[], T]) -> T:
        try:
            return self._patience.retrying()(work)
        except PassingError as error:
            raise SourceError(f"{self._spec}: {error}") from error


@dataclass(frozen=True, kw_only=True)
class FileSystemFile:
    """Fetches one file through fsspec.

    Attributes:
        url: its address.
        size: bytes; 0 when not known.
        version: tells it from other files that had this address.
        cache: folder of fetched files; ``None`` for the user's.
        patience: see `_df8k.patience.Patience`.
    """

    url: str
    size: int = 0
    version: str = ""
    cache: Path | None = None
    patience: Patience | None = None

    @property
    def path(self) -> Path:
        """Path in the cache, once it is fetched."""
        return stored_at(self.cache, f"{self.url}|{self.size}|{self.version}")

    def __call__(self, largest: int) -> None:
        """Fetch it, whole or not at all.

        Raises:
            GoneError: it is not there, or larger than ``largest`` bytes.
            SourceError: it cannot be had now.
            OSError: the folder cannot be written, or the disk is full.
        """
        path = self.path
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f"{path.name}.part")
        with FileLock(path.parent / "lock"):  # two builds may want the same file
            if path.exists():
                return
            try:
                (self.patience or Patience()).retrying()(self._copy, partial, largest)
            except FileNotFoundError as error:
                raise GoneError(f"{self.url}: the file is gone", reason="fetch") from error
            except PassingError as error:
                raise SourceError(f"cannot fetch {self.url}: {error}") from error
            except GoneError:
                partial.unlink()
                raise
            flush(partial)
            partial.replace(path)

    def _copy(self, partial: Path, largest: int) -> None:
        import fsspec

        done = 0
        files, path = fsspec.core.url_to_fs(self.url)
        with _asked(lambda: files.open(path, "rb")) as remote, partial.open("wb") as local:
            while block := _asked(lambda: remote.read(_BLOCK)):
                done += len(block)
                if done > largest:
                    raise GoneError(f"{self.url}: more than {largest} bytes", reason="size")
                local.write(block)
        if self.size and done != self.size:
            raise PassingError(f"{done} bytes came, {self.size} are listed")


def _asked(work: Callable[[], T]) -> T:
    """Ask a file system; whatever its libraries raise may pass, but for a file that is not there."""
    try:
        return work()
    except FileNotFoundError:
        raise
    except Exception as error:
        raise PassingError(" ".join(str(error).split()) or type(error).__name__) from error
