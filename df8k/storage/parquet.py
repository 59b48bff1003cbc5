"""Tables of rows in parquet files: whole or absent when written, bounded and typed when read."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import IO, Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pydantic import TypeAdapter, ValidationError

from _df8k.bounded import Fault, place
from _df8k.files import atomic_path
from _df8k.gate import shown
from _df8k.store import remote

# A row of the manifest has about 40 cells; Python holds some 100 bytes for each.
MAX_CELLS: Final = 6_000_000
_MAX_BYTES: Final = 400 * 2**20
_MAX_COLUMNS: Final = 1000
_MAX_COLUMN_NAME: Final = 200


def write_table(path: Path, rows: Sequence[Mapping[str, Any]], schema: pa.Schema) -> None:
    """Write rows as parquet, atomically; missing keys become null."""
    with atomic_path(path) as temporary:
        pq.write_table(pa.Table.from_pylist(list(rows), schema=schema), temporary, compression="zstd")


def read_columns(
    path: Path,
    types: Mapping[str, pa.DataType],
    *,
    error: Fault,
    remedy: str,
    optional: Collection[str] = (),
    others: bool = False,
    rows: int | None = None,
) -> pa.Table:
    """Read a table of known columns; its size is known from its footer before anything is materialised.

    Args:
        path: of the file.
        types: columns, which must be of these types; integers and floats of other widths are converted.
        error: makes the exception.
        remedy: what to do about a file that cannot be read.
        optional: of ``types``, those that may be absent.
        others: also read columns that are not in ``types``.
        rows: rows at most; without it the number of cells alone is bounded.

    Returns:
        The columns of ``types`` in their order, then the others.

    Raises:
        Exception: ``error``, where the file is absent, no parquet, larger than the bounds, lacks columns, or
            has one of another type.
    """
    if not path.is_file():
        raise error(f"{path} cannot be read: there is no such file; {remedy}")
    try:
        with pq.ParquetFile(_source(path), thrift_container_size_limit=200_000) as file:
            names = _chosen(path, file, types, optional, error, others=others)
            _check_size(path, file.metadata, len(names), rows, error)
            text = [name for name in names if _family(file.schema_arrow.field(name).type) == "text"]
        with pq.ParquetFile(_source(path), read_dictionary=text) as file:
            table = file.read(columns=names, use_threads=False)
            _check_text(path, table, error)
            decoded = [_decoded(table.column(name)) for name in names]
            table = pa.table(dict(zip(names, decoded, strict=True)))
            table.validate(full=True)
            for index, name in enumerate(names):
                kind = types.get(name, table.schema.field(name).type)
                table = table.set_column(index, name, table.column(name).cast(kind))
    except (pa.ArrowException, OSError, ValueError) as fault:
        if not isinstance(fault, (pa.ArrowException, OSError, UnicodeError)):
            raise  # ours already
        raise error(f"{path} cannot be read: {_one_line(fault)}; {remedy}") from fault
    return table


def rows_of(path: Path, table: pa.Table, adapter: TypeAdapter[Any], error: Fault) -> list[dict[str, Any]]:
    """Check the rows of a table one by one.

    Args:
        path: of the file, for messages.
        table: see `read_columns`.
        adapter: of a list of rows; says ranges, patterns and which cells may be empty.
        error: makes the exception.

    Raises:
        Exception: ``error`` with row and column of the first cell that is wrong.
    """
    try:
        rows: list[dict[str, Any]] = adapter.validate_python(table.to_pylist(), strict=True)
    except ValidationError as fault:
        first = fault.errors(include_url=False, include_context=False)[0]
        row, *column = first["loc"]
        cell = f", column {place(column)}: {shown(first['input'])}" if column else ""
        more = f"; {fault.error_count() - 1} more" if fault.error_count() > 1 else ""
        raise error(f"{path}, row {row}{cell}: {first['msg']}{more}") from fault
    return rows


def _source(path: Path) -> Path | IO[bytes]:
    """Give the path itself, or a file that reads a store's object by ranges."""
    return path if remote(path) is None else path.open("rb")


def _chosen(
    path: Path,
    file: pq.ParquetFile,
    types: Mapping[str, pa.DataType],
    optional: Collection[str],
    error: Fault,
    *,
    others: bool,
) -> list[str]:
    present = file.schema_arrow.names
    if len(present) > _MAX_COLUMNS or file.metadata.num_columns > 4 * _MAX_COLUMNS:
        raise error(f"{path} has {len(present)} columns, at most {_MAX_COLUMNS} are expected")
    if len(set(present)) != len(present) or any(len(name) > _MAX_COLUMN_NAME for name in present):
        raise error(f"{path} has a column twice, or one with an endless name")
    if missing := sorted(types.keys() - set(present) - set(optional)):
        raise error(f"{path} lacks the columns {', '.join(missing)}")
    for name in types:
        if name in present:
            _check_type(path, name, file.schema_arrow.field(name).type, types[name], error)
    more = [name for name in present if name not in types] if others else []
    return [*(name for name in types if name in present), *more]


def _check_type(path: Path, name: str, actual: pa.DataType, expected: pa.DataType, error: Fault) -> None:
    if pa.types.is_null(actual) or _family(actual) == _family(expected):
        return
    raise error(f"{path}, column {name}: it holds {actual}, {expected} is expected")


def _family(kind: pa.DataType) -> str:
    """Name what a type holds, whatever its width."""
    if pa.types.is_dictionary(kind):
        return _family(kind.value_type)
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return "text"
    if pa.types.is_integer(kind):
        return "integer"
    if pa.types.is_floating(kind):
        return "float"
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return f"list of {_family(kind.value_type)}"
    return str(kind)


def _check_size(path: Path, footer: pq.FileMetaData, columns: int, rows: int | None, error: Fault) -> None:
    if rows is not None and footer.num_rows > rows:
        raise error(f"{path} says that it has {footer.num_rows} rows, at most {rows} are expected")
    groups = [footer.row_group(index) for index in range(footer.num_row_groups)]
    chunks = [group.column(index) for group in groups for index in range(group.num_columns)]
    cells = max(footer.num_rows * columns, max((chunk.num_values for chunk in chunks), default=0))
    if not 0 <= cells <= MAX_CELLS:
        raise error(f"{path} says that it has {cells} cells, at most {MAX_CELLS} are read")
    size = sum(chunk.total_uncompressed_size for chunk in chunks)
    if not 0 <= size <= _MAX_BYTES:
        raise error(f"{path} says that it holds {size >> 20} MiB, at most {_MAX_BYTES >> 20} are read")


def _check_text(path: Path, table: pa.Table, error: Fault) -> None:
    """Bound text before it is written out: a few kilobytes may repeat a long value a million times."""
    total = 0
    for name in table.column_names:
        for chunk in table.column(name).chunks:
            if pa.types.is_dictionary(chunk.type):
                lengths = pc.take(pc.binary_length(chunk.dictionary), chunk.indices)
                total += pc.sum(lengths.cast(pa.int64())).as_py() or 0
    if total > _MAX_BYTES:
        raise error(f"{path} holds {total >> 20} MiB of text, at most {_MAX_BYTES >> 20} are read")


def _decoded(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if not pa.types.is_dictionary(column.type):
        return column
    chunks = [chunk.dictionary_decode() for chunk in column.chunks]
    return pa.chunked_array(chunks, type=column.type.value_type)


def _one_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[0][:300]
