"""One file over HTTP: resumed, checked, put in place in one step."""

import fcntl
import hashlib
import http.client
import os
import shutil
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from .errors import MetricError, UnavailableError

Progress = Callable[[int, int], None]
_CHUNK = 1 << 20
_ATTEMPTS = 4
_TIMEOUT_S = 30.0
_PARTIAL, _BAD_RANGE = 206, 416


@dataclass(frozen=True)
class Expected:
    """What the finished file must be: size in bytes and SHA-256 in hexadecimal."""

    size: int
    sha256: str


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def download(
    url: str,
    target: Path,
    expected: Expected,
    *,
    progress: Progress | None = None,
    pause_s: float = 1.0,
) -> None:
    """Fetch ``url`` to ``target``; what an interrupted call left behind is continued.

    The bytes gather in ``target`` + ``.part``; only a file of the expected size and hash gets its final name.
    Two processes that want the same file wait for each other.

    Args:
        url: an ``http://`` or ``https://`` address.
        target: final path; its folder is made.
        expected: size and hash of the whole file.
        progress: called with bytes so far and in all.
        pause_s: seconds before the second attempt; doubles with every further one.

    Raises:
        UnavailableError: the server cannot be reached, refuses, or keeps breaking off.
        MetricError: a scheme other than HTTP, too little space on the disk, or other bytes than expected.
    """
    if not url.startswith(("http://", "https://")):
        raise MetricError(f"weights come over http or https, not from {url!r}: copy a local file to {target}")
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + ".part")
    with _locked(target):
        if target.exists():  # another process was faster
            return
        _check_space(part, expected.size)
        for attempt in range(_ATTEMPTS):
            try:
                _continue(url, part, expected.size, progress)
                break
            except (OSError, http.client.HTTPException) as error:
                if attempt == _ATTEMPTS - 1 or _is_final(error):
                    raise UnavailableError(f"cannot fetch {url}: {_words(error)}") from error
                time.sleep(pause_s * 2**attempt)
        _check_bytes(url, part, expected)
        with part.open("rb") as file:
            os.fsync(file.fileno())
        part.replace(target)


@contextmanager
def _locked(target: Path) -> Iterator[None]:
    with target.with_name(target.name + ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _check_space(part: Path, size: int) -> None:
    missing = size - (part.stat().st_size if part.exists() else 0)
    free = shutil.disk_usage(part.parent).free
    if free < missing:
        raise MetricError(
            f"{part.parent} has {free / 1e6:.0f} MB free but {missing / 1e6:.0f} MB are to come: "
            "free some space or point DF8K_WEIGHTS elsewhere"
        )


def _continue(url: str, part: Path, size: int, progress: Progress | None) -> None:
    """Fetch what ``part`` lacks.

    Raises:
        OSError: the connection failed or broke off before ``size`` bytes were there.
    """
    done = part.stat().st_size if part.exists() else 0
    if done == size:
        return
    if done > size:
        part.unlink()
        done = 0
    request = urllib.request.Request(url, headers={"User-Agent": "df8k"})  # noqa: S310 - scheme is checked above
    if done:
        request.add_header("Range", f"bytes={done}-")
    try:
        reply = urllib.request.urlopen(request, timeout=_TIMEOUT_S)  # noqa: S310 - scheme is checked above
    except urllib.error.HTTPError as error:
        error.close()
        if error.code == _BAD_RANGE:
            part.unlink(missing_ok=True)
        raise
    with reply:
        # A server that ignores the range sends the whole file again, from its first byte.
        mode = "ab" if reply.status == _PARTIAL else "wb"
        done = done if mode == "ab" else 0
        with part.open(mode) as file:
            while chunk := reply.read(_CHUNK):
                file.write(chunk)
                done += len(chunk)
                if done > size:
                    raise MetricError(
                        f"{url} sends more than the {size} bytes it should: not the pinned file"
                    )
                if progress is not None:
                    progress(done, size)
    if done < size:
        raise ConnectionError(f"the connection ended after {done} of {size} bytes")


def _is_final(error: Exception) -> bool:
    """Whether asking again is pointless."""
    if isinstance(error, urllib.error.HTTPError):
        return 400 <= error.code < 500 and error.code not in {408, 416, 429}
    return False


def _words(error: Exception) -> str:
    if isinstance(error, urllib.error.HTTPError):
        return f"the server answers {error.code} {error.reason}"
    return str(getattr(error, "reason", error)) or type(error).__name__


def _check_bytes(url: str, part: Path, expected: Expected) -> None:
    found = sha256_of(part)
    if found != expected.sha256:
        part.unlink()
        raise MetricError(
            f"{url} gave a file with SHA-256 {found}, expected {expected.sha256}: it was removed; the file "
            "has changed at its source or was damaged on the way, try again later"
        )
