"""One file over HTTP: resumed by range, tried again with growing pauses, from several mirrors, checked."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx
import tenacity

from .errors import SourceError
from .files import flush

_PARTIAL, _BAD_RANGE, _TOO_MANY = 206, 416, 429
_LONGEST_PAUSE_S: Final = 60.0
USER_AGENT: Final = "df8k (dataset builder; https://pypi.org/project/df8k)"


class _PassingError(Exception):
    """A failure that another attempt may mend; ``pause_s`` is the pause that the server asked for."""

    def __init__(self, message: str, pause_s: float = 0.0) -> None:
        super().__init__(message)
        self.pause_s = pause_s


@dataclass(frozen=True)
class Patience:
    """How long to try.

    Attributes:
        attempts: per mirror.
        pause_s: before the second attempt; doubles with each further one.
        timeout_s: silence of a server that counts as a failure.
    """

    attempts: int = 5
    pause_s: float = 1.0
    timeout_s: float = 30.0


def fetch(urls: Sequence[str], target: Path, *, checksum: str = "", patience: Patience | None = None) -> None:
    """Fetch a file; what an interrupted call left behind is continued, a file that is there is left alone.

    Args:
        urls: mirrors of the same file, tried in turn.
        target: final path; the bytes gather in ``target`` + ``.part``.
        checksum: ``md5:HEX`` or ``sha256:HEX``; empty when none is known.
        patience: see `Patience`.

    Raises:
        SourceError: no mirror gave the file; every mirror's failure is named.
        OSError: the folder cannot be written, or the disk is full.
    """
    if target.exists():
        return
    patience = patience or Patience()
    target.parent.mkdir(parents=True, exist_ok=True)
    failures = []
    for url in urls:
        try:
            _from_mirror(url, target, checksum, patience)
        except (_PassingError, httpx.HTTPError, httpx.InvalidURL) as error:
            failures.append(f"{url}: {error or type(error).__name__}")
        else:
            return
    raise SourceError("cannot fetch " + "; ".join(failures))


def _from_mirror(url: str, target: Path, checksum: str, patience: Patience) -> None:
    part = target.with_name(f"{target.name}.part")

    def pause(state: tenacity.RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        asked = error.pause_s if isinstance(error, _PassingError) else 0.0
        grown = patience.pause_s * 2.0 ** (state.attempt_number - 1)
        return float(min(_LONGEST_PAUSE_S, max(asked, grown)))

    for attempt in tenacity.Retrying(
        stop=tenacity.stop_after_attempt(patience.attempts),
        wait=pause,
        retry=tenacity.retry_if_exception_type((_PassingError, httpx.TransportError)),
        reraise=True,
    ):
        with attempt:
            _continue(url, part, patience.timeout_s)
            _check(part, checksum)
    flush(part)
    part.replace(target)
    _etag_of(part).unlink(missing_ok=True)


def _continue(url: str, part: Path, timeout_s: float) -> None:
    """Fetch what ``part`` lacks; the bytes of another version of the file are never joined to it."""
    done, etag = _state(part)
    headers = {"User-Agent": USER_AGENT, "Accept-Encoding": "identity"}
    if done:
        headers |= {"Range": f"bytes={done}-", "If-Range": etag}
    with httpx.stream("GET", url, headers=headers, timeout=timeout_s, follow_redirects=True) as reply:
        if reply.status_code == _BAD_RANGE:
            part.unlink(missing_ok=True)
            raise _PassingError("the server has fewer bytes than were fetched: it holds another file now")
        if reply.status_code == _TOO_MANY or reply.is_server_error:
            raise _PassingError(f"HTTP {reply.status_code}", _retry_after(reply))
        reply.raise_for_status()
        if reply.headers.get("content-type", "").startswith("text/html"):
            raise _PassingError("a web page came instead of the file")
        mode = "ab" if done and reply.status_code == _PARTIAL else "wb"
        _etag_of(part).write_text(reply.headers.get("etag", ""), encoding="utf-8")
        with part.open(mode) as file:
            for chunk in reply.iter_raw():  # as it comes: a gathered block would be lost with the connection
                file.write(chunk)


def _state(part: Path) -> tuple[int, str]:
    """Bytes that can be continued, and the ETag of their file; nothing can be without one."""
    etag = _etag_of(part).read_text(encoding="utf-8") if _etag_of(part).exists() else ""
    strong = etag and not etag.startswith("W/")
    return (part.stat().st_size if strong and part.exists() else 0), etag


def _etag_of(part: Path) -> Path:
    return part.with_name(f"{part.name}.etag")


def _check(part: Path, checksum: str) -> None:
    if not checksum:
        return
    algorithm, _, wanted = checksum.partition(":")
    with part.open("rb") as file:
        found = hashlib.file_digest(file, algorithm).hexdigest()
    if found != wanted:
        part.unlink()
        raise _PassingError(f"its {algorithm} is {found}, {wanted} was expected")


def _retry_after(reply: httpx.Response) -> float:
    stated = reply.headers.get("retry-after", "")
    return float(stated) if stated.isdigit() else 0.0
