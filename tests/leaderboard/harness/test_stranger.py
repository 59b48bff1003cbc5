"""A stranger's dataset: its tables name files that are not its own."""

import shutil

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import baselines
import df8k
import leaderboard
from df8k.publishing.pack import pack


@pytest.fixture
def copy(dataset, tmp_path):
    return shutil.copytree(dataset.root, tmp_path / "deep/er/dataset")


def edit(root, column, value):
    path = root / "test/metadata.parquet"
    table = pq.read_table(path)
    values = [value, *table[column].to_pylist()[1:]]
    index = table.column_names.index(column)
    pq.write_table(table.set_column(index, column, pa.array(values, table.schema.field(column).type)), path)


def files(folder):
    return {path for path in folder.rglob("*") if path.is_file()}


def use(root, tmp_path):
    options = leaderboard.Evaluation(sizes=[64], metrics=["l1", "swd"])
    leaderboard.evaluate(
        baselines.load("mean"),
        df8k.load(root),
        evaluation=options,
        out=tmp_path / "results/mean.json",
        predictions=tmp_path / "results/filled",
    )


@pytest.mark.parametrize("value", ["../../escaped", "/tmp/escaped", "x" * 16, "0123456789ABCDEF", ""])
def test_an_id_writes_nothing_outside(copy, tmp_path, value):
    edit(copy, "id", value)
    before = files(tmp_path)
    with pytest.raises(df8k.DatasetError, match="row 0, column id"):
        use(copy, tmp_path)
    assert files(tmp_path) - before <= files(tmp_path / "results")
    assert not list(tmp_path.rglob("*escaped*"))


@pytest.mark.parametrize("column", ["file_name", "mask_file_name"])
@pytest.mark.parametrize("value", ["../../../foreign.png", "/etc/passwd", "images/../../../x.png"])
def test_a_file_name_reads_nothing_outside(copy, tmp_path, column, value):
    edit(copy, column, value)
    with pytest.raises(df8k.DatasetError, match=r"row 0: .*names"):
        use(copy, tmp_path)
    with pytest.raises(df8k.DatasetError, match=r"row 0: .*names"):
        pack(copy, tmp_path / "packed", "parquet")


@pytest.mark.parametrize("kind", ["file_name", "mask_file_name"])
def test_a_link_out_of_the_dataset_is_not_followed(copy, tmp_path, kind):
    sample = df8k.load(copy)[0]
    path = copy / "test" / sample.metadata[kind]
    path.rename(tmp_path / "foreign.png")
    path.symlink_to(tmp_path / "foreign.png")
    with pytest.raises(df8k.DatasetError, match="leads out of"):
        _ = sample.image if kind == "file_name" else sample.mask
    with pytest.raises(df8k.DatasetError, match="leads out of"):
        pack(copy, tmp_path / "packed", "webdataset")
    assert "leads out of" in "\n".join(map(str, df8k.verify(copy)))
