"""Decorators that compile loops with numba and keep the types of the Python functions they are written as."""

import os
from collections.abc import Callable
from typing import ParamSpec, TypeVar

# Read when the first loop runs. Threads that wait must not spin: where other programs take a core, they would
# keep it from the thread that they wait for.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import numba

_P = ParamSpec("_P")
_R = TypeVar("_R")


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


def sum_kernel(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Compile with numba for use inside another kernel's loop; terms of a sum may change their order too."""
    compiled: Callable[_P, _R] = numba.njit(cache=True, fastmath={"contract", "reassoc"})(function)
    return compiled
