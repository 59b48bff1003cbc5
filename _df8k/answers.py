"""Tell the file that was asked for from what servers answer instead, for the moment, with a status of 200."""

from collections.abc import Iterator
from typing import Final

import httpx

from .patience import PassingError

_WHOLE: Final = frozenset({200, 203})
_PARTIAL: Final = 206
_PAGES: Final = frozenset({"text/html", "application/xhtml+xml"})
_UNPACKED: Final = frozenset({"gzip", "deflate"})  # by httpx, without further packages
_PACKED_FILES: Final = (".gz", ".tgz")
_LOOKED_AT: Final = 1024


def check_answer(reply: httpx.Response, done: int) -> bool:
    """Check by its head that an answer brings the file.

    Args:
        reply: with a status of success; its body is not read.
        done: bytes that are there already and were asked to be continued.

    Returns:
        whether it continues these bytes, rather than beginning anew.

    Raises:
        PassingError: it brings something else: a web page, another part, nothing yet.
    """
    media = reply.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media in _PAGES:
        raise PassingError("a web page came instead of the file")
    if reply.status_code in _WHOLE:
        return False
    begins = reply.headers.get("content-range", f"bytes {done}-").startswith(f"bytes {done}-")
    if reply.status_code != _PARTIAL or not done or not begins or _encoding(reply):
        raise PassingError(f"HTTP {reply.status_code}, which is not the file or the part that was asked for")
    return True


def pieces(reply: httpx.Response) -> Iterator[bytes]:
    """Read the body as it comes, without the compression that the server put on top of the file.

    Raises:
        PassingError: a compression that was not asked for and is not known, a web page, or nothing at all.
    """
    if encoding := _encoding(reply):
        if not set(encoding) <= _UNPACKED:
            raise PassingError(f"the answer is compressed as {', '.join(encoding)}, which was not asked for")
        body = reply.iter_bytes()
    else:
        body = reply.iter_raw()  # as it comes: a gathered block would be lost with the connection
    empty = True
    for piece in body:
        if empty and piece and _looks_like_a_page(piece):
            raise PassingError("a web page came instead of the file")
        empty = empty and not piece
        yield piece
    if empty:
        raise PassingError("an empty answer came")


def is_packed(reply: httpx.Response) -> bool:
    """Say whether the body differs from the file, so that lengths and parts of it say nothing."""
    return bool(_encoding(reply))


def _encoding(reply: httpx.Response) -> list[str]:
    """List the compressions on top of the file; an archive that is called one is meant to stay one."""
    if reply.url.path.lower().endswith(_PACKED_FILES):
        return []
    stated = reply.headers.get("content-encoding", "").lower().split(",")
    return [name.strip() for name in stated if name.strip() not in {"", "identity"}]


def _looks_like_a_page(piece: bytes) -> bool:
    start = piece[:_LOOKED_AT].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<?xml", b"<!--")):
        return b"<html" in start
    return start.startswith((b"<!doctype html", b"<html", b"<head", b"<body"))
