"""Unpack the image files of an archive, and nothing else, into one folder."""

import gzip
import json
import lzma
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path, PurePosixPath
from shutil import copyfileobj
from typing import IO, Final

from _df8k.bounded import read_limited
from _df8k.files import atomic_path, remove_temporaries, write_text
from df8k.errors import SourceError
from df8k.images import SUFFIXES

_LIST: Final = "members.json"
# A file beyond it is no photograph: 256 megapixels of 16-bit RGB are 1.5 GB.
_LARGEST: Final = 1_600_000_000
# Photographs are compressed already: what grows more than this in all, beyond a gigabyte, is a bomb.
_GROWTH: Final = 20
_HARMLESS: Final = 1_000_000_000
_BLOCK: Final = 1 << 20
# Whatever the readers meet damage with.
_DAMAGE: Final = (
    zipfile.BadZipFile,
    tarfile.TarError,
    gzip.BadGzipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    NotImplementedError,
    RuntimeError,
    LookupError,
    OverflowError,
    UnicodeError,
    struct.error,
)


def unpack(archive: Path, folder: Path) -> dict[str, Path]:
    """Unpack the images of a zip or tar archive; files that are there already are left alone.

    A member is stored under the hash of its name, so that no name can lead out of the folder, clash with the
    file system's rules or be too long. Links, devices and files that are no images by their suffix are passed
    over.

    Args:
        archive: the file.
        folder: where the images go; created when absent.

    Returns:
        member name → file, sorted by name.

    Raises:
        SourceError: not an archive, damaged, or a bomb: a member claims to be larger than any photograph, or
            all together grow beyond what photographs can.
        OSError: the folder cannot be written, or the disk is full.
    """
    listed = folder / _LIST
    if listed.exists():
        return {name: folder / stored_name(name) for name in _listed(listed)}
    folder.mkdir(parents=True, exist_ok=True)
    remove_temporaries(folder)
    members: dict[str, Path] = {}
    try:
        allowed = max(_HARMLESS, _GROWTH * archive.stat().st_size)
        for name, content in _members(archive, allowed):
            path = folder / stored_name(name)
            if not path.exists():
                _write(path, content)
            members[name] = path
    except _DAMAGE as error:
        raise SourceError(
            f"{archive} is damaged or no archive: {error}; {len(members)} images were read before. Delete it "
            "to fetch it again"
        ) from error
    write_text(listed, json.dumps(sorted(members)))
    return dict(sorted(members.items()))


def _listed(path: Path) -> list[str]:
    try:
        names: object = json.loads(read_limited(path, SourceError))  # names may hold what is no Unicode
    except (ValueError, RecursionError) as error:
        raise SourceError(f"{path} is damaged: {error}; delete the folder") from error
    if not isinstance(names, list) or not all(isinstance(name, str) and _is_name(name) for name in names):
        raise SourceError(f"{path} is damaged: it is no list of names; delete the folder")
    return names


def _is_name(name: str) -> bool:
    """Tell whether a member can be called so: bytes that are no UTF-8 are escaped, half a pair is nothing."""
    try:
        name.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return False
    return True


def stored_name(name: str) -> str:
    """Name the file under which a member is stored."""
    digest = sha256(name.encode("utf-8", "surrogateescape")).hexdigest()[:32]
    return digest + PurePosixPath(name).suffix.lower()


def _write(path: Path, content: IO[bytes]) -> None:
    with atomic_path(path) as temporary, temporary.open("wb") as file:
        copyfileobj(content, file)


def _members(archive: Path, allowed: int) -> Iterator[tuple[str, IO[bytes]]]:
    """List name and content of each image; ``allowed`` bytes in all."""
    with _opened(archive) as opened:
        if isinstance(opened, zipfile.ZipFile):
            images = [entry for entry in opened.infolist() if _is_image_file(entry)]
            for entry in images:
                _refuse_large(entry.filename, entry.file_size)
            _allow(archive, sum(entry.file_size for entry in images), allowed)
            for entry in images:
                with opened.open(entry) as content:
                    yield entry.filename, content
            return
        total = 0
        for member in opened:
            total += member.size  # what is passed over is decompressed all the same
            _allow(archive, total, allowed)
            if _is_image(member.name):
                _refuse_large(member.name, member.size)
            file = opened.extractfile(member) if member.isreg() and _is_image(member.name) else None
            if file is not None:
                yield member.name, file
        _check_end(opened)


def _check_end(opened: tarfile.TarFile) -> None:
    """Refuse a tar that ends without its end mark, or goes on behind it: tarfile stops there without a word.

    Raises:
        tarfile.ReadError: a header is damaged, the archive is cut between members, or one is overwritten.
    """
    stream = opened.fileobj
    stream.seek(opened.offset)
    block = stream.read(tarfile.BLOCKSIZE)
    if len(block) < tarfile.BLOCKSIZE:
        raise tarfile.ReadError(f"it is cut: it ends at byte {opened.offset} without the mark of an end")
    while block:
        if block.count(0) != len(block):
            raise tarfile.ReadError(f"what follows byte {opened.offset} is neither a file nor the end")
        block = stream.read(_BLOCK)


def _refuse_large(name: str, size: int) -> None:
    if size > _LARGEST:
        raise SourceError(f"{name!r} claims {size / 1e9:.1f} GB, more than any photograph: a bomb?")


def _allow(archive: Path, total: int, allowed: int) -> None:
    if total > allowed:
        raise SourceError(
            f"{archive} unpacks to more than {allowed / 1e9:.1f} GB, {_GROWTH} times its size: a bomb?"
        )


def _is_image_file(entry: zipfile.ZipInfo) -> bool:
    regular = not entry.is_dir() and not stat.S_ISLNK(entry.external_attr >> 16)
    return regular and _is_image(entry.filename)


@contextmanager
def _opened(archive: Path) -> Iterator[zipfile.ZipFile | tarfile.TarFile]:
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as opened:
            yield opened
    else:
        with tarfile.open(archive) as opened:
            yield opened


def _is_image(name: str) -> bool:
    path = PurePosixPath(name)
    # macOS adds a shadow of each file, with the file's suffix.
    return path.suffix.lower() in SUFFIXES and not path.name.startswith("._")
