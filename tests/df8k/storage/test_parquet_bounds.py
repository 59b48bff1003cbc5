"""Tables that claim more than they are: refused from their footer, before anything is materialised."""

import tracemalloc

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from df8k.errors import DatasetError
from df8k.storage.manifest import METADATA, read_table


def repeated(path, row, rows, group=100_000):
    """Write a file of a few kilobytes that repeats one row."""
    block = pa.Table.from_pylist([row] * group, schema=METADATA)
    with pq.ParquetWriter(path, METADATA, compression="zstd") as writer:
        for _ in range(rows // group):
            writer.write_table(block)


ROW = dict.fromkeys(METADATA.names)


def test_a_small_file_of_millions_of_rows_is_refused_at_once(tmp_path):
    path = tmp_path / "metadata.parquet"
    repeated(path, ROW, 2_000_000)
    assert path.stat().st_size < 1_000_000
    tracemalloc.start()
    with pytest.raises(DatasetError, match=r"says that it has .* cells, at most"):
        read_table(path, METADATA)
    with pytest.raises(DatasetError, match="2000000 rows, at most 3 are expected"):
        read_table(path, METADATA, rows=3)
    assert tracemalloc.get_traced_memory()[1] < 50_000_000
    tracemalloc.stop()


def test_a_long_text_that_is_repeated_is_counted_before_it_is_written_out(tmp_path):
    path = tmp_path / "metadata.parquet"
    repeated(path, ROW | {"author": "x" * 100_000}, 10_000, group=10_000)
    assert path.stat().st_size < 1_000_000
    with pytest.raises(DatasetError, match=r"of text, at most|holds .* MiB"):
        read_table(path, METADATA)


CELLS = {
    "id": ["../../escaped", "", None, "0123456789ABCDEF"],
    "width": [None, -1, 0],
    "sha256": ["x", None],
    "mask_coverage": [2.0, float("nan"), -0.1],
    "mask_json": [None],
}


@pytest.mark.parametrize(
    ("column", "value"), [(name, value) for name, values in CELLS.items() for value in values]
)
def test_a_wrong_cell_is_named_with_row_and_column(tmp_path, column, value):
    sound = dict(ROW, id="0" * 16, file_name=f"images/{'0' * 16}.png", mask_file_name=f"masks/{'0' * 16}.png")
    sound |= {"width": 4, "height": 3, "source": "s", "sha256": "0" * 64, "pixel_sha256": "0" * 64}
    sound |= {name: 0.5 for name in METADATA.names if name.endswith("coverage")}
    sound |= {name: "0" * 64 for name in METADATA.names if name.endswith("sha256")}
    sound |= {name: "{}" for name in METADATA.names if name.endswith("json")}
    path = tmp_path / "metadata.parquet"
    pq.write_table(pa.Table.from_pylist([sound], schema=METADATA), path)
    assert read_table(path, METADATA)
    pq.write_table(pa.Table.from_pylist([sound, sound | {column: value}], schema=METADATA), path)
    with pytest.raises(DatasetError, match="row 1"):
        read_table(path, METADATA)


@pytest.mark.parametrize("kind", [pa.int64(), pa.binary(), pa.list_(pa.string())])
def test_a_column_of_another_type_is_named(tmp_path, kind):
    path = tmp_path / "metadata.parquet"
    table = pa.Table.from_pylist([ROW], schema=METADATA)
    index = METADATA.names.index("licence")
    pq.write_table(table.set_column(index, "licence", pa.nulls(1, kind)), path)
    with pytest.raises(DatasetError, match="column licence: it holds"):
        read_table(path, METADATA)
