"""The clock of a session; tests put their own in its place."""

import time
from typing import Protocol

import psutil


class Clock(Protocol):
    """Where a session takes its times from."""

    def now(self) -> float:
        """Monotonic seconds."""
        ...

    def cpu(self) -> float:
        """Seconds of processor time that this process and its descendants have used."""
        ...

    def machine(self) -> tuple[float, float | None]:
        """Seconds that all processors have worked, and that a host gave to others; ``None``: not told."""
        ...

    def sleep(self, seconds: float) -> None:
        """Do nothing for a while."""
        ...


class SystemClock:
    """The machine's own."""

    def now(self) -> float:
        """See `Clock`."""
        return time.perf_counter()

    def cpu(self) -> float:
        """See `Clock`."""
        own = psutil.Process()
        total = 0.0
        for process in (own, *own.children(recursive=True)):
            try:
                used = process.cpu_times()
            except psutil.Error:  # it ended meanwhile
                continue
            total += used.user + used.system
        return total

    def machine(self) -> tuple[float, float | None]:
        """See `Clock`."""
        found = psutil.cpu_times()
        return found.user + found.system + getattr(found, "nice", 0.0), getattr(found, "steal", None)

    def sleep(self, seconds: float) -> None:
        """See `Clock`."""
        time.sleep(seconds)
