"""Compiled loops, typed as the Python functions they are written as."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

import numba

_P = ParamSpec("_P")
_R = TypeVar("_R")


def kernel(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Compile with numba: parallel over ``prange``, cached on disk."""
    compiled: Callable[_P, _R] = numba.njit(parallel=True, cache=True)(function)
    return compiled
