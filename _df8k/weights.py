"""Store of learned weights: pinned by size and hash, found in known caches, fetched only when told to."""

import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from platformdirs import user_cache_path

from .archive import Archive, ArchiveError, extract
from .files import sha256_of

if TYPE_CHECKING:
    from .download import Progress


@dataclass(frozen=True, kw_only=True)
class WeightsEntry:
    """One file of weights.

    Attributes:
        name: what users type.
        filename: name in the store.
        size: bytes.
        sha256: of the file, in hexadecimal.
        licence: of the weights, with what is known of the data behind them.
        purpose: one line: what needs it.
        urls: where it can be fetched, tried in turn; empty for files that come with a package.
        aliases: names under which other libraries keep the same file in torch's cache.
        shipped: path of a file that comes with an installed package.
        archive: zip or tar file that holds the file, in place of ``urls``.
        member: path of the file in ``archive``.
    """

    name: str
    filename: str
    size: int
    sha256: str
    licence: str
    purpose: str
    urls: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    shipped: Path | None = None
    archive: Archive | None = None
    member: str = ""

    @property
    def source(self) -> "WeightsEntry | Archive":
        """File that is fetched: this one, or the archive that holds it."""
        return self if self.archive is None else self.archive


def _is_pinned(path: Path, size: int, sha256: str) -> bool:
    return path.is_file() and _has_bytes(path, size, sha256, path.stat().st_mtime_ns)


@cache
def _has_bytes(path: Path, size: int, sha256: str, _changed_ns: int) -> bool:
    """Say whether the file is the pinned one; hashed once a process unless it changes."""
    return path.stat().st_size == size and sha256_of(path) == sha256


