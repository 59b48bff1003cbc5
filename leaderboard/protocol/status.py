"""Name how one image ended: scored, left out, or failed."""

from typing import Final, Literal, get_args

# Failures of a method, then those of a folder of pictures.
Failure = Literal["error", "crash", "timeout", "out-of-memory", "wrong-output", "missing", "unreadable"]
Status = Literal["ok", "left-out"] | Failure

FAILURES: Final[tuple[Failure, ...]] = get_args(Failure)
STATUSES: Final[tuple[Status, ...]] = ("ok", "left-out", *FAILURES)


def failure_of(kind: str) -> Failure:
    """Take a kind of failure as results count it; an unknown one is an ``error``."""
    return next((failure for failure in FAILURES if failure == kind), "error")
