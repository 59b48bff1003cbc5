"""Path in an object store: what the project uses of `pathlib.Path`, over fsspec, with patience."""

import errno
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import IO, Any, Final, Self, TypeVar
from uuid import uuid4

from _df8k.extras import naming_extras
from _df8k.patience import PassingError, Patience

T = TypeVar("T")

# Stores in which an object is whole or absent; elsewhere a temporary key is renamed.
_WHOLE: Final = frozenset({"s3", "s3a", "gs", "gcs", "az", "abfs", "abfss", "oci", "memory"})
_EXTRAS: Final = {"s3": "s3fs", "s3a": "s3fs", "gs": "gcsfs", "gcs": "gcsfs"}
# Another attempt changes nothing about these; whatever else a store's library raises may pass.
_LASTING: Final = (
    FileNotFoundError,
    FileExistsError,
    PermissionError,
    IsADirectoryError,
    NotADirectoryError,
    NotImplementedError,
    TypeError,
    ValueError,
)
# A store that restarts is waited for: three minutes.
_PATIENCE: Final = Patience(attempts=9, pause_s=0.5)


@dataclass(frozen=True, order=True)
class StorePath:
    """Address such as ``s3://bucket/folder``; requests that fail are made again, with growing pauses.

    Options of a store, such as its endpoint, come from the environment, as fsspec and its packages read them:
    ``AWS_ENDPOINT_URL``, ``FSSPEC_S3_ENDPOINT_URL``.

    Attributes:
        url: the address, without a slash at its end.
        listed: whether a listing named it, so that it need not be asked for again.
    """

    url: str
    listed: bool = field(default=False, compare=False, repr=False)

    def __str__(self) -> str:
        return self.url

    @property
    def _files(self) -> Any:
        scheme = self.url.partition("://")[0]
        with naming_extras(f"{self.url}"):
            try:
                import fsspec

                # A listing that is remembered would miss what other workers write.
                return fsspec.filesystem(scheme, use_listings_cache=False)
            except ImportError as error:
                raise ModuleNotFoundError(str(error), name=_EXTRAS.get(scheme, scheme)) from error
            except ValueError as error:
                raise OSError(errno.EINVAL, " ".join(str(error).split()), self.url) from error

    @property
    def key(self) -> str:
        """Address as the store's library wants it, without a scheme."""
        return str(self._files._strip_protocol(self.url))  # noqa: SLF001 - fsspec's name for it

    def _asked(self, work: Callable[[Any], T]) -> T:
        """Ask the store, again and again where it does not answer.

        Raises:
            OSError: it refuses, or did not answer for minutes.
        """
        files = self._files

        def ask() -> T:
            try:
                return work(files)
            except _LASTING:
                raise
            except Exception as error:
                if "NoCredentials" in type(error).__name__:
                    raise PermissionError(errno.EACCES, str(error), self.url) from error
                raise PassingError(" ".join(str(error).split()) or type(error).__name__) from error

        try:
            return _PATIENCE.retrying()(ask)
        except PassingError as error:
            message = f"the store does not answer ({error}): run the same command again when it does"
            raise OSError(errno.EIO, message, self.url) from error
        except FileNotFoundError as error:
            raise FileNotFoundError(errno.ENOENT, "there is no such object", self.url) from error

    @property
    def name(self) -> str:
        """Last part of the address."""
        return self.url.rpartition("/")[2]

    @property
    def suffix(self) -> str:
        """Ending of the name, with its dot."""
        return PurePosixPath(self.name).suffix

    @property
    def stem(self) -> str:
        """Name without its suffix."""
        return PurePosixPath(self.name).stem

    @property
    def parent(self) -> Self:
        """Folder of the object."""
        return type(self)(self.url.rpartition("/")[0])

    def joinpath(self, *names: str) -> Self:
        """Join names of deeper levels."""
        return type(self)("/".join((self.url, *names)))

    def __truediv__(self, name: object) -> Self:
        return self.joinpath(str(name))

    def with_name(self, name: str) -> Self:
        """Give an object beside this one."""
        return self.parent / name

    def with_suffix(self, suffix: str) -> Self:
        """Give the object of another suffix."""
        return self.with_name(self.stem + suffix)

    def relative_to(self, root: "StorePath") -> PurePosixPath:
        """Give the levels below ``root``.

        Raises:
            ValueError: it does not lie there.
        """
        if not self.is_relative_to(root):
            raise ValueError(f"{self} does not lie below {root}")
        return PurePosixPath(self.url[len(root.url) + 1 :])

    def is_relative_to(self, root: object) -> bool:
        """Tell whether it is ``root`` or lies below it."""
        return isinstance(root, StorePath) and f"{self.url}/".startswith(f"{root.url}/")

    def resolve(self) -> Self:
        """Give itself: stores have no links."""
        return self

    absolute = resolve

    def exists(self) -> bool:
        """Tell whether there is an object, or one below."""
        return self.listed or bool(self._asked(lambda files: files.exists(self.key)))

    def is_file(self) -> bool:
        """Tell whether there is an object."""
        return self.listed or bool(self._asked(lambda files: files.isfile(self.key)))

    def is_dir(self) -> bool:
        """Tell whether objects lie below."""
        return not self.listed and bool(self._asked(lambda files: files.isdir(self.key)))

    def stat(self) -> SimpleNamespace:
        """Ask for the size, ``st_size``."""
        return SimpleNamespace(st_size=int(self._asked(lambda files: files.info(self.key))["size"]))

    def iterdir(self) -> Iterator[Self]:
        """List what lies in the folder; nothing where there is none."""
        try:
            entries = self._asked(lambda files: files.ls(self.key, detail=True))
        except FileNotFoundError:
            return
        for entry in entries:
            name = str(entry["name"]).rstrip("/").rpartition("/")[2]
            if name and str(entry["name"]).rstrip("/") != self.key.rstrip("/"):
                yield type(self)(f"{self.url}/{name}", listed=entry["type"] == "file")

    def glob(self, pattern: str) -> Iterator[Self]:
        """List what lies in the folder and has a name of the pattern."""
        return (path for path in self.iterdir() if fnmatchcase(path.name, pattern))

    def rglob(self, pattern: str) -> Iterator[Self]:
        """List the objects below that have a name of the pattern."""
        root = self.key.rstrip("/")
        for key in self._asked(lambda files: files.find(root)):
            below = str(key)[len(root) :].lstrip("/")
            if fnmatchcase(below.rpartition("/")[2], pattern):
                yield type(self)(f"{self.url}/{below}", listed=True)

    def open(self, mode: str = "rb") -> IO[bytes]:
        """Open the object for reading, by ranges.

        Raises:
            OSError: another mode, no such object, or no answer.
        """
        if mode != "rb":
            raise OSError(
                errno.EINVAL, f"objects are read or written whole, not opened as {mode!r}", self.url
            )
        return self._asked(lambda files: files.open(self.key, "rb", block_size=1 << 20))

    def read_bytes(self, limit: int | None = None) -> bytes:
        """Read the object, or its first ``limit`` bytes."""
        return self._asked(lambda files: bytes(files.cat_file(self.key, start=0, end=limit)))

    def read_text(self, encoding: str = "utf-8") -> str:
        """Read the object as text."""
        return self.read_bytes().decode(encoding)

    def write_bytes(self, data: bytes | memoryview) -> None:
        """Write the object, whole or not at all, and look that it is there."""
        self._publish(lambda files, key: files.pipe_file(key, bytes(data)), len(data))

    @contextmanager
    def uploading(self) -> Iterator[Path]:
        """Give a path of this machine; on success its file becomes the object, whole or not at all."""
        with TemporaryDirectory(prefix="df8k-") as folder:
            path = Path(folder) / f"upload{self.suffix}"
            yield path
            self._publish(lambda files, key: files.put_file(str(path), key), path.stat().st_size)

    def _publish(self, write: Callable[[Any, str], Any], size: int) -> None:
        whole = self.url.partition("://")[0] in _WHOLE
        key = self.key if whole else f"{self.parent.key}/.tmp-{uuid4().hex}{self.suffix}"

        def work(files: Any) -> None:
            if not whole:
                files.makedirs(self.parent.key, exist_ok=True)
            write(files, key)
            stored = int(files.info(key)["size"])
            if stored != size:
                raise PassingError(f"{stored} of {size} bytes were stored")
            if not whole:
                files.mv(key, self.key)

        self._asked(work)

    def replace(self, target: "StorePath") -> None:
        """Move the object; it is copied by the store, and removed when the copy is there."""

        def work(files: Any) -> None:
            try:
                files.cp_file(self.key, target.key)
            except FileNotFoundError:
                if not files.exists(target.key):
                    raise  # else an attempt whose answer was lost has moved it
            else:
                files.rm_file(self.key)

        self._asked(work)

    def unlink(self, *, missing_ok: bool = False) -> None:
        """Remove the object."""
        try:
            self._asked(lambda files: files.rm_file(self.key))
        except FileNotFoundError:
            if not missing_ok:
                raise

    def remove_tree(self) -> None:
        """Remove everything below; nothing is no fault."""
        try:
            self._asked(lambda files: files.rm(self.key, recursive=True))
        except FileNotFoundError:
            return

    def mkdir(self, *, parents: bool = False, exist_ok: bool = False) -> None:
        """Do nothing: folders are names of objects."""
