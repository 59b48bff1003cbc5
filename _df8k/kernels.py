"""Decorators that compile loops with numba and keep the types of the Python functions they are written as."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import ParamSpec, TypeVar

# Read when the first loop runs. Threads that wait must not spin: where other programs take a core, they would
# keep it from the thread that they wait for.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import numba

from .memory import keep_freed_memory

keep_freed_memory()

_P = ParamSpec("_P")
_R = TypeVar("_R")

# Items from which a loop takes a millisecond. Sharing shorter loops costs no processor time that could be
# measured, but each waits for its slowest thread, which on a busy machine comes late.
_WORTH_SHARING = 10_000


@contextmanager
def shared_if_long(items: int) -> Iterator[None]:
    """Run loops on all threads where they have many items, else on one; no result depends on it.

    Waking a thread that sleeps takes longer than a short loop, and there are thousands of them.

    Args:
        items: of about a tenth of a microsecond each.
    """
    before = numba.get_num_threads()
    numba.set_num_threads(before if items >= _WORTH_SHARING else 1)
    try:
        yield
    finally:
        numba.set_num_threads(before)


def kernel(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Compile with numba: parallel over ``prange``, cached on disk."""
    compiled: Callable[_P, _R] = numba.njit(parallel=True, cache=True)(function)
    return compiled


def serial_kernel(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Compile with numba: serial, without the interpreter's lock, for several Python threads."""
    compiled: Callable[_P, _R] = numba.njit(nogil=True, cache=True)(function)
    return compiled


def inner_kernel(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Compile with numba for use inside another kernel's loop; multiplications and additions may be fused."""
    compiled: Callable[_P, _R] = numba.njit(cache=True, fastmath={"contract"})(function)
    return compiled


def inlined_kernel(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Compile with numba into the kernels that call it: passing arrays takes longer than a short loop."""
    compiled: Callable[_P, _R] = numba.njit(nogil=True, cache=True, forceinline=True)(function)
    return compiled


def sum_kernel(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Compile with numba for use inside another kernel's loop; terms of a sum may change their order too."""
    compiled: Callable[_P, _R] = numba.njit(cache=True, fastmath={"contract", "reassoc"})(function)
    return compiled


@inner_kernel
def dealt(turn: int, count: int, threads: int) -> int:
    """Give the item whose turn it is in a loop over ``count`` items that are dealt to the threads one by one.

    Each thread gets a stretch of turns. Where work is gathered in one part of a picture, stretches of rows
    would leave one thread with most of it.

    Args:
        turn: 0 to ``count`` - 1, of ``numba.prange(count)``.
        count: of the items.
        threads: ``numba.get_num_threads()``, asked outside of compiled loops, which could not be cached.
    """
    least, longer = divmod(count, threads)
    ahead = longer * (least + 1)
    if turn < ahead:
        return turn // (least + 1) + turn % (least + 1) * threads
    return longer + (turn - ahead) // least + (turn - ahead) % least * threads
