"""Say how far long work is where there is no terminal to draw on: in logs, pipes and CI."""

from collections.abc import Callable
from time import monotonic
from typing import Final

_EVERY_S: Final = 30.0


class PlainProgress:
    """Lines with the steps done, their speed and the time left, at most one in half a minute."""

    def __init__(self, write: Callable[[str], object], now: Callable[[], float] = monotonic) -> None:
        """Start the clock.

        Args:
            write: takes a line.
            now: monotonic seconds.
        """
        self._write, self._now = write, now
        self._last = now()
        self._begun: dict[str, tuple[float, int]] = {}

    def report(self, stage: str, done: int, total: int | None) -> None:
        """Take the state of a stage; a line follows where the last one is old enough.

        Args:
            stage: name of the work.
            done: steps.
            total: steps in all; ``None`` while unknown.
        """
        now = self._now()
        # The first report may follow work of an earlier session: only steps after it tell the speed.
        since, before = self._begun.setdefault(stage, (now, done))
        if now - self._last < _EVERY_S:
            return
        self._last = now
        line = f"{stage}: {done}" + ("" if total is None else f" of {total}")
        if done > before and now > since:
            speed = (done - before) / (now - since)
            line += f", {60 * speed:.3g} per minute"
            if total is not None and total > done:
                line += f", {duration((total - done) / speed)} left"
        self._write(line)


def duration(seconds: float) -> str:
    """Write a duration as ``40 s``, ``12 min`` or ``3 h 05 min``."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60:02d} min"
