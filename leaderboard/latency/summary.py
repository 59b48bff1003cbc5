"""Summarise runs and sessions as a latency result holds them; the same runs always give the same numbers."""

from collections.abc import Mapping, Sequence
from statistics import median

import numpy as np

from df8k.leaderboard.calls.alteration import remembered
from df8k.leaderboard.statistics.scaling import Fit, line, power_law

from .plan import BUSY_CORES, COARSE_STEP, DISTURBED_CORES, REPEATABLE, THROTTLED
from .results import RunRow, SessionRecord, SizeLatency, Spread


def spread(seconds: Sequence[float]) -> Spread | None:
    """Compute quantiles of runs; ``None`` without any."""
    if not seconds:
        return None
    values = np.asarray(seconds, dtype=np.float64)
    p50, p90, p99 = (float(quantile) for quantile in np.quantile(values, [0.5, 0.9, 0.99]))
    return Spread(
        n=len(values),
        p50_s=p50,
        p90_s=p90,
        p99_s=p99 if len(values) >= 100 else None,
        mean_s=float(values.mean()),
        deviation_s=float(values.std()),
        least_s=float(values.min()),
    )


def drift(samples: Sequence[RunRow]) -> float:
    """Divide the last tenth of a session's runs by the first, in medians, relative to each picture's."""
    typical = {
        number: median(sample["e2e_s"] for sample in samples if sample["input"] == number)
        for number in {sample["input"] for sample in samples}
    }
    relative = [sample["e2e_s"] / (typical[sample["input"]] or 1.0) for sample in samples]
    tenth = max(1, len(relative) // 10)
    return float(median(relative[-tenth:]) / (median(relative[:tenth]) or 1.0))


def session_record(row: Mapping[str, object], samples: Sequence[RunRow]) -> SessionRecord:
    """Make the record of a session from its row of the journal and its runs."""
    fields = {name: row[name] for name in SessionRecord.model_fields if name in row}
    p50 = float(np.quantile([sample["e2e_s"] for sample in samples], 0.5))
    return SessionRecord.model_validate(fields | {"p50_s": p50, "drift": drift(samples)})


def size_latency(
    observed: Mapping[str, object], sessions: Sequence[SessionRecord], samples: Sequence[RunRow]
) -> SizeLatency:
    """Summarise a size.

    Args:
        observed: fields of `SizeLatency` that are not computed here.
        sessions: those that ended well.
        samples: all runs of these sessions.
    """
    medians = [session.p50_s for session in sessions]
    repeatability = max(medians) / min(medians) - 1 if len(medians) > 1 else None
    models = [sample["model_s"] for sample in samples]
    computed = {
        "sessions": list(sessions),
        "e2e": spread([sample["e2e_s"] for sample in samples]),
        "call": spread([sample["call_s"] for sample in samples]),
        "model": None if None in models else spread([model_s for model_s in models if model_s is not None]),
        "repeatability": repeatability,
        "flags": _flags(sessions, samples, repeatability) if sessions else [],
    }
    return SizeLatency.model_validate({**observed, **computed})


def _flags(
    sessions: Sequence[SessionRecord], samples: Sequence[RunRow], repeatability: float | None
) -> list[str]:
    """List why the figures of a size must be read with care."""
    seconds = [sample["e2e_s"] for sample in samples]
    repeated = [session.repeated_s for session in sessions if session.repeated_s is not None]
    flags = {
        "remembers": any(remembered(repeated_s, seconds) for repeated_s in repeated),
        "asynchronous": any(
            session.output_moved or (session.busy_cores or 0) > BUSY_CORES for session in sessions
        ),
        "unrepeated": repeatability is None,
        "unstable": repeatability is not None and repeatability > REPEATABLE,
        "unsteady": any(session.steady is False for session in sessions),
        "throttled": any(session.drift > 1 + THROTTLED for session in sessions),
        "disturbed": any(
            (session.others_cores or 0) + (session.stolen_cores or 0) > DISTURBED_CORES
            for session in sessions
        ),
        "short": any(session.end == "limit" for session in sessions),
        "coarse": any((session.timer_s or 0) > COARSE_STEP * session.p50_s for session in sessions),
    }
    return [name for name, applies in flags.items() if applies]


def by_pixels(sizes: Sequence[SizeLatency]) -> Fit | None:
    """Fit the exponent of median latency in pixels, over the sizes that ended well."""
    points = [
        (measured.pixels, measured.e2e.p50_s)
        for measured in sizes
        if measured.status == "ok" and measured.e2e is not None and measured.e2e.p50_s > 0
    ]
    return power_law([pixels for pixels, _ in points], [seconds for _, seconds in points])


def by_hole(samples: Sequence[RunRow]) -> Fit | None:
    """Fit seconds per missing pixel: a line through the median of each hole of the series."""
    holes = sorted({(sample["hole_pixels"], sample["input"]) for sample in samples})
    medians = [
        median(sample["e2e_s"] for sample in samples if sample["input"] == number) for _, number in holes
    ]
    return line([float(pixels) for pixels, _ in holes], medians)
