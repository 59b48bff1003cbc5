"""Where photographs come from. A new source is one file here and one line in ``_SCHEMES``."""

from collections.abc import Iterable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from _df8k.store import remote
from df8k.errors import SourceError

from .archive import WebArchive
from .base import Candidate, Source, SourceInfo
from .drive import DriveArchive
from .local import LocalFolder

__all__ = [
    "Candidate",
    "DriveArchive",
    "LocalFolder",
    "Source",
    "SourceInfo",
    "WebArchive",
    "candidates",
    "known_sources",
    "open_source",
    "refuse_sources_inside",
]

# Scheme → module and class.
_SCHEMES = {
    "local": "local:LocalFolder",
    "archive": "archive:WebArchive",
    "drive": "drive:DriveArchive",
    "commons": "commons:Commons",
    "huggingface": "huggingface:HuggingFace",
    "openimages": "openimages:OpenImages",
    "urls": "urls:UrlList",
    "fsspec": "filesystem:FileSystemFolder",
}


def open_source(spec: str, **attribution: str) -> Source:
    """Open a source by its SPEC: ``scheme:rest``, ``scheme://…`` for fsspec, a bare path for a local folder.

    Args:
        spec: the SPEC.
        attribution: ``name`` of the source and ``licence`` of images that have none of their own.

    Raises:
        SourceError: unknown scheme, or the source does not exist.
    """
    scheme, colon, rest = spec.partition(":")
    if rest.startswith("//"):
        scheme, rest = "fsspec", spec
    if colon and scheme in _SCHEMES:
        source: Source = _source(scheme)(rest, **attribution)
        return source
    if colon and scheme.isalnum() and "/" not in scheme:
        raise SourceError(
            f"no source is called {scheme!r}: known are {', '.join(_SCHEMES)} and bare folder paths"
        )
    return LocalFolder(spec, **attribution)


def _source(scheme: str) -> Any:
    """Import the class of a scheme."""
    module, _, name = _SCHEMES[scheme].partition(":")
    return getattr(import_module(f".{module}", __name__), name)


def known_sources() -> list[SourceInfo]:
    """List what is known of each kind of source."""
    return [_source(scheme).info for scheme in _SCHEMES]


def refuse_sources_inside(out: Path, specs: Iterable[str]) -> None:
    """Refuse folders of photographs that lie in the folder of the dataset.

    A folder of the dataset inside of one of photographs is no fault: it is passed over.

    Raises:
        SourceError: a source is the folder of the dataset, or lies in it.
    """
    if (stored := remote(out)) is not None:
        for spec in specs:
            if f"{spec}/".startswith(f"{stored}/"):
                raise SourceError(
                    f"source {spec!r} lies inside {out}, where the build writes: give another --out"
                )
        return
    root = out.resolve()
    for spec in specs:
        folder = Path(spec)
        if folder.is_dir() and folder.resolve().is_relative_to(root):
            raise SourceError(
                f"source {spec!r} lies inside {out}, where the build writes: move it, or give another --out"
            )


def candidates(specs: list[str]) -> Iterator[Candidate]:
    """List every candidate of every source, in the order of the SPECs."""
    for spec in specs:
        yield from open_source(spec)
