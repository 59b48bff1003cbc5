"""Read the clock of a session; tests put their own in its place."""

import time
from typing import Protocol

import psutil


class Clock(Protocol):
    """Clock that a session takes its times from."""

    def now(self) -> float:
        """Read monotonic seconds."""
        ...

    def cpu(self) -> float:
        """Read seconds of processor time that this process and its descendants have used."""
        ...

    def machine(self) -> tuple[float, float | None]:
        """Read seconds that all processors worked, and that a host gave to others; ``None``: not told."""
        ...

    def sleep(self, seconds: float) -> None:
        """Do nothing for a while."""
        ...


class SystemClock:
    """Clock of the machine."""

    def now(self) -> float:
        """See `Clock`."""
        return time.perf_counter()

    def cpu(self) -> float:
        """See `Clock`."""
        session = psutil.Process()
        total = 0.0
        for process in (session, *session.children(recursive=True)):
            try:
                used = process.cpu_times()
            except psutil.Error:  # it ended meanwhile
                continue
            total += used.user + used.system
        return total

    def machine(self) -> tuple[float, float | None]:
        """See `Clock`."""
        return processor_times()

    def sleep(self, seconds: float) -> None:
        """See `Clock`."""
        time.sleep(seconds)


def processor_times() -> tuple[float, float | None]:
    """Read seconds that all processors worked, and that a host gave to others; ``None``: not told."""
    times = psutil.cpu_times()
    return times.user + times.system + getattr(times, "nice", 0.0), getattr(times, "steal", None)
