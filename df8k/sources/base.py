"""What a source offers."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, kw_only=True, order=True)
class Candidate:
    """A file that may become an image of the dataset.

    Attributes:
        source: name of the source.
        key: name within the source, stable between runs; for people only, it never enters an ID or a seed.
        path: where the bytes lie on this machine.
        licence: licence as the source states it; empty when unknown.
        author: whom to credit; empty when unknown.
        origin: where the source had it from, a URL if there is one; empty when unknown.
    """

    source: str
    key: str
    path: Path
    licence: str = ""
    author: str = ""
    origin: str = ""


class Source(Protocol):
    """An iterable of candidates."""

    def __iter__(self) -> Iterator[Candidate]:
        """Every candidate, each once."""
        ...
