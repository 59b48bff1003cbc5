"""Where photographs come from. A new source is one file here and one line in ``_SCHEMES``."""

from collections.abc import Callable, Iterator

from df8k.errors import SourceError

from .base import Candidate, Source
from .local import LocalFolder

__all__ = ["Candidate", "LocalFolder", "Source", "candidates", "open_source"]

_SCHEMES: dict[str, Callable[[str], Source]] = {"local": LocalFolder}


def open_source(spec: str) -> Source:
    """Open a source by its SPEC: ``scheme:rest``, or a bare path for a local folder.

    Raises:
        SourceError: unknown scheme, or the source does not exist.
    """
    scheme, colon, rest = spec.partition(":")
    if colon and scheme in _SCHEMES:
        return _SCHEMES[scheme](rest)
    if colon and scheme.isalnum() and "/" not in scheme:
        raise SourceError(
            f"no source is called {scheme!r}: known are {', '.join(_SCHEMES)} and bare folder paths"
        )
    return LocalFolder(spec)


def candidates(specs: list[str]) -> Iterator[Candidate]:
    """Every candidate of every source, in the order of the SPECs."""
    for spec in specs:
        yield from open_source(spec)
