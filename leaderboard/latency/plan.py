"""Plan how often a call is repeated before its latency is believed."""

from dataclasses import dataclass
from typing import Final

PROTOCOL_VERSION: Final = 1

# A further session whose median is farther away, relatively, makes a size `unstable`.
REPEATABLE: Final = 0.05
# A last tenth that is slower than the first by more makes a session `throttled`.
THROTTLED: Final = 0.10
# Cores that other programs, or the host of a virtual machine, took on average during the counted runs.
DISTURBED_CORES: Final = 0.2
# A clock whose steps, browsers' above all, are longer than this share of a session's median hides jitter.
COARSE_STEP: Final = 0.01
# Cores that a method may still use after it has returned; with more it is measured short.
BUSY_CORES: Final = 0.5


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Plan of the repetitions of one session. Runs come in rounds: each input once, in turn.

    Attributes:
        tier: name of the plan, part of every citation.
        runs: counted runs at least.
        seconds: that the counted runs take at least.
        sessions: fresh processes per size.
        limit_s: counted seconds after which a session ends early, with fewer runs; ``None`` never ends it.
        floor_runs: counted runs at least, whatever ends a session early.
        slow_s: a run that takes longer allows ``floor_runs``.
        warmup_rounds: uncounted rounds at most.
        warmup_s: seconds of warm-up after which no further round begins; one round is always made.
        steady: two rounds in a row that differ by less, relatively, end the warm-up.
    """

    tier: str = "quick"
    runs: int = 50
    seconds: float = 10.0
    sessions: int = 3
    limit_s: float | None = None
    floor_runs: int = 5
    slow_s: float = 30.0
    warmup_rounds: int = 10
    warmup_s: float = 30.0
    steady: float = 0.05


TIERS: Final = {
    plan.tier: plan
    for plan in (
        Plan(tier="official", runs=100, seconds=60.0),
        Plan(),
        Plan(tier="rapid", runs=10, seconds=3.0, sessions=2, warmup_s=10.0),
    )
}
