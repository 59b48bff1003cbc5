"""Time and memory of single calls."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Final, Generic, TypeVar

from .synchronise import synchronise

Output = TypeVar("Output")

# Makes one call ready, outside the timed region.
Prepare = Callable[[], Callable[[], Output]]

_STEADY: Final = 0.05  # two warm-up runs this close, relatively, end the warm-up
_CLEAR_PEAK: Final = Path("/proc/self/clear_refs")
_STATUS: Final = Path("/proc/self/status")


@dataclass(frozen=True, kw_only=True)
class Budget:
    """How often a call is repeated.

    Attributes:
        warmup_runs: uncounted runs at most; they end early once two in a row differ by less than 5 %.
        warmup_s: seconds they may take; one run is always made.
        runs: counted runs per image at most.
        seconds: seconds they may take; one run is always made.
    """

    warmup_runs: int = 10
    warmup_s: float = 10.0
    runs: int = 5
    seconds: float = 1.0


@dataclass(frozen=True)
class Measured(Generic[Output]):
    """Output of a call with its cost.

    Attributes:
        output: what the first counted run returned.
        seconds: each counted run.
        peak_bytes: highest resident memory of the first counted run above the memory before it.
    """

    output: Output
    seconds: list[float]
    peak_bytes: int | None


def warm_up(prepare: Prepare[object], budget: Budget) -> None:
    """Run the call until it is steady or the budget is spent."""
    spent, previous = 0.0, None
    for _ in range(budget.warmup_runs):
        elapsed, _output = _timed(prepare())
        spent += elapsed
        if spent >= budget.warmup_s or (
            previous is not None and abs(elapsed - previous) < _STEADY * previous
        ):
            return
        previous = elapsed


def measure(prepare: Prepare[Output], budget: Budget) -> Measured[Output]:
    """Run the call within the budget and keep every time; what prepares it is not timed."""
    call = prepare()
    before = _reset_peak()
    elapsed, output = _timed(call)
    peak = None if before is None else max(0, (_resident("VmHWM") or 0) - before)
    del call  # it may hold the arguments
    seconds = [elapsed]
    while len(seconds) < budget.runs and sum(seconds) < budget.seconds:
        seconds.append(_timed(prepare())[0])
    return Measured(output, seconds, peak)


def _timed(call: Callable[[], Output]) -> tuple[float, Output]:
    synchronise()
    start = perf_counter()
    output = call()
    synchronise()
    return perf_counter() - start, output


def _reset_peak() -> int | None:
    """Reset the kernel's peak counter; resident bytes now, or None where the system has no such counter."""
    try:
        _CLEAR_PEAK.write_text("5", encoding="ascii")
    except OSError:
        return None
    return _resident("VmRSS")


def _resident(field: str) -> int | None:
    for line in _STATUS.read_text(encoding="ascii").splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1]) * 1024
    return None
