"""What a source offers."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Protocol

# Fetches a candidate's file to its path; reads no more bytes than its argument.
Fetch = Callable[[int], None]


@dataclass(frozen=True, kw_only=True, order=True, slots=True)
class Candidate:
    """File that may become an image of the dataset.

    A source only says where it is: whether it is fetched at all is decided in one place,
    `df8k.curation.obtain`, by the licence and the size that stand here.

    Attributes:
        source: name of the source.
        key: name within the source, stable between runs; for people only, it never enters an ID or a seed.
        path: where the bytes lie on this machine, or will lie once they are fetched.
        licence: licence as the source states it; empty when unknown.
        author: whom to credit; empty when unknown.
        origin: where the source had it from, a URL if there is one; empty when unknown.
        width: pixels, as the source states them; 0 when unknown.
        height: likewise.
        size: bytes, as the source states them; 0 when unknown.
        fetch: fetches the file to ``path``; ``None`` when it is there. Raises `SourceError` when that may
            succeed later, `GoneError` when it never will.
    """

    source: str
    key: str
    path: Path
    licence: str = ""
    author: str = ""
    origin: str = ""
    width: int = 0
    height: int = 0
    size: int = 0
    fetch: Fetch | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class SourceInfo:
    """Line of `df8k sources` on a kind of source.

    Attributes:
        spec: how it is called.
        obtained: how the images come.
        licence: where the licence of an image is taken from.
        known: what is known of an image's size before it is fetched.
    """

    spec: str
    obtained: str
    licence: str
    known: str


class Source(Protocol):
    """Iterable of candidates."""

    info: ClassVar[SourceInfo]

    def __iter__(self) -> Iterator[Candidate]:
        """List every candidate, each once."""
        ...
