"""Ratios with their intervals, and how they moved."""

import platform
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Final

import numpy as np

from df8k.leaderboard.results.environment import describe_environment

from .pairs import PAIRS, Timed, available

# Ours and the peer in turns, so that what disturbs the machine disturbs both.
ROUNDS: Final = 9
_RESAMPLES: Final = 2000
# Compiled code lies differently in memory from build to build: less than this is no news.
NEWS: Final = 0.1


@dataclass(frozen=True)
class Ratio:
    """Processor time of ours, in times of the peer's.

    Attributes:
        name: what of ours was timed.
        peer: what it was timed against.
        ratio: of the medians.
        low: lower end of a bootstrapped 95 % interval; of the lowest, where several are `combined`.
        high: upper end, likewise of the highest.
        ours_ms: median of ours.
        peer_ms: median of the peer.
    """

    name: str
    peer: str
    ratio: float
    low: float
    high: float
    ours_ms: float
    peer_ms: float

    def moved_from(self, kept: "Ratio") -> str:
        """Say how it stands to a kept one: ``slower``, ``faster`` or ``""``, where the intervals overlap."""
        if self.low > kept.high and self.ratio > (1 + NEWS) * kept.ratio:
            return "slower"
        if self.high < kept.low and self.ratio < kept.ratio / (1 + NEWS):
            return "faster"
        return ""


def machine_class() -> str:
    """Name the class of this machine: architecture and processor family."""
    model = describe_environment().cpu
    words = [platform.machine(), *model.replace("(R)", "").replace("(TM)", "").split()[:2]]
    return "-".join(words).lower().replace("_", "-")


def measure(pair: Timed, rounds: int = ROUNDS, clock: Callable[[], float] = time.process_time) -> Ratio:
    """Time one pair, after a call of each that does not count."""
    ours, peer = pair.make()
    ours(), peer()
    seconds = np.empty((rounds, 2))
    for row in seconds:
        for column, work in enumerate((ours, peer)):
            start = clock()
            work()
            row[column] = clock() - start
    # Clocks of the processor may tick in hundredths of a second.
    seconds = np.maximum(seconds, 1e-7)
    low, high = np.quantile(_ratios(seconds), (0.025, 0.975))
    ours_s, peer_s = np.median(seconds, axis=0)
    return Ratio(
        pair.name,
        pair.peer,
        float(ours_s / peer_s),
        float(low),
        float(high),
        float(1000 * ours_s),
        float(1000 * peer_s),
    )


def combined(ratios: Sequence[Ratio]) -> Ratio:
    """Put the ratios of one pair from several processes together: where arrays lie differs between them.

    Args:
        ratios: one from each process.
    """
    first = ratios[0]
    return Ratio(
        first.name,
        first.peer,
        float(np.median([one.ratio for one in ratios])),
        min(one.low for one in ratios),
        max(one.high for one in ratios),
        float(np.median([one.ours_ms for one in ratios])),
        float(np.median([one.peer_ms for one in ratios])),
    )


def _ratios(seconds: np.ndarray) -> np.ndarray:
    """Resample the rounds."""
    rng = np.random.Generator(np.random.Philox(0))
    medians = np.median(seconds[rng.integers(len(seconds), size=(_RESAMPLES, len(seconds)))], axis=1)
    return medians[:, 0] / medians[:, 1]


def measure_all(rounds: int = ROUNDS, told: Callable[[str], object] = print) -> list[dict[str, object]]:
    """Time every pair whose peer is installed; name the others."""
    rows = []
    for pair in PAIRS:
        if available(pair):
            rows.append(asdict(measure(pair, rounds)))
        else:
            told(f"{pair.name}: left out, {pair.peer} is not installed")
    return rows
