"""Bounds of a foreign method."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Bounds of one call of a foreign method, and of its start.

    Attributes:
        seconds: after which a call counts as hung.
        start_seconds: after which loading counts as hung.
        memory_bytes: resident memory of its processes; ``None`` sets no bound.
        poll_s: how often memory is looked at; each look costs a millisecond or more of a processor.
        sandbox: whether its processes see nothing but themselves; see `baselines.adapters.isolation.sandbox`.
        hidden: folders that stay hidden in the sandbox wherever they lie, such as the dataset.
    """

    seconds: float = 600.0
    start_seconds: float = 600.0
    memory_bytes: int | None = None
    poll_s: float = 0.02
    sandbox: bool = False
    hidden: tuple[Path, ...] = ()
