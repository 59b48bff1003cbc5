"""Write and read LATENCY.json, the result of `df8k latency`, with every run in a parquet file beside it.

Browsers save one file: what the page measures holds its runs itself.
"""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import pyarrow as pa
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter
from typing_extensions import TypedDict

from _df8k.bounded import read_object, validated
from _df8k.files import sha256_of, write_text
from df8k.leaderboard.errors import LeaderboardError
from df8k.leaderboard.protocol.sizes import CheckedSize
from df8k.leaderboard.protocol.status import Status
from df8k.leaderboard.results.schema import Environment, Method, Provenance
from df8k.leaderboard.statistics.scaling import Fit
from df8k.storage.parquet import read_columns, rows_of, write_table

from .machine import MachineState
from .plan import PROTOCOL_VERSION

SCHEMA_VERSION: Final = 1

# ``ladder`` are the sizes that were asked for; ``area`` is one size with holes of several areas.
Series = Literal["ladder", "area"]

_Count = Annotated[int, Field(ge=0, le=2**40)]
_Seconds = Annotated[float, Field(gt=0, le=1e9, allow_inf_nan=False)]


class RunRow(TypedDict):
    """One counted run, a row of the parquet file; see `session.CountedRun`."""

    series: Series
    size: Annotated[str, Field(max_length=20)]
    session: _Count
    input: _Count
    hole_pixels: _Count
    e2e_s: _Seconds
    call_s: _Seconds
    model_s: _Seconds | None


_RUNS: Final = TypeAdapter(list[RunRow])
_COLUMNS: Final[dict[str, pa.DataType]] = {
    "series": pa.string(),
    "size": pa.string(),
    "session": pa.int32(),
    "input": pa.int32(),
    "hole_pixels": pa.int64(),
    "e2e_s": pa.float64(),
    "call_s": pa.float64(),
    "model_s": pa.float64(),
}


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Spread(_Model):
    """Seconds of many runs.

    Attributes:
        p99_s: absent below 100 runs.
    """

    n: int
    p50_s: float
    p90_s: float
    p99_s: float | None
    mean_s: float
    deviation_s: float
    least_s: float


class SessionRecord(_Model):
    """One session, without its runs; see `session.Session`.

    Attributes:
        process_s: from the start of the process until the harness was ready in it.
        p50_s: median of its runs.
        drift: median of its last tenth of runs over that of its first, each run relative to its picture.
        repeated_s: the last of its runs, made once more; absent in results of earlier versions.
        timer_s: smallest step of its clock, where that is not the machine's.
    """

    process_s: float
    load_s: float
    first_call_s: float
    warmup_s: list[float]
    steady: bool | None
    end: str
    wall_s: float
    others_cores: float | None
    stolen_cores: float | None
    busy_cores: float | None
    output_moved: bool
    peak_bytes: int | None
    call_bytes: int | None
    gpu_allocated_bytes: int | None
    gpu_reserved_bytes: int | None
    p50_s: float
    drift: float
    repeated_s: float | None = None
    timer_s: float | None = None


class SizeLatency(_Model):
    """Measurements at one size.

    Attributes:
        size: as asked for.
        width: pixels.
        height: pixels.
        status: ``ok``, ``left-out`` (no picture is large enough), or the kind of failure.
        message: why it failed, else empty.
        attempts: processes that were started, retries among them.
        takes: times that the size was measured; the last one is told. See `takes.SPOILT`.
        inputs: names of the pictures.
        hole_pixels: missing pixels of each.
        encode_s: writing the first picture as PNG; outside every clock.
        decode_s: reading it.
        sessions: those that ended well.
        e2e: runs of all sessions, from arrays in memory to the composited array in memory.
        call: of these, the method's call.
        model: of these, the method's own clock; absent where it has none.
        repeatability: slowest over fastest median of a session, less 1; absent for one session.
        flags: why the figures must be read with care; see docs/latency.md.
    """

    size: CheckedSize
    width: int
    height: int
    status: Status
    message: str
    attempts: int
    takes: int = Field(1, ge=1)
    inputs: list[str]
    hole_pixels: list[int]
    encode_s: float | None
    decode_s: float | None
    sessions: list[SessionRecord]
    e2e: Spread | None
    call: Spread | None
    model: Spread | None
    repeatability: float | None
    flags: list[str]

    @property
    def pixels(self) -> int:
        """Of the frame."""
        return self.width * self.height


