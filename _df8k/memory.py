"""Memory that the C library keeps for the next call."""

import ctypes
import os
import sys
from typing import Final

# Of mallopt(3).
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
# The largest that glibc takes: arrays from here on, whole pictures, go back to the system one by one.
_LARGEST: Final = 32 * 2**20
_KEPT: Final = 256 * 2**20
_USERS_WORD: Final = ("GLIBC_TUNABLES", "MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_")


def keep_freed_memory() -> bool:
    """Let this process keep up to 256 MiB that it has freed, instead of asking for them again at every call.

    Fresh memory must be cleared by the system, page after page, which takes longer than most loops over it.
    What the environment says of glibc's thresholds goes first; other libraries are left as they are.

    Returns:
        True where it was done.
    """
    if sys.platform != "linux" or any(os.environ.get(name) for name in _USERS_WORD):
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except AttributeError:  # not glibc
        return False
    # Each alone would keep glibc from choosing the other.
    return all([mallopt(_MMAP_THRESHOLD, _LARGEST), mallopt(_TRIM_THRESHOLD, _KEPT)])
