"""One file over HTTP: resumed by range, tried again with growing pauses, from several mirrors, checked."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import httpx

from df8k.errors import GoneError, SourceError
from df8k.files import flush

from .patience import PassingError, Patience, check_status, describe, user_agent

__all__ = ["LARGEST_BYTES", "Patience", "fetch"]

_PARTIAL, _BAD_RANGE = 206, 416
_GONE: Final = frozenset({404, 410, 451})
LARGEST_BYTES: Final = 1 << 40


class _WrongFileError(PassingError):
    """Another file came than the one that was described; so be it when every attempt brings it."""


class _TooLargeError(Exception):
    """More bytes than are wanted."""


def fetch(
    urls: Sequence[str],
    target: Path,
    *,
    checksum: str = "",
    size: int = 0,
    largest: int = LARGEST_BYTES,
    patience: Patience | None = None,
) -> None:
    """Fetch a file; what an interrupted call left behind is continued, a file that is there is left alone.

    Args:
        urls: mirrors of the same file, tried in turn.
        target: final path; the bytes gather in ``target`` + ``.part``.
        checksum: ``md5:HEX``, ``sha1:HEX`` or ``sha256:HEX``; empty when none is known.
        size: in bytes; 0 when it is not known.
        largest: bytes beyond which nothing is read: a larger ``Content-Length`` ends the request.
        patience: see `Patience`.

    Raises:
        GoneError: every mirror says that there is no such file, or holds another one.
        SourceError: no mirror gave the file; every mirror's failure is named.
        OSError: the folder cannot be written, or the disk is full.
    """
    if target.exists():
        return
    patience = patience or Patience()
    target.parent.mkdir(parents=True, exist_ok=True)
    failures: list[str] = []
    lasting = True
    for url in urls:
        try:
            _from_mirror(url, target, _Wanted(checksum, size, largest), patience)
        except _TooLargeError as error:
            raise GoneError(f"{url}: {error}", reason="size") from error
        except (PassingError, httpx.HTTPError, httpx.InvalidURL) as error:
            failures.append(f"{url}: {describe(error)}")
            lasting = lasting and _lasts(error)
        else:
            return
    message = "cannot fetch " + "; ".join(failures)
    raise GoneError(message, reason="fetch") if lasting else SourceError(message)


def _lasts(error: Exception) -> bool:
    if isinstance(error, httpx.HTTPStatusError):
        return error.response.status_code in _GONE
    return isinstance(error, (_WrongFileError, httpx.InvalidURL, httpx.UnsupportedProtocol))


class _Wanted:
    """What is known of a file before it is fetched."""

    def __init__(self, checksum: str, size: int, largest: int) -> None:
        self._checksum, self.size, self._largest = checksum, size, largest

    def admit(self, size: int) -> None:
        """Refuse a file that is too large, before or while it is read."""
        if size > self._largest:
            raise _TooLargeError(f"{size} bytes, at most {self._largest} wanted")

    def check(self, part: Path) -> None:
        """Compare length and hash of a fetched file with what was stated; delete it when they differ."""
        found, wanted = str(part.stat().st_size), str(self.size)
        if found == wanted or not self.size:
            algorithm, _, wanted = self._checksum.partition(":")
            if not algorithm:
                return
            with part.open("rb") as file:
                found = hashlib.file_digest(file, algorithm).hexdigest()
            if found == wanted:
                return
            what = algorithm
        else:
            what = "length"
        _discard(part)
        raise _WrongFileError(f"its {what} is {found}, {wanted} was expected")


def _from_mirror(url: str, target: Path, wanted: _Wanted, patience: Patience) -> None:
    part = target.with_name(f"{target.name}.part")
    wanted.admit(wanted.size)
    try:
        for attempt in patience.retrying():
            with attempt:
                _continue(url, part, wanted, patience.timeout_s)
                wanted.check(part)
    except _TooLargeError:
        _discard(part)
        raise
    flush(part)
    part.replace(target)
    _etag_of(part).unlink(missing_ok=True)


def _continue(url: str, part: Path, wanted: _Wanted, timeout_s: float) -> None:
    """Fetch what ``part`` lacks; the bytes of another version of the file are never joined to it."""
    done, etag = _state(part)
    headers = {"User-Agent": user_agent(), "Accept-Encoding": "identity"}
    if done:
        headers |= {"Range": f"bytes={done}-", "If-Range": etag}
    with httpx.stream("GET", url, headers=headers, timeout=timeout_s, follow_redirects=True) as reply:
        if reply.status_code == _BAD_RANGE:
            _discard(part)
            raise PassingError("the server has fewer bytes than were fetched: it holds another file now")
        check_status(reply)
        if reply.headers.get("content-type", "").startswith("text/html"):
            raise PassingError("a web page came instead of the file")
        continued = bool(done) and reply.status_code == _PARTIAL
        done = done if continued else 0
        stated = reply.headers.get("content-length", "")
        wanted.admit(done + int(stated) if stated.isdigit() else 0)
        _etag_of(part).write_text(reply.headers.get("etag", ""), encoding="utf-8")
        with part.open("ab" if continued else "wb") as file:
            for chunk in reply.iter_raw():  # as it comes: a gathered block would be lost with the connection
                done += len(chunk)
                wanted.admit(done)
                file.write(chunk)


def _state(part: Path) -> tuple[int, str]:
    """Bytes that can be continued, and the ETag of their file; nothing can be without one."""
    etag = _etag_of(part).read_text(encoding="utf-8") if _etag_of(part).exists() else ""
    strong = etag and not etag.startswith("W/")
    return (part.stat().st_size if strong and part.exists() else 0), etag


def _discard(part: Path) -> None:
    part.unlink(missing_ok=True)
    _etag_of(part).unlink(missing_ok=True)


def _etag_of(part: Path) -> Path:
    return part.with_name(f"{part.name}.etag")
