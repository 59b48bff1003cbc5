"""Measure peak memory by the kernel's own counters, so that no moment between two looks is missed."""

import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil

from _df8k import system


class MemoryPeak:
    """Peak of resident memory from its creation on; made before the calls that count.

    Args:
        descendants: whether the processes that this one started count too. Peaks of several processes are
            added, though they need not coincide.
    """

    def __init__(self, *, descendants: bool = False) -> None:
        self._descendants = descendants
        self._earlier = self._total("VmHWM")
        self._before = self._total("VmRSS") if self._reset() else None

    def highest_bytes(self) -> int | None:
        """Read the highest resident memory since the processes began; ``None`` where no system tells."""
        known = [peak for peak in (self._earlier, self._total("VmHWM")) if peak is not None]
        return max(known) if known else _highest_ever()

    def call_bytes(self) -> int | None:
        """Read the highest resident memory above that before the calls; ``None`` where no system tells."""
        since = self._total("VmHWM")
        return None if self._before is None or since is None else max(0, since - self._before)

    def _processes(self) -> Iterator[int | str]:
        yield "self"
        if self._descendants:
            for process in psutil.Process().children(recursive=True):
                yield process.pid

    def _total(self, field: str) -> int | None:
        return status_bytes(self._processes(), field)

    def _reset(self) -> bool:
        """Tell the kernel to count the peaks from here on; false where it cannot be told."""
        try:
            for process in self._processes():
                (_folder(process) / "clear_refs").write_text("5", encoding="ascii")
        except OSError:
            return False
        return True


def status_bytes(processes: Iterable[int | str], field: str) -> int | None:
    """Sum a field of ``/proc/PID/status`` over processes, in bytes; ``None`` where no system tells."""
    total = None
    for process in processes:
        with suppress(OSError):  # it ended meanwhile, or the system has no such files
            status = (_folder(process) / "status").read_text(encoding="ascii", errors="replace")
            for line in status.splitlines():
                if line.startswith(f"{field}:"):
                    total = (total or 0) + int(line.split()[1]) * 1024
    return total


def _folder(process: int | str) -> Path:
    return system.PROC / str(process)


def _highest_ever() -> int | None:
    """Read the peak of this process alone, where the system has no ``/proc``."""
    try:
        import resource
    except ImportError:  # Windows
        peak = getattr(psutil.Process().memory_info(), "peak_wset", None)
        return None if peak is None else int(peak)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
