"""Notice compilation inside a call: a kernel or a graph that was built meanwhile is no part of a latency."""

import sys
from collections.abc import Callable
from functools import cache
from typing import Any, Final, NamedTuple, TypeVar

Outcome = TypeVar("Outcome")

# A method that compiles at every call is counted as it is after this many.
_ATTEMPTS: Final = 4


class Compiled(NamedTuple):
    """What this process has compiled so far; two that differ have compilation between them.

    Attributes:
        numba: whether it is in memory.
        kernels: events of numba's compiler since it was first looked at; it has none for kernels in a cache.
        graphs: captured by torch.compile.
    """

    numba: bool
    kernels: int
    graphs: int


@cache
def _kernels() -> list[Any]:
    """Begin to record what numba compiles; the list grows with every kernel."""
    from numba.core import event

    recorder = event.RecordingListener()
    event.register("numba:compile", recorder)
    events: list[Any] = recorder.buffer
    return events


def compiled_so_far() -> Compiled:
    """Look at the compilers that are in memory; work of other processes is not seen."""
    numba = "numba" in sys.modules
    dynamo = sys.modules.get("torch._dynamo.utils")
    graphs = 0 if dynamo is None else int(dynamo.counters["stats"]["unique_graphs"])
    return Compiled(numba, len(_kernels()) if numba else 0, graphs)


def without_compilation(run: Callable[[], Outcome], compiled: Callable[[Outcome], bool]) -> Outcome:
    """Make a run again as long as something was compiled in it, four times at most.

    Args:
        run: makes a run.
        compiled: tells whether something was compiled in one.
    """
    for _ in range(_ATTEMPTS - 1):
        outcome = run()
        if not compiled(outcome):
            return outcome
    return run()
