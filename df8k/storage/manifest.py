"""The two tables of a dataset: the manifest of every candidate and the metadata of each split."""

from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from df8k.checks import score_names
from df8k.errors import DatasetError

from .parquet import read_columns

_MANIFEST: dict[str, pa.DataType] = {
    "id": pa.string(),
    "source": pa.string(),
    "key": pa.string(),
    "licence": pa.string(),
    "author": pa.string(),
    "origin": pa.string(),
    "source_sha256": pa.string(),
    "pixel_sha256": pa.string(),
    "file_sha256": pa.string(),
    "width": pa.int32(),
    "height": pa.int32(),
    "decision": pa.string(),
    "reason": pa.string(),
    "detail": pa.string(),
    "duplicate_of": pa.string(),
    "split": pa.string(),
    "phash": pa.string(),
    "doubt": pa.string(),
    "override": pa.string(),
    "quality": pa.float64(),
    **{name: pa.float64() for name in (f"score_{score}" for score in score_names())},
}
MANIFEST: Final = pa.schema(_MANIFEST)

_METADATA: dict[str, pa.DataType] = {
    "file_name": pa.string(),
    "mask_file_name": pa.string(),
    "id": pa.string(),
    "width": pa.int32(),
    "height": pa.int32(),
    "source": pa.string(),
    "licence": pa.string(),
    "author": pa.string(),
    "origin": pa.string(),
    "sha256": pa.string(),
    "pixel_sha256": pa.string(),
    "mask_coverage": pa.float64(),
    "mask_sha256": pa.string(),
    "mask_json": pa.string(),
}
METADATA: Final = pa.schema(_METADATA)


def read_table(path: Path, schema: pa.Schema, *, others: bool = False) -> list[dict[str, Any]]:
    """Read rows written by `parquet.write_table`.

    Args:
        path: of the file.
        schema: columns that must be there.
        others: keep columns that somebody added, such as a category.

    Raises:
        DatasetError: the file is absent, not parquet, or lacks columns.
    """
    table = read_columns(path, schema.names, error=DatasetError, remedy="build the dataset again")
    rows: list[dict[str, Any]] = (table if others else table.select(schema.names)).to_pylist()
    return rows
