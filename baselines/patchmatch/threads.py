"""Compiled loops on one thread where they are too short to be shared.

Threads that wait for each other between hundreds of short loops cost many times the work as soon as anything
else runs on the machine.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import numba

# Patches, or pixels, from which a loop takes milliseconds.
_WORTH_SHARING = 40_000


@contextmanager
def shared_if_long(items: int) -> Iterator[None]:
    """Run loops on all threads where they have many items, else on one; no result depends on it."""
    before = numba.get_num_threads()
    numba.set_num_threads(before if items >= _WORTH_SHARING else 1)
    try:
        yield
    finally:
        numba.set_num_threads(before)
