"""Takes of a size: all its sessions, measured once more where the machine spoilt those before.

The last take is told, whatever it says, so that no figure is chosen by how short it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from df8k.leaderboard.protocol.sizes import Size, extent

from .process import SessionRow
from .results import RunRow, Series, SizeLatency
from .summary import session_record, size_latency

# The machine's doing, which another time of the day may mend; the other flags are the method's or the plan's.
SPOILT: Final = frozenset({"unstable", "throttled", "disturbed"})


@dataclass(frozen=True)
class Job:
    """Size of a series, measured in ``sessions`` processes."""

    series: Series
    size: Size
    sessions: int


def last_take(rows: Sequence[SessionRow], job: Job) -> list[SessionRow]:
    """Select a size's sessions of its last take from those of a journal."""
    own = [row for row in rows if (row["series"], row["size"]) == (job.series, job.size)]
    return [row for row in own if row["take"] == own[-1]["take"]]


def next_take(rows: Sequence[SessionRow], job: Job, takes: int) -> int | None:
    """Tell which take of a size lacks sessions, counted from 1; ``None`` when nothing is left to measure.

    A take that failed ends the size, as one does that the machine did not spoil; see `SPOILT`.
    """
    last = last_take(rows, job)
    if not last:
        return 1
    if any(row["status"] != "ok" for row in last):
        return None
    if len(last) < job.sessions:
        return last[0]["take"]
    spoilt = SPOILT.intersection(summarise(last).flags)
    return last[0]["take"] + 1 if spoilt and last[0]["take"] < takes else None


def summarise(rows: Sequence[SessionRow]) -> SizeLatency:
    """Summarise one take of a size, at least one session."""
    good = [row for row in rows if row["status"] == "ok"]
    failed = next((row for row in rows if row["status"] != "ok"), None)
    first = rows[0]
    width, height = extent(first["size"]) or (0, 0)
    observed = {
        "size": first["size"],
        "width": width,
        "height": height,
        "status": "ok" if failed is None else failed["status"],
        "message": "" if failed is None else failed["message"],
        "attempts": sum(row["attempts"] for row in rows),
        "takes": first["take"],
        "inputs": first["inputs"],
        "hole_pixels": first["hole_pixels"],
        "encode_s": first["encode_s"],
        "decode_s": first["decode_s"],
    }
    sessions = [session_record(row, run_rows(row)) for row in good]
    return size_latency(observed, sessions, [sample for row in good for sample in run_rows(row)])


def run_rows(row: SessionRow) -> list[RunRow]:
    """Write the runs of a session as rows of the parquet file."""
    return [
        RunRow(
            series=row["series"],
            size=str(row["size"]),
            session=row["turn"],
            input=run["input"],
            hole_pixels=row["hole_pixels"][run["input"]],
            e2e_s=run["e2e_s"],
            call_s=run["call_s"],
            model_s=run["model_s"],
        )
        for run in row["runs"]
    ]
