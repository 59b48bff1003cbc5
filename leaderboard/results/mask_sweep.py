"""Define and read ``RESULT.sweep.json``: how the method of a result bore sloppy masks."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from _df8k.bounded import read_object, validated
from df8k.leaderboard.errors import LeaderboardError
from df8k.leaderboard.protocol.sizes import CheckedSize

from .schema import Estimate

SlipKind = Literal["exact", "dilate", "erode", "feather"]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class SweepRow(_Model):
    """One way in which masks were off, at one size.

    Attributes:
        size: as in an evaluation.
        kind: ``exact``, or what was done to the mask.
        fraction: radius in short sides of the picture.
        images: that were scored.
        failures: that failed, or whose mask vanished.
        metrics: key → mean over images, in the hole as it should have been.
    """

    size: CheckedSize
    kind: SlipKind
    fraction: Annotated[float, Field(ge=0, le=1)]
    images: Annotated[int, Field(ge=0)]
    failures: Annotated[int, Field(ge=0)]
    metrics: Mapping[Annotated[str, Field(max_length=100)], Estimate]


class MaskSweep(_Model):
    """Sweep of one method.

    Attributes:
        method: its name.
        content_sha256: seal of the content of the result that it belongs to.
        rows: by size, the exact mask first.
    """

    method: Annotated[str, Field(max_length=1000)]
    content_sha256: str
    rows: Annotated[list[SweepRow], Field(min_length=1, max_length=1000)]


def sweep_path(path: Path) -> Path:
    """Name the sweep beside a RESULT.json."""
    return path.with_suffix(".sweep.json")


def read_sweep(path: Path) -> MaskSweep:
    """Read a sweep.

    Args:
        path: see `sweep_path`.

    Raises:
        LeaderboardError: absent, or not such a file.
    """
    finding = "is no sweep of df8k evaluate --mask-sweep"
    content = read_object(path, LeaderboardError, finding=finding)
    return validated(MaskSweep, content, str(path), LeaderboardError, finding=finding)
