"""Systems on which a method can run in a process of its own."""

from _df8k import system
from df8k.baselines.base import MethodFailedError


def check_system() -> None:
    """Refuse where no descriptor passes to a child and no group of processes can be ended.

    Raises:
        MethodFailedError: the system is Windows.
    """
    if system.WINDOWS:
        raise MethodFailedError(
            "error",
            "methods in a process of their own, and latency, need Linux or macOS: on Windows use WSL, "
            "leaderboard.evaluate with a function, or df8k inputs and df8k score",
        )
