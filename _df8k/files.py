"""Files that are either whole or absent, whatever kills the process."""

import errno
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from hashlib import file_digest, sha256
from itertools import islice
from pathlib import Path
from shutil import rmtree
from tempfile import gettempdir
from typing import IO
from uuid import uuid4

from filelock import FileLock, Timeout

from _df8k import system
from _df8k.store import remote

_TEMPORARY = ".tmp-"
_REMOVERS = 16
_BATCH = 4096


@contextmanager
def atomic_path(path: Path, *, durable: bool = True, listed: bool = True) -> Iterator[Path]:
    """Give a temporary path beside ``path``; on success its file is flushed and renamed to ``path``.

    For a path in a store it lies on this machine, and is uploaded, whole or not at all.

    Not ``durable`` leaves the flushing to the system: whole after a kill, perhaps empty after a power cut.
    Not ``listed`` leaves the folder's list of names to it: after a power cut the file is whole or absent.

    Raises:
        OSError: the folder cannot be written, or the disk is full; ``path`` is then as it was.
    """
    if (stored := remote(path)) is not None:
        with stored.uploading() as local:
            yield local
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    # Writers that choose a format by suffix need the suffix of the final name.
    temporary = path.with_name(f"{_TEMPORARY}{uuid4().hex}{path.suffix}")
    try:
        yield temporary
        if durable:
            flush(temporary)
        temporary.replace(path)
        if durable and listed:
            flush(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def atomic_file(path: Path) -> Iterator[IO[bytes]]:
    """Give a file to write; on success it is flushed and renamed to ``path``; see `atomic_path`."""
    with atomic_path(path) as temporary, temporary.open("xb") as file:
        yield file


@contextmanager
def only_writer(path: Path) -> Iterator[None]:
    """Hold an output against other processes of this machine; nothing is left beside it.

    Raises:
        BlockingIOError: another process writes there.
    """
    name = sha256(str(path.resolve()).encode()).hexdigest()[:32]
    lock = FileLock(Path(gettempdir()) / f"df8k-{system.user()}-{name}.lock", timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise BlockingIOError(
            errno.EWOULDBLOCK, "another process writes there: wait for it, or end it", str(path)
        ) from None
    try:
        yield
    finally:
        lock.release()


def write_bytes(path: Path, data: bytes | memoryview, *, durable: bool = True, listed: bool = True) -> None:
    """Write ``data`` to ``path``, whole or not at all; see `atomic_path`."""
    if (stored := remote(path)) is not None:
        stored.write_bytes(data)
        return
    with atomic_path(path, durable=durable, listed=listed) as temporary:
        temporary.write_bytes(data)


def write_text(path: Path, text: str, *, durable: bool = True) -> None:
    """Write ``text`` as UTF-8 with Unix line ends, whole or not at all; see `atomic_path`."""
    write_bytes(path, text.encode(), durable=durable)


def sha256_of(path: Path) -> str:
    """Hash a file in blocks; gives the SHA-256 in hexadecimal."""
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def remove_temporaries(folder: Path) -> None:
    """Delete what killed processes left in ``folder`` and below; only safe for the folder's single writer."""
    if remote(folder) is not None:
        return  # what is not whole never becomes an object
    for stray in folder.rglob(f"{_TEMPORARY}*"):
        stray.unlink(missing_ok=True)


def remove_folder(folder: Path) -> None:
    """Delete a folder of this machine or of a store, as far as it is there."""
    if (stored := remote(folder)) is not None:
        stored.remove_tree()
        return
    if folder.is_symlink():
        return  # what it leads to is not ours to empty
    # A disk takes its while for any file; of hundreds of thousands it removes many at a time.
    with ThreadPoolExecutor(_REMOVERS) as pool:
        files = (os.path.join(below, name) for below, _, names in os.walk(folder) for name in names)  # noqa: PTH118
        while batch := list(islice(files, _BATCH)):
            list(pool.map(_remove, batch))
    rmtree(folder, ignore_errors=True)


def _remove(path: str) -> None:
    with suppress(OSError):
        os.unlink(path)  # noqa: PTH108 - as text: there may be a million


def flush(path: Path) -> None:
    """Have the system write a file or folder to the disk; folders are left to Windows, which opens none."""
    if system.WINDOWS and path.is_dir():
        return
    descriptor = os.open(path, os.O_RDWR if system.WINDOWS else os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
