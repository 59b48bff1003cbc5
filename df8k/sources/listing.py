"""Lists that come page by page, kept: neither an interrupted nor a later build asks for a page twice."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from filelock import FileLock

from _df8k.files import remove_temporaries, write_text


class Page(NamedTuple):
    """Page of a list.

    Attributes:
        rows: its rows; JSON.
        following: what the next page is asked for with; ``None`` after the last. JSON.
    """

    rows: list[dict[str, Any]]
    following: Any


def listed(folder: Path, ask: Callable[[Any], Page]) -> Iterator[dict[str, Any]]:
    """Read the rows of every page.

    A list that was read once stays as it is, and with it the dataset that is built from it; to ask anew,
    delete the folder.

    Args:
        folder: of the pages.
        ask: gives the page for what the page before names as following, the first for ``None``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    following: Any = None
    number = 0
    while number == 0 or following is not None:
        path = folder / f"page-{number:06d}.json"
        with FileLock(folder / "lock"):  # two builds may want the same list
            if not path.exists():
                remove_temporaries(folder)
                write_text(path, json.dumps(ask(following)))
            rows, following = json.loads(path.read_text(encoding="utf-8"))
        yield from rows
        number += 1
