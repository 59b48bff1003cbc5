"""Tables of rows, whole or absent, in parquet files."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from _df8k.files import atomic_path


def write_table(path: Path, rows: Sequence[Mapping[str, Any]], schema: pa.Schema) -> None:
    """Write rows as parquet, atomically; missing keys become null."""
    with atomic_path(path) as temporary:
        pq.write_table(pa.Table.from_pylist(list(rows), schema=schema), temporary, compression="zstd")


def read_columns(path: Path, columns: Collection[str], *, error: type[Exception], remedy: str) -> pa.Table:
    """Read a table with at least the columns ``columns``.

    Args:
        path: of the file.
        columns: names of columns.
        error: raised where the file is absent, not parquet, or lacks some of them.
        remedy: what to do about a file that cannot be read.
    """
    try:
        table = pq.read_table(path)
    except (OSError, pa.ArrowException) as fault:
        raise error(f"{path} cannot be read: {fault}; {remedy}") from fault
    if missing := set(columns) - set(table.column_names):
        raise error(f"{path} lacks the columns {', '.join(sorted(missing))}")
    return table
