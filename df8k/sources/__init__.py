"""Where photographs come from. A new source is one file here and one line in ``_SCHEMES``."""

from collections.abc import Callable, Iterator

from df8k.errors import SourceError

from .archive import WebArchive
from .base import Candidate, Source
from .drive import DriveArchive
from .local import LocalFolder

__all__ = ["Candidate", "DriveArchive", "LocalFolder", "Source", "WebArchive", "candidates", "open_source"]

_SCHEMES: dict[str, Callable[..., Source]] = {
    "archive": WebArchive,
    "drive": DriveArchive,
    "local": LocalFolder,
}


def open_source(spec: str, **attribution: str) -> Source:
    """Open a source by its SPEC: ``scheme:rest``, or a bare path for a local folder.

    Args:
        spec: the SPEC.
        attribution: ``name`` of the source and ``licence`` of pictures that have none of their own.

    Raises:
        SourceError: unknown scheme, or the source does not exist.
    """
    scheme, colon, rest = spec.partition(":")
    if colon and scheme in _SCHEMES:
        return _SCHEMES[scheme](rest, **attribution)
    if colon and scheme.isalnum() and "/" not in scheme:
        raise SourceError(
            f"no source is called {scheme!r}: known are {', '.join(_SCHEMES)} and bare folder paths"
        )
    return LocalFolder(spec, **attribution)


def candidates(specs: list[str]) -> Iterator[Candidate]:
    """Every candidate of every source, in the order of the SPECs."""
    for spec in specs:
        yield from open_source(spec)
