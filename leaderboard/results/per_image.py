"""The table of per-image values beside a result: written, read, and as arrays for what a mean hides."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from df8k.parquet import read_columns, write_table
from leaderboard.errors import LeaderboardError
from leaderboard.protocol.sizes import Size

from .schema import Result, per_image_path

# One image at one size: the fixed columns, then one per metric key.
Row = dict[str, Any]

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


def write_per_image(path: Path, rows: Sequence[Row], columns: Sequence[str]) -> None:
    """Write the per-image table as parquet, ordered by size and ID, atomically.

    Args:
        path: see `schema.per_image_path`.
        rows: one per image and size.
        columns: keys of the metrics.
    """
    schema = pa.schema({**FIXED_COLUMNS, **dict.fromkeys(columns, pa.float64())})
    ordered = sorted(rows, key=lambda row: (len(row["size"]), row["size"], row["id"]))
    write_table(path, ordered, schema)


def read_per_image(path: Path) -> list[Row]:
    """Read the per-image table beside a result.

    Raises:
        LeaderboardError: absent, or not such a table.
    """
    needed, remedy = FIXED_COLUMNS.keys() - _SINCE_2, "a result needs its per-image file beside it"
    table = read_columns(path, needed, error=LeaderboardError, remedy=remedy)
    unknown = dict.fromkeys(FIXED_COLUMNS.keys() - set(table.column_names))
    return [unknown | row for row in table.to_pylist()]


@dataclass(frozen=True)
class PerImage:
    """What one method did with each image at one size, in the order of ``ids``.

    Attributes:
        ids: image IDs.
        status: ``ok``, ``left-out`` or the kind of failure.
        errors: message of a failure, else empty.
        values: metric key → float64 ``(images,)``; NaN where there is no value.
        masks: ``coverage``, ``depth``, ``components`` and ``sides`` of the mask; see `mask_shape`.
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
    found: dict[Size, PerImage] = {}
    for part in result.sizes:
        rows = np.flatnonzero(sizes == str(part.size))
        rows = rows[np.argsort(ids[rows], kind="stable")]
        found[part.size] = PerImage(
            ids[rows].tolist(),
            status[rows].tolist(),
            errors[rows].tolist(),
            {name: _floats(table, name)[rows] for name in names if "." in name},
            {name: _floats(table, column)[rows] for name, column in masks.items()},
            categories[rows].tolist(),
        )
    return found


def _floats(table: pa.Table, column: str) -> npt.NDArray[np.float64]:
    return np.asarray(table[column].to_numpy(), dtype=np.float64)
