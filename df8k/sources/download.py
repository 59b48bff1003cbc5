"""One file over HTTP for a source; `_df8k.download` fetches it."""

from collections.abc import Sequence
from pathlib import Path

from _df8k.download import LARGEST_BYTES, DownloadError, TooLargeError, download
from _df8k.patience import Patience
from df8k.errors import GoneError, SourceError

__all__ = ["LARGEST_BYTES", "Patience", "fetch"]


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
        patience: see `_df8k.patience.Patience`.

    Raises:
        GoneError: every mirror says that there is no such file, or holds another one.
        SourceError: no mirror gave the file; every mirror's failure is named.
        OSError: the folder cannot be written, or the disk is full.
    """
    patience = patience or Patience()
    try:
        download(urls, target, checksum=checksum, size=size, largest=largest, patience=patience)
    except TooLargeError as error:
        raise GoneError(str(error), reason="size") from error
    except DownloadError as error:
        raise (GoneError(str(error), reason="fetch") if error.lasting else SourceError(str(error))) from error
