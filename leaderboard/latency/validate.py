"""Check that a latency result agrees with its own runs."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from pydantic import BaseModel

from df8k.leaderboard.errors import LeaderboardError
from df8k.leaderboard.statistics.tolerance import alike

from .results import LatencyResult, RunRow, SizeLatency, has_its_runs, read_latency, runs_of, samples_path
from .summary import by_hole, by_pixels, session_record, size_latency

# Recomputed; everything else was observed.
_OBSERVED: Final = {
    *("size", "width", "height", "status", "message", "attempts", "takes"),
    *("inputs", "hole_pixels", "encode_s", "decode_s"),
}
_WITHIN: Final = 1e-6


def validate_latency(path: Path) -> list[str]:
    """Check LATENCY.json against the runs beside it.

    Returns:
        Every reason why the board does not take it; empty when it does.

    Raises:
        LeaderboardError: a file is absent or not of the schema.
    """
    result = read_latency(path)
    samples = runs_of(result, path)
    faults = []
    if result.method.untrained and not result.method.control:
        faults.append(f"{result.method.name} ran on untrained weights: such results stay off the board")
    if not has_its_runs(result, path):
        changed = f"{samples_path(path).name} is not the file of runs that it was written with"
        faults.append(changed if result.runs is None else "it was edited after the page had written it")
    series_sizes = [("ladder", measured) for measured in result.sizes]
    series_sizes += [] if result.area is None else [("area", result.area)]
    for series, measured in series_sizes:
        key = (series, str(measured.size))
        faults += _differences(measured, [row for row in samples if (row["series"], row["size"]) == key])
    return faults + _fit_differences(result, samples)


def _differences(claimed: SizeLatency, samples: Sequence[RunRow]) -> list[str]:
    by_session: dict[int, list[RunRow]] = {}
    for sample in samples:
        by_session.setdefault(sample["session"], []).append(sample)
    if len(by_session) != len(claimed.sessions):
        return [
            f"size {claimed.size}: names {len(claimed.sessions)} sessions, its runs are of {len(by_session)}"
        ]
    sessions = [
        session_record(record.model_dump(exclude={"p50_s", "drift"}), by_session[number])
        for record, number in zip(claimed.sessions, sorted(by_session), strict=True)
    ]
    observed = claimed.model_dump(include=_OBSERVED)
    recomputed = size_latency(observed, sessions, samples)
    return _compare(f"size {claimed.size}: ", claimed, recomputed)


def _fit_differences(result: LatencyResult, samples: Sequence[RunRow]) -> list[str]:
    pairs = {
        "by_pixels": (result.by_pixels, by_pixels(result.sizes)),
        "by_hole": (result.by_hole, by_hole([row for row in samples if row["series"] == "area"])),
    }
    return [
        f"{name} says {claimed}, its runs give {fitted}"
        for name, (claimed, fitted) in pairs.items()
        if not alike(_fields(claimed), _fields(fitted), within=_WITHIN)
    ]


def _compare(prefix: str, claimed: BaseModel, recomputed: BaseModel) -> list[str]:
    claims, fields = claimed.model_dump(), recomputed.model_dump()
    return [
        f"{prefix}{name} says {claims[name]}, its runs give {value}"
        for name, value in fields.items()
        if not alike(claims[name], value, within=_WITHIN)
    ]


def _fields(model: BaseModel | None) -> dict[str, object] | None:
    return None if model is None else model.model_dump()


def read_accepted_latency(path: Path) -> LatencyResult:
    """Read a latency result that the board accepts.

    Raises:
        LeaderboardError: it does not; every reason is named.
    """
    if faults := validate_latency(path):
        raise LeaderboardError(f"{path}: {'; '.join(faults)}")
    return read_latency(path)
