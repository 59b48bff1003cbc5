"""Define RESULT.json, a self-describing result, and check it when it is read."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from _df8k.bounded import read_object, validated
from _df8k.files import write_text
from _df8k.gate import ID_PATTERN
from _df8k.store import locate
from df8k.baselines.base import Learning
from df8k.leaderboard.errors import LeaderboardError
from df8k.leaderboard.protocol.sizes import CheckedSize
from df8k.leaderboard.protocol.status import Failure

from .frame import Tabular
from .migrate import SCHEMA_VERSION, upgrade
from .samples import Samples

_FINDING: Final = "is not a result of df8k evaluate"
_Hash = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
_ImageId = Annotated[str, Field(pattern=ID_PATTERN)]
_Count = Annotated[int, Field(ge=0, le=2**31)]
_Bytes = Annotated[int, Field(ge=0, le=2**60)]
_Seconds = Annotated[float, Field(ge=0, le=1e9)]
Intervals = Literal["student-t", "percentile-bootstrap"]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Method(_Model):
    """The method; see `baselines.MethodCard`, plus the SPEC that it was loaded by."""

    name: str
    version: str
    summary: str
    source: str
    licence: str
    parameters: _Bytes | None
    weights_sha256: _Hash | None
    untrained: bool
    learning: Learning = ""
    added_stages: list[str] = Field(default_factory=list)
    control: bool = False
    settings: Mapping[str, Any]
    spec: str
    device: str


class Shard(_Model):
    """Which share of the images a part of a divided evaluation holds.

    Attributes:
        index: 1 to ``count``.
        count: how many shares there are.
        of: IDs of all images of the evaluation.
    """

    index: int = Field(ge=1)
    count: int = Field(ge=1)
    of: list[_ImageId]


class DatasetUsed(_Model):
    """The dataset, and which of its images took part.

    Attributes:
        shard: absent when all of them are here.
        preset: of its masks, with the version; absent where it was not recorded yet.
        headline: the size that a board shows first; absent where the dataset leaves it open.
    """

    name: str
    version: str
    fingerprint: str
    split: Literal["train", "validation", "test"]
    ids: list[_ImageId]
    shard: Shard | None = None
    preset: str | None = None
    headline: CheckedSize | None = None


class Protocol(_Model):
    """How it was measured.

    Attributes:
        version: what it says of masks, see `protocol.versions`.
        crop: ``square``: centre square crop, then area downsampling to S x S; the mask is rasterised at S.
        sizes: side lengths S in pixels; ``native`` stands for the whole image as it is.
        compositing: known pixels of the output are replaced by the input's before scoring.
        metrics: name → full variant name with version.
        warmup: uncounted runs on the first image of each size at most, and the seconds they may take.
        timing: runs per image at most, and the seconds they may take after ``least_runs``.
        timed_region: what a latency includes.
        intervals: kind of the intervals of means; results from before the field hold the older one.
    """

    version: int = 1
    crop: Literal["square"] = "square"
    sizes: list[CheckedSize]
    compositing: Literal["input"] = "input"
    metrics: Mapping[str, str]
    warmup: tuple[_Count, _Seconds]
    timing: tuple[_Count, _Seconds]
    least_runs: _Count = 1
    timed_region: str = "uint8 image and mask in memory to composited uint8 image in memory, synchronised"
    intervals: Intervals = "percentile-bootstrap"


class Environment(_Model):
    """The machine and its libraries."""

    cpu: str
    cores: _Count
    threads: _Count
    memory_bytes: _Bytes
    gpu: str | None
    system: str
    python: str
    libraries: Mapping[str, str]


class Provenance(_Model):
    """What made the numbers.

    Attributes:
        df8k_version: of the package.
        commit: of the checkout that ran; absent for an installed package.
        dirty: whether the code differed from that commit; absent with it.
        command: the command line as it was typed; absent when Python code made the result.
        metric_weights: SHA-256 of the weights that the metrics used, by name in the store.
        date: day in UTC on which the last of it was begun; results from before the field lack it.
    """

    df8k_version: str
    commit: str | None
    dirty: bool | None
    command: list[str] | None
    metric_weights: Mapping[str, str]
    date: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")] | None = None


class Seal(_Model):
    """Hashes by which an edit is found; see `seal`.

    Attributes:
        content_sha256: of everything else in RESULT.json.
        per_image_sha256: of the per-image file.
        features_sha256: of the states of distribution metrics, by size.
    """

    content_sha256: _Hash
    per_image_sha256: _Hash
    features_sha256: Mapping[str, _Hash]


class Estimate(_Model):
    """Mean over images with a 95 % interval, see `Protocol.intervals`; too few images have none."""

    mean: float
    low: float | None
    high: float | None
    n: int = Field(ge=1)


class Distribution(_Model):
    """Value of a metric of sets of pictures; see `metrics.Estimate`.

    Attributes:
        value: absent where there is none.
        deviation: its standard deviation, where the metric has one.
        flags: what a reader must know before comparing the value with another.
        pseudo_values: of the jackknife, by image ID: what intervals and paired tests take for its values.
    """

    value: float | None
    n: _Count
    deviation: float | None
    flags: list[str]
    reason: str
    pseudo_values: Mapping[str, float] = Field(default_factory=dict)


class Latency(_Model):
    """Seconds per image: each image counts with the median of its runs.

    Attributes:
        model_median_s: of what the method says its network took; absent where it does not tell.
    """

    median_s: _Seconds
    p90_s: _Seconds
    images: _Count
    runs: _Count
    model_median_s: _Seconds | None = None


class SizeResult(_Model):
    """Everything about one size.

    Attributes:
        n: images that were scored.
        left_out: images smaller than S; nothing is ever enlarged.
        failures: failed images by kind.
        metrics: ``name.region`` → estimate.
        distributions: metrics of the set of pictures.
        known_drift: mean absolute change of known pixels before compositing, in grey levels.
        peak_memory_bytes: of older results; `df8k latency` measures memory.
    """

    size: CheckedSize
    n: _Count
    left_out: _Count
    failures: Mapping[Failure, _Count]
    metrics: Mapping[str, Estimate]
    distributions: Mapping[str, Distribution] = Field(default_factory=dict)
    known_drift: Estimate | None
    latency: Latency | None
    peak_memory_bytes: _Bytes | None


class Part(_Model):
    """A share of a merged result.

    Attributes:
        ids: its images.
        environment: the machine that measured it.
        provenance: what made it.
        latency: on that machine, by size.
        shared_machine: other parts were measured there at the same time.
    """

    ids: list[_ImageId]
    environment: Environment
    provenance: Provenance
    latency: Mapping[str, Latency | None]
    shared_machine: bool = False


class Result(Tabular, _Model):
    """Content of RESULT.json; the values of each image stand in the parquet file beside it.

    Attributes:
        unavailable: metrics that were asked for and could not be computed, with the reason and the remedy.
        parts: what was merged into it; empty for a result of one run.
        samples: draws whose means it holds; absent for one draw.
        repeatable: ``False`` for one draw of a method that gives two pictures for one input.
        seal: absent in memory, and in results of schema 1.
    """

    schema_version: int = SCHEMA_VERSION
    method: Method
    dataset: DatasetUsed
    protocol: Protocol
    environment: Environment
    provenance: Provenance
    unavailable: Mapping[str, str] = Field(default_factory=dict)
    sizes: list[SizeResult]
    parts: list[Part] = Field(default_factory=list)
    samples: Samples | None = None
    repeatable: bool | None = None
    seal: Seal | None = None

    @property
    def one_machine(self) -> bool:
        """Tell whether one machine measured all of it, so that its times may be pooled."""
        return all(part.environment == self.environment for part in self.parts)


def write_result(result: Result, path: Path) -> None:
    """Write RESULT.json atomically."""
    write_text(path, result.model_dump_json(indent=2) + "\n")


def read_result(path: str | Path) -> Result:
    """Read RESULT.json.

    Raises:
        LeaderboardError: absent, not JSON, another schema version, or a field is wrong; the message names it.
    """
    content = read_content(locate(path))
    try:
        upgraded = upgrade(content)
    except LeaderboardError as error:
        raise LeaderboardError(f"{path} {error}") from error
    return validated(Result, upgraded, str(path), LeaderboardError, finding=_FINDING)


def read_content(path: Path) -> dict[str, Any]:
    """Read RESULT.json as it stands, before any check of its fields; errors as of `read_result`."""
    return read_object(path, LeaderboardError, finding=_FINDING)
