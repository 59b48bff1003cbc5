"""Write and read the table of per-image values beside a result, as rows, or as arrays by size."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from df8k.storage.parquet import read_columns, write_table
from leaderboard.errors import LeaderboardError
from leaderboard.protocol.sizes import Size
from leaderboard.protocol.status import Status

from .schema import Result, per_image_path

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


def write_per_image(path: Path, rows: Sequence[ImageRow], columns: Sequence[str]) -> None:
    """Write the per-image table as parquet, ordered by size and ID, atomically.

    Args:
        path: see `schema.per_image_path`.
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
    needed, remedy = FIXED_COLUMNS.keys() - _SINCE_2, "a result needs its per-image file beside it"
    table = read_columns(path, needed, error=LeaderboardError, remedy=remedy)
    return [ImageRow.from_record(record) for record in table.to_pylist()]


@dataclass(frozen=True)
class PerImage:
    """Outcome of one method for each image at one size, in the order of ``ids``.

    Attributes:
        ids: image IDs.
        status: ``ok``, ``left-out`` or the kind of failure.
        errors: message of a failure, else empty.
        values: metric key → float64 ``(images,)``; NaN where there is no value.
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
    table = pq.read_table(per_image_path(path))
    sizes = np.array([str(size) for size in table["size"].to_pylist()])
    ids, status = np.array(table["id"].to_pylist()), np.array(table["status"].to_pylist())
    errors = np.array([error or "" for error in table["error"].to_pylist()], dtype=object)
    names = table.column_names
    categories = np.array(table["category"].to_pylist() if "category" in names else [None] * len(ids))
    masks = {name: f"mask_{name}" for name in MASK_MEASURES if f"mask_{name}" in names}
    by_size: dict[Size, PerImage] = {}
    for size_result in result.sizes:
        rows = np.flatnonzero(sizes == str(size_result.size))
        rows = rows[np.argsort(ids[rows], kind="stable")]
        by_size[size_result.size] = PerImage(
            ids[rows].tolist(),
            status[rows].tolist(),
            errors[rows].tolist(),
            {name: _floats(table, name)[rows] for name in names if "." in name},
            {name: _floats(table, column)[rows] for name, column in masks.items()},
            categories[rows].tolist(),
        )
    return by_size


def _floats(table: pa.Table, column: str) -> npt.NDArray[np.float64]:
    return np.asarray(table[column].to_numpy(), dtype=np.float64)
