"""Say how long a method took at a size, and how far that may be believed.

Figures come from `df8k latency` where the same artefact was timed there. What an evaluation timed by the way
has none of that protocol's guards, and says so.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from df8k.leaderboard.latency.results import LatencyResult
from df8k.leaderboard.results.schema import Method, SizeResult

# Below this many runs of an image a busy moment of the machine decides its median.
LEAST_RUNS: Final = 5
PROTOCOL: Final = "df8k latency"
EVALUATION: Final = "evaluate"


@dataclass(frozen=True)
class Timing:
    """Time and memory of one method at one size.

    Attributes:
        source: `PROTOCOL` or `EVALUATION`.
        median_s: of runs under the protocol, of the images' medians in an evaluation.
        p90_s: likewise.
        memory_bytes: of a call, above the memory before it; only the protocol measures it.
        flags: why the figures must be read with care.
    """

    source: str
    median_s: float
    p90_s: float
    memory_bytes: int | None
    flags: tuple[str, ...]

    @property
    def text(self) -> str:
        """Name the source and its flags."""
        return ", ".join([self.source, *self.flags])


def timing_of(
    method: Method, size_result: SizeResult, latency: Sequence[LatencyResult], *, shared: bool = False
) -> Timing | None:
    """Find the time of a method at a size; ``None`` where nothing was timed.

    Args:
        method: what was scored.
        size_result: its figures at the size.
        latency: results of `df8k latency`.
        shared: whether several calls ran on one machine at the same time while it was scored.
    """
    for result in latency:
        for timed in result.sizes if same_artefact(method, result.method) else ():
            if timed.size == size_result.size and timed.e2e is not None:
                calls = [session.call_bytes for session in timed.sessions if session.call_bytes is not None]
                memory = max(calls) if calls else None
                return Timing(PROTOCOL, timed.e2e.p50_s, timed.e2e.p90_s, memory, tuple(timed.flags))
    measured = size_result.latency
    if measured is None:
        return None
    flags = {"few runs": measured.runs < LEAST_RUNS * measured.images, "shared machine": shared}
    raised = tuple(flag for flag, applies in flags.items() if applies)
    return Timing(EVALUATION, measured.median_s, measured.p90_s, None, raised)


def same_artefact(scored: Method, timed: Method) -> bool:
    """Tell whether the very artefact that was timed is scored: speed beside another's quality misleads."""
    first, second = (
        (method.name, method.version, method.weights_sha256, method.settings) for method in (scored, timed)
    )
    return first == second
