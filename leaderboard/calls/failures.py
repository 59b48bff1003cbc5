"""Name the failures of a method as results count them."""

from df8k.baselines import MethodFailedError
from df8k.leaderboard.protocol.status import Failure, failure_of


def kind_and_message(error: BaseException) -> tuple[Failure, str]:
    """Tell the kind of a failure, as results count it, and its message."""
    if isinstance(error, MethodFailedError):
        return failure_of(error.kind), str(error)
    # torch's own error by name, so that classical methods run without torch.
    out_of_memory = isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError"
    return "out-of-memory" if out_of_memory else "error", f"{type(error).__name__}: {error}"
