"""Local copies of a store's objects, bounded: what was used longest ago goes first."""

import os
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Final

from platformdirs import user_cache_path

_DEFAULT_BYTES: Final = 20 * 2**30
_KEPT: Final = 0.8  # of the bound, after it was passed


def cache_root() -> Path:
    """Give ``DF8K_CACHE``, else the user's cache folder."""
    stated = os.environ.get("DF8K_CACHE")
    return Path(stated) if stated else user_cache_path("df8k")


def object_cache() -> "BoundedCache":
    """Give the cache of objects: ``objects`` in `cache_root`, of ``DF8K_CACHE_BYTES``, else 20 GiB."""
    return _opened(cache_root() / "objects", int(os.environ.get("DF8K_CACHE_BYTES", _DEFAULT_BYTES)))


class BoundedCache:
    """Folder of files by hash, at most so many bytes in all."""

    def __init__(self, folder: Path, limit: int) -> None:
        """Set the folder and the bound in bytes."""
        self.folder, self._limit = folder, limit
        self._size: int | None = None

    def get(self, key: str, produce: Callable[[], bytes]) -> bytes:
        """Give the bytes under a key, from here or from ``produce``.

        Args:
            key: hexadecimal digits that tell the content from any other.
            produce: fetches it.
        """
        from _df8k.files import write_bytes

        path = self.folder / key[:2] / key
        try:
            data = path.read_bytes()
            os.utime(path)
        except FileNotFoundError:
            data = produce()
            if len(data) <= self._limit:
                write_bytes(path, data, durable=False)
                self._make_room(len(data))
        return data

    def _make_room(self, added: int) -> None:
        self._size = self._measured() if self._size is None else self._size + added
        if self._size <= self._limit:
            return
        files = sorted((entry.stat().st_mtime, entry) for entry in self.folder.glob("*/*"))
        self._size = self._measured()
        for _, path in files:
            if self._size <= _KEPT * self._limit:
                break
            self._size -= path.stat().st_size
            path.unlink(missing_ok=True)

    def _measured(self) -> int:
        return sum(path.stat().st_size for path in self.folder.glob("*/*"))


# Measured once by a process, not at every read.
_opened = cache(BoundedCache)