class LatencyProtocol(_Model):
    """Settings of the measurement; docs/latency.md explains each field."""

    version: int = PROTOCOL_VERSION
    tier: str
    runs: int
    seconds: float
    sessions: int
    limit_s: float | None
    floor_runs: int
    slow_s: float
    warmup_rounds: int
    warmup_s: float
    steady: float
    takes: int = 1
    sizes: list[CheckedSize]
    area_size: CheckedSize | None
    material: str
    material_fingerprint: str
    timeout_s: float
    memory_limit_bytes: int | None
    e2e_region: str = "uint8 image and mask in memory to composited uint8 image in memory, synchronised"
    model_region: str = "what the method says its network took; for Python methods, their own process"


class LatencyResult(_Model):
    """Content of LATENCY.json.

    Attributes:
        machine: before the first session.
        threads: what was in force in the process of the first session.
        area: the series of hole areas; absent where it was not asked for.
        by_pixels: exponent of latency in pixels over the sizes that ended well.
        by_hole: seconds per missing pixel over the series of hole areas.
        samples_sha256: of the parquet file with every run, or of this file without the hash.
        runs: every run, where no parquet file lies beside.
    """

    kind: Literal["latency"] = "latency"
    schema_version: int = SCHEMA_VERSION
    method: Method
    protocol: LatencyProtocol
    environment: Environment
    machine: MachineState
    threads: Mapping[str, int | str | list[int]]
    provenance: Provenance
    sizes: list[SizeLatency]
    area: SizeLatency | None
    by_pixels: Fit | None
    by_hole: Fit | None
    samples_sha256: str = Field(pattern="^[0-9a-f]{64}$")
    runs: list[RunRow] | None = None


def samples_path(path: Path) -> Path:
    """Name the parquet file with every run, beside LATENCY.json."""
    return path.with_suffix(".parquet")


def write_samples(path: Path, samples: Sequence[RunRow]) -> None:
    """Write every run, in the order in which they were made, atomically."""
    write_table(path, samples, pa.schema(_COLUMNS))


def read_samples(path: Path) -> list[RunRow]:
    """Read every run.

    Raises:
        LeaderboardError: absent, or not such a table.
    """
    remedy = "a latency result needs its runs beside it"
    table = read_columns(path, _COLUMNS, error=LeaderboardError, remedy=remedy)
    # What was checked are rows.
    samples: list[Any] = rows_of(path, table, _RUNS, LeaderboardError)
    return samples


def runs_of(result: LatencyResult, path: Path) -> list[RunRow]:
    """Give every run of a result that was read from ``path``.

    Raises:
        LeaderboardError: see `read_samples`.
    """
    return read_samples(samples_path(path)) if result.runs is None else result.runs


def has_its_runs(result: LatencyResult, path: Path) -> bool:
    """Tell whether the runs, or the whole file where it holds them, are those that it was written with."""
    if result.runs is None:
        return sha256_of(samples_path(path)) == result.samples_sha256
    before, _, after = path.read_bytes().partition(result.samples_sha256.encode())
    return hashlib.sha256(before + after).hexdigest() == result.samples_sha256


def write_latency(result: LatencyResult, path: Path) -> None:
    """Write LATENCY.json atomically."""
    write_text(path, result.model_dump_json(indent=2) + "\n")


def is_latency(path: Path) -> bool:
    """Tell whether a file says that it is a latency result; reading it finds its faults."""
    try:
        return read_object(path, LeaderboardError).get("kind") == "latency"
    except LeaderboardError:
        return False


def read_latency(path: Path) -> LatencyResult:
    """Read LATENCY.json.

    Raises:
        LeaderboardError: absent, not JSON, another schema version, or a field is wrong; the message names it.
    """
    finding = "is not a result of df8k latency"
    content = read_object(path, LeaderboardError, finding=finding)
    result = validated(LatencyResult, content, str(path), LeaderboardError, finding=finding)
    if result.schema_version != SCHEMA_VERSION:
        raise LeaderboardError(
            f"{path} has schema {result.schema_version}, this df8k reads {SCHEMA_VERSION}: use one that fits"
        )
    return result
