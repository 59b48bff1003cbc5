"""Where photographs come from. A new source is one file here and one line in ``_SCHEMES``."""

from collections.abc import Iterator
from typing import Any

from df8k.errors import SourceError

from .archive import WebArchive
from .base import About, Candidate, Source
from .commons import Commons
from .drive import DriveArchive
from .filesystem import FileSystemFolder
from .huggingface import HuggingFace
from .local import LocalFolder
from .openimages import OpenImages
from .urls import UrlList

__all__ = [
    "About",
    "Candidate",
    "Commons",
    "DriveArchive",
    "FileSystemFolder",
    "HuggingFace",
    "LocalFolder",
    "OpenImages",
    "Source",
    "UrlList",
    "WebArchive",
    "candidates",
    "known_sources",
    "open_source",
]

_SCHEMES: dict[str, type[Any]] = {
    "local": LocalFolder,
    "archive": WebArchive,
    "drive": DriveArchive,
    "commons": Commons,
    "huggingface": HuggingFace,
    "openimages": OpenImages,
    "urls": UrlList,
    "fsspec": FileSystemFolder,
}


def open_source(spec: str, **attribution: str) -> Source:
    """Open a source by its SPEC: ``scheme:rest``, ``scheme://…`` for fsspec, a bare path for a local folder.

    Args:
        spec: the SPEC.
        attribution: ``name`` of the source and ``licence`` of pictures that have none of their own.

    Raises:
        SourceError: unknown scheme, or the source does not exist.
    """
    scheme, colon, rest = spec.partition(":")
    if rest.startswith("//"):
        scheme, rest = "fsspec", spec
    if colon and scheme in _SCHEMES:
        found: Source = _SCHEMES[scheme](rest, **attribution)
        return found
    if colon and scheme.isalnum() and "/" not in scheme:
        raise SourceError(
            f"no source is called {scheme!r}: known are {', '.join(_SCHEMES)} and bare folder paths"
        )
    return LocalFolder(spec, **attribution)


def known_sources() -> list[About]:
    """What there is to say of each kind of source."""
    return [source.about for source in _SCHEMES.values()]


def candidates(specs: list[str]) -> Iterator[Candidate]:
    """Every candidate of every source, in the order of the SPECs."""
    for spec in specs:
        yield from open_source(spec)
