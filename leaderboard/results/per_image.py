"""Write and read the table of per-image values beside a result, as rows, or as arrays by size."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Final, Required, Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from typing_extensions import TypedDict

from _df8k.bounded import faults
from _df8k.gate import ID_PATTERN, shown
from df8k.leaderboard.errors import LeaderboardError
from df8k.leaderboard.protocol.sizes import Size
from df8k.leaderboard.protocol.status import Status
from df8k.storage.parquet import read_columns, rows_of, write_table

from .schema import Result, SizeResult

FIXED_COLUMNS: Final[Mapping[str, pa.DataType]] = {
    "id": pa.string(),
    "size": pa.string(),
    "status": pa.string(),
    "error": pa.string(),
    "category": pa.string(),
    "hole_pixels": pa.int64(),
    "mask_coverage": pa.float64(),
    "mask_depth": pa.float64(),
    "mask_components": pa.int64(),
    "mask_sides": pa.int64(),
    "known_drift": pa.float64(),
    "peak_memory_bytes": pa.int64(),
    "seconds": pa.list_(pa.float64()),
    "model_seconds": pa.list_(pa.float64()),
}

MASK_MEASURES: Final = ("coverage", "depth", "components", "sides")
# What tables of schema 1 lack; read as unknown.
_SINCE_2: Final = frozenset({"category", "model_seconds", *(f"mask_{name}" for name in MASK_MEASURES)})


@dataclass(frozen=True, kw_only=True)
class ImageRow:
    """One image at one size; ``None`` where there is no value.

    Attributes:
        id: of the image.
        size: as text.
        status: how it ended.
        error: message of a failure.
        category: of the image, where the dataset tells one.
        hole_pixels: missing pixels.
        mask_coverage: see `MaskColumns`, as the next three.
        mask_depth: largest distance to a known pixel.
        mask_components: connected holes.
        mask_sides: sides of the frame that they reach.
        known_drift: mean absolute change of known pixels before compositing, in grey levels.
        peak_memory_bytes: highest resident memory of the first call above that before it.
        seconds: of each counted run.
        model_seconds: of each counted run, inside the network.
        scores: metric key → value.
    """

    id: str
    size: str
    status: Status
    error: str | None = None
    category: str | None = None
    hole_pixels: int | None = None
    mask_coverage: float | None = None
    mask_depth: float | None = None
    mask_components: int | None = None
    mask_sides: int | None = None
    known_drift: float | None = None
    peak_memory_bytes: int | None = None
    seconds: Sequence[float] | None = None
    model_seconds: Sequence[float] | None = None
    scores: Mapping[str, float | None] = field(default_factory=dict)

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Self:
        """Read a flat record: the fixed columns, then one per metric key, which holds a point."""
        fixed = {name: record[name] for name in FIXED_COLUMNS if name in record}
        return cls(**fixed, scores={name: value for name, value in record.items() if "." in name})

    def record(self) -> dict[str, Any]:
        """Write the flat record of one line of the table or the journal."""
        return {name: getattr(self, name) for name in FIXED_COLUMNS} | dict(self.scores)


def per_image_path(path: Path) -> Path:
    """Name the parquet file with the values of each image, beside RESULT.json."""
    return path.with_suffix(".parquet")


def write_per_image(path: Path, rows: Sequence[ImageRow], columns: Sequence[str]) -> None:
    """Write the per-image table as parquet, ordered by size and ID, atomically.

    Args:
        path: see `per_image_path`.
        rows: one per image and size.
        columns: keys of the metrics.
    """
    schema = pa.schema({**FIXED_COLUMNS, **dict.fromkeys(columns, pa.float64())})
    ordered = sorted(rows, key=lambda row: (len(row.size), row.size, row.id))
    write_table(path, [row.record() for row in ordered], schema)


def read_per_image(path: Path) -> list[ImageRow]:
    """Read the per-image table beside a result.

    Raises:
        LeaderboardError: absent, or not such a table.
    """
    return [ImageRow.from_record(record) for record in _read_records(path)]


_Count = Annotated[int, Field(ge=0, le=2**40)]
_Seconds = Annotated[list[Annotated[float, Field(ge=0, le=1e9)]], Field(max_length=100_000)]
_Text = Annotated[str, Field(max_length=100_000)]


class _Record(TypedDict, total=False):
    """Row of the table: these, then a score for each metric key."""

    __pydantic_config__ = ConfigDict(extra="allow", allow_inf_nan=False)  # type: ignore[misc]

    id: Required[Annotated[str, Field(pattern=ID_PATTERN)]]
    size: Required[Annotated[str, Field(max_length=20)]]
    status: Required[Annotated[str, Field(max_length=20)]]
    error: _Text | None
    category: _Text | None
    hole_pixels: _Count | None
    mask_coverage: Annotated[float, Field(ge=0, le=1)] | None
    mask_depth: Annotated[float, Field(ge=0, le=1e6)] | None
    mask_components: _Count | None
    mask_sides: Annotated[int, Field(ge=0, le=4)] | None
    known_drift: Annotated[float, Field(ge=0, le=255)] | None
    peak_memory_bytes: Annotated[int, Field(ge=0, le=2**60)] | None
    seconds: _Seconds | None
    model_seconds: _Seconds | None


_RECORDS: Final = TypeAdapter(list[_Record])
_SCORE: Final = TypeAdapter(list[Annotated[float, Field(ge=-1e12, le=1e12, allow_inf_nan=False)] | None])


def _read_records(path: Path) -> list[dict[str, Any]]:
    table = read_columns(
        path,
        FIXED_COLUMNS,
        error=LeaderboardError,
        remedy="a result needs its per-image file beside it",
        optional=_SINCE_2,
        others=True,
    )
    for name in table.column_names:
        if name in FIXED_COLUMNS:
            continue
        # Every other column is a score, and named with its region.
        if "." not in name or table.schema.field(name).type not in {pa.float64(), pa.null()}:
            raise LeaderboardError(f"{path} has a column {shown(name)}, which no result has")
        try:
            _SCORE.validate_python(table.column(name).to_pylist())
        except ValidationError as fault:
            raise LeaderboardError(f"{path}, column {shown(name)}: {faults(fault)}") from fault
    return rows_of(path, table, _RECORDS, LeaderboardError)


def checked_rows(records: Sequence[Mapping[str, Any]], path: Path) -> list[ImageRow]:
    """Read the rows of a journal.

    Raises:
        LeaderboardError: a row is none; it is named.
    """
    try:
        _RECORDS.validate_python(list(records), strict=True)
        for record in records:
            _SCORE.validate_python([value for name, value in record.items() if name not in FIXED_COLUMNS])
    except ValidationError as fault:
        raise LeaderboardError(f"{path} is damaged: {faults(fault)}; delete it to begin anew") from fault
    return [ImageRow.from_record(record) for record in records]


@dataclass(frozen=True)
class PerImage:
    """Outcome of one method for each image at one size, in the order of ``ids``.

    Attributes:
        ids: image IDs.
        status: ``ok``, ``left-out`` or the kind of failure.
        errors: message of a failure, else empty.
        values: metric key → float64 ``(images,)``; NaN where there is no value. Metrics of sets, under their
            names, have pseudo-values.
        masks: ``coverage``, ``depth``, ``components`` and ``sides`` of the mask; see `MaskColumns`.
        categories: of the images; ``None`` where the dataset tells none.
    """

    ids: Sequence[str]
    status: Sequence[str]
    errors: Sequence[str]
    values: Mapping[str, npt.NDArray[np.float64]]
    masks: Mapping[str, npt.NDArray[np.float64]] = field(default_factory=dict)
    categories: Sequence[str | None] = ()


def read_arrays(path: Path, result: Result) -> dict[Size, PerImage]:
    """Read the per-image file beside an accepted result, size by size.

    Args:
        path: RESULT.json.
        result: its content; see `validate.read_accepted`.
    """
    records = sorted(_read_records(per_image_path(path)), key=lambda record: str(record["id"]))
    names = list(records[0]) if records else []
    masks = {name: f"mask_{name}" for name in MASK_MEASURES if f"mask_{name}" in names}
    by_size: dict[Size, PerImage] = {}
    for size_result in result.sizes:
        rows = [record for record in records if record["size"] == str(size_result.size)]
        by_size[size_result.size] = PerImage(
            [row["id"] for row in rows],
            [row["status"] for row in rows],
            [row["error"] or "" for row in rows],
            {name: _floats(rows, name) for name in names if "." in name} | _pseudo_values(size_result, rows),
            {name: _floats(rows, column) for name, column in masks.items()},
            [row.get("category") for row in rows],
        )
    return by_size


def _pseudo_values(
    size_result: SizeResult, rows: Sequence[Mapping[str, Any]]
) -> dict[str, npt.NDArray[np.float64]]:
    """Give metrics of sets their jackknife's value for each image."""
    return {
        name: np.array([distribution.pseudo_values.get(row["id"], np.nan) for row in rows])
        for name, distribution in size_result.distributions.items()
        if distribution.pseudo_values
    }


def _floats(rows: Sequence[Mapping[str, Any]], column: str) -> npt.NDArray[np.float64]:
    return np.array([row[column] for row in rows], dtype=np.float64)
