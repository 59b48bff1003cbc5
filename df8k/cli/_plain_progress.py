"""Say how far long work is where there is no terminal to draw on: in logs, pipes and CI."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Lock, Thread
from time import monotonic
from typing import Final

_EVERY_S: Final = 30.0
_LONG_S: Final = 10.0  # of a step, which a line then mentions


class PlainProgress:
    """Lines with the steps done, their speed and the time left, one in half a minute."""

    def __init__(self, write: Callable[[str], object], now: Callable[[], float] = monotonic) -> None:
        """Start the clock.

        Args:
            write: takes a line.
            now: monotonic seconds.
        """
        self._write, self._now = write, now
        self._last = self._moved = now()
        self._begun: dict[str, tuple[float, int]] = {}
        self._state: tuple[str, int, int | None] | None = None
        self._lock = Lock()

    def report(self, stage: str, done: int, total: int | None) -> None:
        """Take the state of a stage; a line follows where the last one is old enough.

        Args:
            stage: name of the work.
            done: steps.
            total: steps in all; ``None`` while unknown.
        """
        with self._lock:
            now = self._now()
            # The first report may follow work of an earlier session: only steps after it tell the speed.
            self._begun.setdefault(stage, (now, done))
            self._state, self._moved = (stage, done, total), now
            self._tell()

    def remind(self) -> None:
        """Say where the work stands, also when no step has ended for half a minute."""
        with self._lock:
            self._tell()

    def _tell(self) -> None:
        if self.due() > 0:
            return
        self._last = self._now()
        taken = self._last - self._moved
        if self._state is None:
            self._write(f"at work: {duration(taken)} so far")
            return
        stage, done, total = self._state
        if done == total and taken >= _LONG_S:
            self._write(f"after {stage}: {duration(taken)} so far")
            return
        line = f"{stage}: {done}" + ("" if total is None else f" of {total}")
        since, before = self._begun[stage]
        if done > before and self._moved > since:
            speed = (done - before) / (self._moved - since)
            line += f", {60 * speed:.3g} per minute"
            if total is not None and total > done:
                line += f", {duration((total - done) / speed)} left"
        self._write(line + (f"; this step: {duration(taken)} so far" if taken >= _LONG_S else ""))

    def due(self) -> float:
        """Tell in how many seconds a line is due; none or less when it is."""
        return self._last + _EVERY_S - self._now()

    @contextmanager
    def reminding(self) -> Iterator[None]:
        """Remind for as long as the work inside lasts."""
        ended = Event()

        def remind() -> None:
            while not ended.wait(max(0.1, self.due())):
                self.remind()

        thread = Thread(target=remind, name="progress", daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()


def duration(seconds: float) -> str:
    """Write a duration as ``40 s``, ``12 min`` or ``3 h 05 min``."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60:02d} min"
