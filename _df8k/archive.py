"""Files inside a package: one member of a pinned zip or tar archive, such as a wheel of the package index."""

import shutil
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from .files import flush, sha256_of


@dataclass(frozen=True, kw_only=True)
class Archive:
    """Zip or tar file of which other files are members; kept, so that the next member costs no download.

    Attributes:
        filename: name on disk.
        size: bytes.
        sha256: of the archive, in hexadecimal.
        urls: where it can be fetched, tried in turn.
    """

    filename: str
    size: int
    sha256: str
    urls: tuple[str, ...]


class ArchiveError(Exception):
    """Not an archive, no such member, or a member with other bytes than expected."""


def extract(archive: Path, member: str, target: Path, *, size: int, sha256: str) -> None:
    """Extract a member of an archive; it gets its final name once its bytes are the expected ones.

    Args:
        archive: a zip file, or a compressed tar file named ``.tgz``.
        member: path of the file in it.
        target: final path; the bytes gather in ``target`` + ``.part``.
        size: bytes that the member must have.
        sha256: hash that it must have, in hexadecimal.

    Raises:
        ArchiveError: not an archive, no such member, or other bytes than expected.
    """
    partial = target.with_name(f"{target.name}.part")
    try:
        with _opened(archive, member) as source, partial.open("wb") as file:
            shutil.copyfileobj(source, file, 1 << 20)
        actual = partial.stat().st_size, sha256_of(partial)
        if actual != (size, sha256):
            raise ArchiveError(
                f"{archive} holds a {member} of {actual[0]} bytes with SHA-256 {actual[1]}, expected {size} "
                f"bytes with {sha256}: the pinned archive and its member disagree"
            )
        flush(partial)
        partial.replace(target)
    except (KeyError, zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError) as error:
        raise ArchiveError(
            f"{archive} is no archive that holds {member} ({error}): remove it, then fetch again"
        ) from error
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def _opened(archive: Path, member: str) -> Iterator[IO[bytes]]:
    """Open a member to be read; a tar file is searched to it and no further."""
    if archive.suffix == ".tgz":
        with tarfile.open(archive, "r|gz") as tar:
            for entry in tar:
                if entry.name == member and entry.isfile():
                    source = tar.extractfile(entry)
                    if source is not None:
                        yield source
                        return
        raise KeyError(member)
    with zipfile.ZipFile(archive) as opened, opened.open(member) as source:
        yield source
