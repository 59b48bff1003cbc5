"""Every file below a folder, once, and the stated rule about what is passed over."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from df8k.errors import SourceError
from df8k.images import SUFFIXES

from .cache import cache_folder
from .credits import FILE_NAME

# What a file system, an editor or a person puts beside photographs, and what describes them.
_DROPPINGS: Final = frozenset(("thumbs.db", "desktop.ini", "ehthumbs.db", "icon\r"))
# fmt: off
_BESIDE: Final = frozenset((
    ".aae", ".css", ".csv", ".htm", ".html", ".ini", ".json", ".jsonl", ".log", ".md", ".md5",
    ".parquet", ".py", ".rst", ".rtf", ".sh", ".sha1", ".sha256", ".thm", ".toml", ".tsv", ".txt",
    ".url", ".xml", ".xmp", ".yaml", ".yml",
))
# fmt: on
# A folder with one of these is a dataset, finished or being built: no photographs, and masks among them.
_DATASET: Final = ("df8k.json", ".build")


def is_passed_over(name: str) -> bool:
    """Tell whether a file beside photographs is none by its name, so that it gets no row of the manifest.

    Hidden files, droppings of file systems, credits and texts are; a file with an image's suffix never is,
    hidden ones apart, nor is one whose suffix says nothing.
    """
    suffix = os.path.splitext(name)[1].lower()  # noqa: PTH122 - a name, not a path
    return (
        name.startswith(".")
        or name.lower() in _DROPPINGS
        or name == FILE_NAME
        or (suffix in _BESIDE and suffix not in SUFFIXES)
    )


def files_below(root: Path) -> Iterator[Path]:
    """List the files below a folder that may be photographs, sorted by path.

    Linked folders are entered, each real folder once. Hidden folders, datasets of this project inside of the
    folder, and the cache of fetched files are passed over.

    Raises:
        SourceError: a folder cannot be listed.
    """
    seen = {root.resolve()}
    yield from sorted(_walk(root, seen, cache_folder().resolve()))


def _walk(folder: Path, seen: set[Path], cache: Path) -> Iterator[Path]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        raise SourceError(
            f"{folder} cannot be listed: {error.strerror}; move it, or let it be read"
        ) from error
    for entry in entries:
        path = Path(entry.path)
        if not entry.is_dir():
            if not is_passed_over(entry.name):
                yield path
            continue
        real = path.resolve()
        if entry.name.startswith(".") or real in seen or real == cache:
            continue
        seen.add(real)
        if not any((path / name).exists() for name in _DATASET):
            yield from _walk(path, seen, cache)


def unreadable(path: Path) -> str:
    """Say why a file cannot be read; empty where it can."""
    if not path.is_file():
        return "a link to nothing" if path.is_symlink() and not path.exists() else "no regular file"
    return "" if os.access(path, os.R_OK) else "its permissions do not let it be read"