class WeightStore:
    """Folders that hold weights, and the only place that fetches them.

    Files are looked for in the store's folder (``DF8K_WEIGHTS``, else the user's cache folder), then in the
    cache that torchvision, lpips and torch-fidelity share (``TORCH_HOME``, else ``~/.cache/torch``). A file
    counts only when size and SHA-256 are the pinned ones.

    Attributes:
        error: raised for wrong names and files.
        unavailable: raised for files that are not on this machine and cannot be fetched.
    """

    error: ClassVar[type[Exception]] = ValueError
    unavailable: ClassVar[type[Exception]] = ValueError

    def __init__(
        self,
        entries: Iterable[WeightsEntry],
        *,
        folder: Path | None = None,
        offline: bool | None = None,
        fetch: bool = False,
    ) -> None:
        """Open a store.

        Args:
            entries: files that it knows; names must differ.
            folder: in place of ``DF8K_WEIGHTS``.
            offline: never open a connection; by default the environment variable ``DF8K_OFFLINE`` decides.
            fetch: let `require` fetch what is absent; otherwise only an explicit `fetch` does.

        Raises:
            error: two entries of one name.
        """
        known = tuple(entries)
        self.entries = {entry.name: entry for entry in known}
        if len(self.entries) != len(known):
            raise self.error("two weights entries have the same name")
        configured = os.environ.get("DF8K_WEIGHTS")
        self.folder = folder or (Path(configured) if configured else user_cache_path("df8k") / "weights")
        self.offline = os.environ.get("DF8K_OFFLINE", "") not in {"", "0"} if offline is None else offline
        self._fetch_when_absent = fetch

    def entry(self, name: str) -> WeightsEntry:
        """Look an entry up.

        Raises:
            error: no such name; the message lists the known ones.
        """
        if name not in self.entries:
            raise self.error(f"no weights are called {name!r}; known: {', '.join(self.entries)}")
        return self.entries[name]

    def candidates(self, name: str) -> tuple[Path, ...]:
        """List the paths at which the file is looked for, in order."""
        entry = self.entry(name)
        if entry.shipped is not None:
            return (entry.shipped,)
        shared = _torch_cache()
        return (self.folder / entry.filename, *(shared / file for file in (entry.filename, *entry.aliases)))

    def find(self, name: str) -> Path | None:
        """Find the file where it is present with the pinned size and hash; ``None`` where it is not."""
        entry = self.entry(name)
        for path in self.candidates(name):
            if _is_pinned(path, entry.size, entry.sha256):
                return path
        return None

    def require(self, name: str) -> Path:
        """Find the file, fetched first where the store was opened to do so.

        Raises:
            unavailable: it is absent; the message says how to get it.
        """
        path = self.find(name)
        if path is not None:
            return path
        if self._fetch_when_absent and not self.offline:
            return self.fetch(name)
        entry = self.entry(name)
        wrong = [path for path in self.candidates(name) if path.is_file()]
        note = f"; {wrong[0]} is there but is not the pinned file" if wrong else ""
        raise self.unavailable(
            f"the weights {name!r} ({entry.size / 1e6:.1f} MB) are not on this machine{note}: run "
            f"'df8k weights fetch {name}', or put {entry.filename} into {self.folder}"
        )

    def fetch(self, name: str, *, progress: "Progress | None" = None) -> Path:
        """Fetch a file unless it is present; two processes that want the same file wait for each other.

        Args:
            name: of the entry.
            progress: called with bytes so far and in all.

        Raises:
            unavailable: offline, or no source can be reached.
            error: a source gives other bytes than the pinned ones, its archive does not hold the file, or the
                disk has too little space.
        """
        path = self.find(name)
        if path is not None:
            return path
        entry = self.entry(name)
        source = entry.source
        present = _is_pinned(self.folder / source.filename, source.size, source.sha256)
        if self.offline and not present:
            raise self.unavailable(
                f"offline: {name!r} is not fetched; put {source.filename} into {self.folder} "
                f"or unset DF8K_OFFLINE (source: {', '.join(source.urls)})"
            )
        if not source.urls:
            raise self.unavailable(
                f"{name!r} comes with a package and is not where it should be: reinstall it"
            )
        from filelock import FileLock

        self.folder.mkdir(parents=True, exist_ok=True)
        with FileLock(self.folder / f"{source.filename}.lock"):
            path = self.find(name)
            return path if path is not None else self._obtain(entry, progress)

    def _obtain(self, entry: WeightsEntry, progress: "Progress | None") -> Path:
        """Download what is absent, and extract the file where an archive holds it."""
        source, target = entry.source, self.folder / entry.filename
        path = self.folder / source.filename
        if not _is_pinned(path, source.size, source.sha256):
            self._download(source, progress)
        if entry.archive is not None:
            try:
                extract(path, entry.member, target, size=entry.size, sha256=entry.sha256)
            except ArchiveError as error:
                raise self.error(str(error)) from error
        return target

    def _download(self, entry: WeightsEntry | Archive, progress: "Progress | None") -> None:
        from .download import DownloadError, download

        target = self.folder / entry.filename
        target.unlink(missing_ok=True)  # it is not the pinned one
        self._check_space(target.with_name(f"{target.name}.part"), entry.size)
        try:
            download(
                entry.urls, target, checksum=f"sha256:{entry.sha256}", size=entry.size, progress=progress
            )
        except DownloadError as error:
            raise self._failure(*error.failures[0], target) from error

    def _check_space(self, partial: Path, size: int) -> None:
        missing = size - (partial.stat().st_size if partial.exists() else 0)
        free = shutil.disk_usage(self.folder).free
        if free < missing:
            raise self.error(
                f"{self.folder} has {free / 1e6:.0f} MB free but {missing / 1e6:.0f} MB are to come: "
                "free some space or point DF8K_WEIGHTS elsewhere"
            )

    def _failure(self, url: str, cause: Exception, target: Path) -> Exception:
        """Say of the first source, as users of weights need it, why it did not give the file."""
        import httpx

        from .download import WrongFileError

        refusal = cause.__cause__ or cause
        if isinstance(refusal, httpx.HTTPStatusError):
            reply = refusal.response
            return self.unavailable(
                f"cannot fetch {url}: the server answers {reply.status_code} {reply.reason_phrase}"
            )
        if isinstance(cause, (httpx.UnsupportedProtocol, httpx.InvalidURL)):
            return self.error(
                f"weights come over http or https, not from {url!r}: copy a local file to {target}"
            )
        if not isinstance(cause, WrongFileError):
            return self.unavailable(f"cannot fetch {url}: {cause or type(cause).__name__}")
        if cause.measure != "length":
            return self.error(
                f"{url} gave a file with SHA-256 {cause.actual}, expected {cause.expected}: it was removed; "
                "the file has changed at its source or was damaged on the way, try again later"
            )
        if int(cause.actual) < int(cause.expected):
            return self.unavailable(
                f"cannot fetch {url}: the connection ended after {cause.actual} of {cause.expected} bytes"
            )
        return self.error(f"{url} sends more than the {cause.expected} bytes it should: not the pinned file")


def _torch_cache() -> Path:
    """Folder that ``torch.hub`` downloads to, without importing torch."""
    cache_home = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    home = os.environ.get("TORCH_HOME") or f"{cache_home}/torch"
    return Path(home).expanduser() / "hub" / "checkpoints"
