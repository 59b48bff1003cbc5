"""The board: one entry per method and size, in the order of rank."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import metrics

from .protocol import Size, size_order
from .results import Result, SizeResult

# Hole L1 ranks: it needs no weights, and full-image scores carry the hole's share of the image.
RANKED_BY: Final = "l1.hole"
# What tables show, where it was measured: key, heading, factor to the shown unit, digits.
SHOWN: Final = (
    ("l1.full", "L1 full, %", 100.0, 3),
    ("l1.hole", "L1 hole, %", 100.0, 3),
    ("psnr.full", "PSNR full, dB", 1.0, 2),
    ("psnr.hole", "PSNR hole, dB", 1.0, 2),
    ("ssim.full", "SSIM full", 1.0, 4),
    ("ssim.hole", "SSIM hole", 1.0, 4),
)


@dataclass(frozen=True)
class Entry:
    """One row of the board.

    Attributes:
        size: side length in pixels, or ``native``.
        rank: place among the methods of this size; ``None`` when it was not scored.
        result: the result file's content.
        part: its part about this size.
    """

    size: Size
    rank: int | None
    result: Result
    part: SizeResult


def rank(results: Sequence[Result]) -> list[Entry]:
    """Entries ordered by size, then rank; unscored methods last, by name."""
    entries = []
    for size in sorted({part.size for result in results for part in result.sizes}, key=size_order):
        pairs = [(result, part) for result in results for part in result.sizes if part.size == size]
        pairs.sort(key=lambda pair: _order(*pair))
        scored = [_error(part) for _, part in pairs]
        for index, (result, part) in enumerate(pairs):
            place = None if scored[index] is None else scored.index(scored[index]) + 1
            entries.append(Entry(size, place, result, part))
    return entries


def higher_is_better(key: str) -> bool:
    """Direction of a metric key such as ``psnr.hole``."""
    return bool(metrics.get(key.partition(".")[0]).higher_is_better)


def _order(result: Result, part: SizeResult) -> tuple[bool, float, str]:
    error = _error(part)
    return error is None, error or 0.0, result.method.name


def _error(part: SizeResult) -> float | None:
    """The value that ranks, lower is better; ``None`` when there is none."""
    estimate = part.metrics.get(RANKED_BY)
    return None if estimate is None else estimate.mean


def flat(entry: Entry) -> dict[str, Any]:
    """An entry as one flat record for CSV and JSON, in SI units and the metrics' own scale."""
    result, part = entry.result, entry.part
    record: dict[str, Any] = {
        "size": entry.size,
        "rank": entry.rank,
        "method": result.method.name,
        "method_version": result.method.version,
        "parameters": result.method.parameters,
        "dataset": f"{result.dataset.name} {result.dataset.version}",
        "fingerprint": result.dataset.fingerprint,
        "origin": "measured",
        "n": part.n,
        "left_out": part.left_out,
        "failures": sum(part.failures.values()),
    }
    for key, estimate in part.metrics.items():
        record |= {key: estimate.mean, f"{key}.low": estimate.low, f"{key}.high": estimate.high}
    record |= {
        "latency_median_s": part.latency.median_s if part.latency else None,
        "latency_p90_s": part.latency.p90_s if part.latency else None,
        "peak_memory_bytes": part.peak_memory_bytes,
        "device": result.environment.gpu or result.environment.cpu,
        "threads": result.environment.threads,
    }
    return record
