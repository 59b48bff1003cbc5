"""Set how many threads a method may use, before anything counts the processors, and record it afterwards."""

import os
import sys
from collections.abc import Mapping
from typing import Final

_VARIABLES: Final = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMBA_NUM_THREADS",
)
# These change how threads wait or where they run, and with it every latency.
_RECORDED: Final = (*_VARIABLES, "OMP_WAIT_POLICY", "OMP_PROC_BIND", "KMP_BLOCKTIME", "KMP_AFFINITY")


def allowed_cpus() -> list[int]:
    """List the processors that this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return sorted(os.sched_getaffinity(0))
    return list(range(os.cpu_count() or 1))


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
    for name in _VARIABLES:
        os.environ[name] = str(count)
    return count


def hold(count: int) -> None:
    """Set the libraries that the method has brought in, whatever it told them itself."""
    cv2, torch, numba = (sys.modules.get(name) for name in ("cv2", "torch", "numba"))
    if cv2 is not None:
        cv2.setNumThreads(count)
    if torch is not None:
        torch.set_num_threads(count)
    if numba is not None:
        numba.set_num_threads(min(count, numba.config.NUMBA_NUM_THREADS))


def threads_in_force() -> Mapping[str, int | str | list[int]]:
    """Record the threads in force in this process, by library and environment variable."""
    cv2, torch, numba = (sys.modules.get(name) for name in ("cv2", "torch", "numba"))
    threads: dict[str, int | str | list[int]] = {"cpus": allowed_cpus()}
    if cv2 is not None:
        threads["opencv"] = int(cv2.getNumThreads())
    if torch is not None:
        threads["torch"] = int(torch.get_num_threads())
        threads["torch-interop"] = int(torch.get_num_interop_threads())
    if numba is not None:
        threads["numba"] = int(numba.get_num_threads())
    return threads | {name: os.environ[name] for name in _RECORDED if name in os.environ}
