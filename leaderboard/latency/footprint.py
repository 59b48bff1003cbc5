"""Peak memory of a process with everything that it started, and of its GPU."""

import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil


@dataclass(frozen=True, kw_only=True)
class Footprint:
    """Memory of one session; ``None`` where the system does not tell.

    Attributes:
        peak_bytes: highest resident memory of the process and its descendants, from their start. The peaks
            of several processes are added, though they need not coincide.
        call_bytes: highest resident memory of the counted calls above the memory before them.
        gpu_allocated_bytes: highest memory that torch's allocator handed out in the session.
        gpu_reserved_bytes: highest memory that it took from the device.
    """

    peak_bytes: int | None
    call_bytes: int | None
    gpu_allocated_bytes: int | None
    gpu_reserved_bytes: int | None


class Watch:
    """Takes the peaks of this process; made before the counted calls of a method.

    The kernel's own counters are read, so that no moment between two looks is missed.
    """

    def __init__(self, method: Any) -> None:
        self._method = method
        self._earlier = _total("VmHWM")
        self._before = _total("VmRSS") if _reset_peaks() else None

    def footprint(self) -> Footprint:
        """The peaks up to now."""
        since = _total("VmHWM")
        known = [found for found in (self._earlier, since) if found is not None]
        comparable = self._before is not None and since is not None
        allocated, reserved = _gpu() or getattr(self._method, "gpu_peak_bytes", None) or (None, None)
        return Footprint(
            peak_bytes=max(known) if known else _highest_ever(),
            call_bytes=max(0, since - self._before) if comparable else None,  # type: ignore[operator] # comparable says so
            gpu_allocated_bytes=allocated,
            gpu_reserved_bytes=reserved,
        )


def _folders() -> Iterator[Path]:
    own = psutil.Process()
    for process in (own, *own.children(recursive=True)):
        yield Path("/proc", str(process.pid))


def _total(field: str) -> int | None:
    """A field of ``/proc/PID/status`` summed over this process and its descendants, in bytes."""
    total, seen = 0, False
    for folder in _folders():
        with suppress(OSError):  # it ended meanwhile, or the system has no such files
            for line in (folder / "status").read_text(encoding="ascii", errors="replace").splitlines():
                if line.startswith(f"{field}:"):
                    total, seen = total + int(line.split()[1]) * 1024, True
    return total if seen else None


def _reset_peaks() -> bool:
    """Whether the kernel could be told to count the peaks from here on."""
    try:
        for folder in _folders():
            (folder / "clear_refs").write_text("5", encoding="ascii")
    except OSError:
        return False
    return True


def _highest_ever() -> int | None:
    """Peak of this process alone, where the system has no ``/proc``."""
    try:
        import resource
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def _gpu() -> tuple[int, int] | None:
    torch = sys.modules.get("torch")
    if torch is None:
        return None
    if torch.cuda.is_initialized():
        return int(torch.cuda.max_memory_allocated()), int(torch.cuda.max_memory_reserved())
    if torch.backends.mps.is_available():
        # Metal keeps no peaks: what is held after the calls.
        return int(torch.mps.current_allocated_memory()), int(torch.mps.driver_allocated_memory())
    return None
