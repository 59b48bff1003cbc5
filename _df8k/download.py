"""Files over HTTP: resumed by range, tried again with growing pauses, from several mirrors, verified."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx

from .answers import check_answer, is_packed, pieces
from .files import flush
from .patience import PassingError, Patience, check_status, describe, user_agent

Progress = Callable[[int, int], None]
LARGEST_BYTES: Final = 1 << 40
_BAD_RANGE = 416
_GONE: Final = frozenset({404, 410, 451})


class DownloadError(Exception):
    """No mirror gave the file.

    Attributes:
        failures: address and failure of every mirror, in the order in which they were tried.
        lasting: every mirror says that there is no such file, or holds another one.
    """

    def __init__(self, failures: Sequence[tuple[str, Exception]]) -> None:
        self.failures = tuple(failures)
        self.lasting = all(_lasts(error) for _, error in failures)
        super().__init__("cannot fetch " + "; ".join(f"{url}: {describe(error)}" for url, error in failures))


class TooLargeError(Exception):
    """Refusal of a file with more bytes than the caller accepts; no further mirror is asked."""


class WrongFileError(PassingError):
    """Arrival of another file than the one described; so be it when every attempt brings it.

    Attributes:
        measure: what differs: ``length``, or the name of the hash.
        actual: of the file that came.
        expected: of the file that was described.
    """

    def __init__(self, measure: str, actual: str, expected: str) -> None:
        super().__init__(f"its {measure} is {actual}, {expected} was expected")
        self.measure, self.actual, self.expected = measure, actual, expected


@dataclass(frozen=True)
class _Description:
    """Facts about a file before it is fetched; an empty hash and a size of 0 are not known."""

    checksum: str
    size: int
    largest: int

    @property
    def pinned(self) -> bool:
        """Say whether the finished file proves itself, so that parts of unknown origin may be continued."""
        return bool(self.checksum and self.size)

    def admit(self, size: int) -> None:
        """Refuse a file that is too large, before or while it is read."""
        if size > self.largest:
            raise TooLargeError(f"{size} bytes, at most {self.largest} wanted")
        if self.size and size > self.size:
            raise WrongFileError("length", str(size), str(self.size))

    def check(self, partial: Path) -> None:
        """Compare length and hash of a fetched file with the description."""
        length = partial.stat().st_size
        if self.size and length != self.size:
            raise WrongFileError("length", str(length), str(self.size))
        algorithm, _, expected = self.checksum.partition(":")
        if not algorithm:
            return
        with partial.open("rb") as file:
            actual = hashlib.file_digest(file, algorithm).hexdigest()
        if actual != expected:
            raise WrongFileError(algorithm, actual, expected)


def download(
    urls: Sequence[str],
    target: Path,
    *,
    checksum: str = "",
    size: int = 0,
    largest: int = LARGEST_BYTES,
    patience: Patience | None = None,
    progress: Progress | None = None,
) -> None:
    """Fetch a file; a part that an interrupted call left is continued, a finished file is left alone.

    A part is continued where the server's ETag shows that it belongs to the same file, or where size and hash
    are known and will show it.

    Args:
        urls: mirrors of the same file, tried in turn.
        target: final path; the bytes gather in ``target`` + ``.part``.
        checksum: ``md5:HEX``, ``sha1:HEX`` or ``sha256:HEX``; empty when none is known.
        size: in bytes; 0 when it is not known.
        largest: bytes beyond which nothing is read: a larger ``Content-Length`` ends the request.
        patience: see `Patience`.
        progress: called with the bytes so far and in all, 0 in all when the size is not known.

    Raises:
        TooLargeError: the file is larger than ``largest``; the message begins with the address.
        DownloadError: no mirror gave the file; every mirror's failure is named.
        OSError: the folder cannot be written, or the disk is full.
    """
    if target.exists():
        return
    patience = patience or Patience()
    target.parent.mkdir(parents=True, exist_ok=True)
    failures: list[tuple[str, Exception]] = []
    for url in urls:
        try:
            _from_mirror(url, target, _Description(checksum, size, largest), patience, progress)
        except TooLargeError as error:
            raise TooLargeError(f"{url}: {error}") from error
        except (PassingError, httpx.HTTPError, httpx.InvalidURL) as error:
            failures.append((url, error))
        else:
            return
    raise DownloadError(failures)


def _lasts(error: Exception) -> bool:
    if isinstance(error, httpx.HTTPStatusError):
        return error.response.status_code in _GONE
    return isinstance(error, (WrongFileError, httpx.InvalidURL, httpx.UnsupportedProtocol))


def _from_mirror(
    url: str, target: Path, description: _Description, patience: Patience, progress: Progress | None
) -> None:
    partial = target.with_name(f"{target.name}.part")
    description.admit(description.size)
    for attempt in patience.retrying():
        with attempt:
            try:
                _continue(url, partial, description, patience.timeout_s, progress)
                description.check(partial)
            except (TooLargeError, WrongFileError):
                _discard(partial)
                raise
    flush(partial)
    partial.replace(target)
    _etag_of(partial).unlink(missing_ok=True)


def _continue(
    url: str, partial: Path, description: _Description, timeout_s: float, progress: Progress | None
) -> None:
    """Fetch the bytes that ``partial`` lacks; another version's are never joined to it unseen."""
    done, etag = _state(partial, description)
    if description.pinned and done == description.size:
        return
    headers = {"User-Agent": user_agent(), "Accept-Encoding": "identity"}
    if done:
        headers |= {"Range": f"bytes={done}-"} | ({"If-Range": etag} if etag else {})
    with httpx.stream("GET", url, headers=headers, timeout=timeout_s, follow_redirects=True) as reply:
        if reply.status_code == _BAD_RANGE:
            _discard(partial)
            raise PassingError("the server has fewer bytes than were fetched: it holds another file now")
        check_status(reply)
        continued = check_answer(reply, done)
        done = done if continued else 0
        stated = "" if is_packed(reply) else reply.headers.get("content-length", "")
        description.admit(done + int(stated) if stated.isdigit() else 0)
        etag = "" if is_packed(reply) else reply.headers.get("etag", "")
        _etag_of(partial).write_text(etag, encoding="utf-8")
        with partial.open("ab" if continued else "wb") as file:
            for chunk in pieces(reply):
                done += len(chunk)
                description.admit(done)
                file.write(chunk)
                if progress is not None:
                    progress(done, description.size)


def _state(partial: Path, description: _Description) -> tuple[int, str]:
    """Bytes that can be continued, and the strong ETag of their file, if any."""
    etag = _etag_of(partial).read_text(encoding="utf-8") if _etag_of(partial).exists() else ""
    etag = "" if etag.startswith("W/") else etag
    if not partial.exists() or not (etag or description.pinned):
        return 0, ""
    length = partial.stat().st_size
    if description.pinned and length > description.size:
        _discard(partial)
        return 0, ""
    return length, etag


def _discard(partial: Path) -> None:
    partial.unlink(missing_ok=True)
    _etag_of(partial).unlink(missing_ok=True)


def _etag_of(partial: Path) -> Path:
    return partial.with_name(f"{partial.name}.etag")
