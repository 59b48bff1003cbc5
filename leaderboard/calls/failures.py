"""What results call an exception that a method raised."""

from baselines import MethodFailedError


def kind_and_message(error: BaseException) -> tuple[str, str]:
    """Kind of the failure, as results count it, and what they say of it."""
    if isinstance(error, MethodFailedError):
        return error.kind, str(error)
    # torch's own error by name, so that classical methods run without torch.
    out_of_memory = isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError"
    return "out-of-memory" if out_of_memory else "error", f"{type(error).__name__}: {error}"
