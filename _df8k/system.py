"""Systems other than Linux: the few questions that code asks, so that a test can answer for another one."""

import os
from pathlib import Path
from typing import Final

WINDOWS: Final = os.name == "nt"
PROC: Final = Path("/proc")
SHARED_MEMORY: Final = Path("/dev/shm")  # noqa: S108 - what is made in it is private


def user() -> str:
    """Name the user in the temporary folder, which Windows gives each one for itself."""
    return str(os.getuid()) if hasattr(os, "getuid") else "user"
