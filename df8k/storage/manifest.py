"""The two tables of a dataset: the manifest of every candidate and the metadata of each split."""

from pathlib import Path
from typing import Annotated, Any, Final, Literal, NotRequired

import pyarrow as pa
from pydantic import AfterValidator, ConfigDict, Field, TypeAdapter
from typing_extensions import TypedDict

from _df8k.gate import ID_PATTERN, shown
from df8k.checks import score_names
from df8k.errors import DatasetError
from df8k.testmasks.frames import STORED, frame_name

from .parquet import read_columns, rows_of

_ID = Annotated[str, Field(pattern=ID_PATTERN)]
_Hash = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
_Side = Annotated[int, Field(ge=1, le=2**20)]
_Fraction = Annotated[float, Field(ge=0, le=1)]
_Text = Annotated[str, Field(max_length=100_000)]
_Vector = Annotated[str, Field(max_length=2**20)]

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
_FRAMES: dict[str, pa.DataType] = {
    f"mask_{frame_name(aspect)}_{column}": kind
    for aspect in STORED
    for column, kind in (("coverage", pa.float64()), ("sha256", pa.string()), ("json", pa.string()))
}
METADATA: Final = pa.schema(_METADATA | _FRAMES)


def metadata_of(format_version: int) -> pa.Schema:
    """Give the columns of the splits' tables: datasets of format 1 have no masks of frames."""
    return pa.schema(_METADATA) if format_version == 1 else METADATA


class _MetadataRow(TypedDict):
    """Row of a split's table; what somebody added, such as a category, stays."""

    __pydantic_config__ = ConfigDict(extra="allow", allow_inf_nan=False)  # type: ignore[misc]

    id: _ID
    file_name: str
    mask_file_name: str | None
    width: _Side
    height: _Side
    source: _Text
    licence: _Text | None
    author: _Text | None
    origin: _Text | None
    sha256: _Hash
    pixel_sha256: _Hash
    mask_coverage: _Fraction | None
    mask_sha256: _Hash | None
    mask_json: _Vector | None
    mask_1x1_coverage: NotRequired[_Fraction | None]
    mask_1x1_sha256: NotRequired[_Hash | None]
    mask_1x1_json: NotRequired[_Vector | None]
    mask_16x9_coverage: NotRequired[_Fraction | None]
    mask_16x9_sha256: NotRequired[_Hash | None]
    mask_16x9_json: NotRequired[_Vector | None]


class _ManifestRow(TypedDict, total=False):
    """Columns of the manifest that say more than a text or a number."""

    __pydantic_config__ = ConfigDict(extra="allow", allow_inf_nan=False)  # type: ignore[misc]

    id: _ID | Literal[""] | None
    source_sha256: _Hash | Literal[""] | None
    pixel_sha256: _Hash | Literal[""] | None
    file_sha256: _Hash | Literal[""] | None
    width: Annotated[int, Field(ge=0, le=2**20)] | None
    height: Annotated[int, Field(ge=0, le=2**20)] | None
    decision: Annotated[str, Field(max_length=100)]
    split: Literal["train", "validation", "test", ""] | None


def _agrees(row: dict[str, Any]) -> dict[str, Any]:
    """Check what the cells of a row say of each other; raises ValueError."""
    if row["file_name"] != f"images/{row['id']}.png":
        raise ValueError(f"names {shown(row['file_name'])}, expected images/{row['id']}.png")
    if row["mask_file_name"] not in {None, f"masks/{row['id']}.png"}:
        raise ValueError(f"names {shown(row['mask_file_name'])}, expected masks/{row['id']}.png")
    parts = ["mask_file_name", "mask_coverage", "mask_sha256", "mask_json"]
    parts += [name for name in _FRAMES if name in row]
    absent = [row[name] is None for name in parts]
    if any(absent) and not all(absent):
        raise ValueError("has a part of a mask: file, coverage, hash and JSON belong together")
    return row


_ROWS: Final[dict[str, TypeAdapter[Any]]] = {
    "metadata": TypeAdapter(list[Annotated[_MetadataRow, AfterValidator(_agrees)]]),
    "manifest": TypeAdapter(list[_ManifestRow]),
}


def read_table(
    path: Path, schema: pa.Schema, *, others: bool = False, rows: int | None = None
) -> list[dict[str, Any]]:
    """Read rows written by `parquet.write_table`, each checked.

    Args:
        path: of the file.
        schema: `METADATA`, `MANIFEST`, or columns of one of them, which must be there.
        others: keep columns that somebody added, such as a category.
        rows: rows at most.

    Raises:
        DatasetError: the file is absent, not parquet or beyond its bounds, lacks columns, or a cell is wrong.
    """
    types = {field.name: field.type for field in schema}
    remedy = "build the dataset again"
    table = read_columns(path, types, error=DatasetError, remedy=remedy, others=others, rows=rows)
    adapter = _ROWS["metadata" if "file_name" in types else "manifest"]
    return rows_of(path, table, adapter, DatasetError)
