"""What a method says that its network took."""

from typing import Any


def model_seconds(method: Any, call_s: float) -> float | None:
    """Seconds of the last call inside the network; ``None`` where it does not tell, or cannot be right.

    Args:
        method: tells by an attribute ``model_seconds``, in seconds.
        call_s: what the whole call took.
    """
    said = getattr(method, "model_seconds", None)
    return float(said) if isinstance(said, (int, float)) and 0 <= said <= call_s * 1.01 else None
