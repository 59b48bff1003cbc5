"""Set how many threads a method may use, before anything counts the processors, and record it afterwards."""

import os
from collections.abc import Mapping
from typing import Final

from _df8k.threads import VARIABLES, allowed_cpus, threads_of_libraries

# These change how threads wait or where they run, and with it every latency.
_RECORDED: Final = (*VARIABLES, "OMP_WAIT_POLICY", "OMP_PROC_BIND", "KMP_BLOCKTIME", "KMP_AFFINITY")


def pin(count: int | None) -> int:
    """Bind this process and its children to the first ``count`` processors, libraries to as many threads.

    Call it before numpy is imported: libraries count processors once, when they start.

    Args:
        count: ``None`` for all that are allowed.

    Returns:
        The number of threads.
    """
    cpus = allowed_cpus()
    count = len(cpus) if count is None else min(count, len(cpus))
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, cpus[:count])
    for name in VARIABLES:
        os.environ[name] = str(count)
    return count


def threads_in_force() -> Mapping[str, int | str | list[int]]:
    """Record the threads in force in this process, by library and environment variable."""
    threads: dict[str, int | str | list[int]] = {"cpus": allowed_cpus(), **threads_of_libraries()}
    return threads | {name: os.environ[name] for name in _RECORDED if name in os.environ}
