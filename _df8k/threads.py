"""One number of threads for every library of this process: BLAS, numba, OpenCV, onnxruntime, torch."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import Lock
from typing import Any, Final

VARIABLES: Final = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMBA_NUM_THREADS",
)

_one_at_a_time = Lock()


def allowed_cpus() -> list[int]:
    """List the processors that this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return sorted(os.sched_getaffinity(0))
    return list(range(os.cpu_count() or 1))


def thread_count() -> int:
    """Count the threads that libraries may use: what ``OMP_NUM_THREADS`` says, at most the processors."""
    limit = os.environ.get("OMP_NUM_THREADS", "")
    available = len(allowed_cpus())
    return min(available, int(limit)) if limit.isdecimal() and int(limit) else available


def set_threads(count: int) -> None:
    """Hold this process, and the ones it starts, to ``count`` threads.

    Libraries that are in memory are told; those that come later read the environment, but for OpenCV: see
    `hold_threads`. Call it before numba comes: it never has more threads than at its start.

    Args:
        count: at least 1.
    """
    for name in VARIABLES:
        # numba reads its variable again whenever it compiles, and refuses another number than it began with.
        if name != "NUMBA_NUM_THREADS" or "numba" not in sys.modules:
            os.environ[name] = str(count)
    # A thread that waits must not spin: on a busy machine it takes the core from the one it waits for.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    hold_threads(count)


def hold_threads(count: int) -> None:
    """Set the libraries that are in memory, whatever they were told before."""
    cv2, torch, numba = (sys.modules.get(name) for name in ("cv2", "torch", "numba"))
    if cv2 is not None:
        cv2.setNumThreads(count)
    if torch is not None:
        torch.set_num_threads(count)
    if numba is not None:
        numba.set_num_threads(min(count, numba.config.NUMBA_NUM_THREADS))
    if "numpy" in sys.modules:
        from threadpoolctl import threadpool_limits

        threadpool_limits(count, user_api="blas")


def threads_of_libraries() -> dict[str, int]:
    """Read how many threads each library that is in memory would use now."""
    cv2, torch, numba = (sys.modules.get(name) for name in ("cv2", "torch", "numba"))
    threads = {}
    if cv2 is not None:
        threads["opencv"] = int(cv2.getNumThreads())
    if torch is not None:
        threads["torch"] = int(torch.get_num_threads())
        threads["torch-interop"] = int(torch.get_num_interop_threads())
    if numba is not None:
        threads["numba"] = int(numba.get_num_threads())
    return threads


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Run matrix products on one thread each; several may run side by side.

    OpenBLAS' threads go on looking for work for 20 ms after a product, and keep a core from what comes next.
    Callers wait for one another, or one would put back what another had set.
    """
    with _one_at_a_time, _libraries().limit(limits=1, user_api="blas"):
        yield


@cache
def _libraries() -> Any:
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()
