"""Private folder for files that pass to a command and back."""

import os
import shutil
import tempfile
import weakref
from contextlib import suppress
from pathlib import Path
from typing import Final

from _df8k import system

from .isolation.systems import check_system

_PREFIX: Final = "df8k-exchange-"
_ROOM: Final = 2 * 2**30  # three PNG files of 8192 x 8192 and as much again
_LOCK: Final = ".lock"


class Exchange:
    """Folder in memory, where the system has enough of it, that goes with its owner.

    Owners that were killed leave theirs behind: a lock, which the system releases at any death, tells those
    apart, and the next owner removes them.
    """

    def __init__(self) -> None:
        check_system()
        import fcntl

        parent = _parent()
        _sweep(parent)
        self.path = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=parent))
        # Renamed only once it is locked: a lock that nobody holds yet would look like that of the dead.
        self._lock = os.open(self.path / ".locking", os.O_CREAT | os.O_RDWR, 0o600)
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        (self.path / ".locking").rename(self.path / _LOCK)
        self._close = weakref.finalize(self, _remove, self.path, self._lock)

    def close(self) -> None:
        """Remove the folder."""
        self._close()


def _parent() -> Path:
    shared = system.SHARED_MEMORY
    roomy = os.access(shared, os.W_OK) and shutil.disk_usage(shared).free > _ROOM
    return shared if roomy else Path(tempfile.gettempdir())


def _remove(path: Path, lock: int) -> None:
    shutil.rmtree(path, ignore_errors=True)
    os.close(lock)


def _sweep(parent: Path) -> None:
    """Remove the folders of owners that are gone."""
    import fcntl  # Windows has none

    for lock in parent.glob(f"{_PREFIX}*/{_LOCK}"):
        with suppress(OSError):  # somebody else's, in use, or removed meanwhile
            descriptor = os.open(lock, os.O_RDWR)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(lock.parent, ignore_errors=True)
            finally:
                os.close(descriptor)
