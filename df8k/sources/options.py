"""The part of a SPEC after ``?``, and the rows that it takes of a long list."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar
from urllib.parse import parse_qsl

from df8k.errors import SourceError
from df8k.identity import keyed_hash

Row = TypeVar("Row")


def parse_options(spec: str, text: str, known: Iterable[str]) -> list[tuple[str, str]]:
    """Read ``key=value&key=value``; ``%26`` stands for ``&`` and ``%2B`` for ``+`` within a value.

    Args:
        spec: the whole SPEC, for the message.
        text: its options.
        known: keys that the source has.

    Raises:
        SourceError: an unknown key, or no ``key=value``.
    """
    try:
        pairs = parse_qsl(text, keep_blank_values=True, strict_parsing=bool(text))
    except ValueError as error:
        raise SourceError(f"{spec}: expected key=value&key=value, found {text!r}") from error
    for key, value in pairs:
        if key not in known:
            raise SourceError(f"{spec}: no option is called {key!r}: known are {', '.join(known)}")
        if not value.strip():
            raise SourceError(f"{spec}: {key} is empty")
    return pairs


@dataclass(frozen=True)
class RowSample:
    """Rows of a long list that are taken.

    Attributes:
        share: fraction of the rows, by a hash of their key: it takes the same rows when the list has grown.
        first: stop after this many; 0 for never.
    """

    share: float = 1.0
    first: int = 0

    KEYS = ("first", "share")

    @classmethod
    def of(cls, spec: str, options: dict[str, str]) -> "RowSample":
        """Read the options ``first`` and ``share``.

        Raises:
            SourceError: not a positive number, or a share above 1.
        """
        try:
            sample = cls(share=float(options.get("share", 1)), first=int(options.get("first", 0)))
        except ValueError as error:
            raise SourceError(f"{spec}: first is a whole number, share one up to 1") from error
        if not 0 < sample.share <= 1 or sample.first < 0 or options.get("first") == "0":
            raise SourceError(f"{spec}: first is at least 1, share above 0 and at most 1")
        return sample

    def holds(self, key: str) -> bool:
        """Tell whether the row of a key is taken."""
        return self.share == 1 or int(keyed_hash("sample", key)[:13], 16) < self.share * 16**13

    def of_rows(self, rows: Iterable[Row], key: Callable[[Row], str]) -> Iterator[Row]:
        """Take rows of a list."""
        taken = (row for row in rows if self.holds(key(row)))
        return islice(taken, self.first) if self.first else iter(taken)


def whole(text: object) -> int:
    """Read a whole number that a list states; 0, which means unknown, for anything else."""
    stated = str(text).strip()
    return int(stated) if stated.isascii() and stated.isdigit() and len(stated) < 16 else 0
