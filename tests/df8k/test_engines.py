"""Who runs the tasks: a dead process costs its task alone, and is tried twice."""

import subprocess
import sys
from concurrent.futures.process import BrokenProcessPool

import pytest
from PIL import Image

from df8k.builder import build
from df8k.config import BuildConfig
from df8k.errors import Df8kError, WorkerDiedError
from df8k.pool import Engine, open_workers
from df8k.scenes import render
from df8k.storage.manifest import MANIFEST, read_table

# Loaded by every process that starts with its folder on PYTHONPATH: a file of these bytes ends its reader.
POISON = """
import os, pathlib, signal
plain = pathlib.Path.read_bytes
def read_bytes(self):
    data = plain(self)
    if data.startswith(b"poison"):
        with open(os.environ["DF8K_TRIES"], "a") as file:
            print(self.name, file=file)
        os.kill(os.getpid(), signal.SIGKILL)
    return data
pathlib.Path.read_bytes = read_bytes
"""
DIE = "__import__('os').kill(__import__('os').getpid(), 9)"


@pytest.fixture
def poisoned(tmp_path, monkeypatch):
    """Six photographs and a file that ends whoever reads it; the tries go to a file."""
    folder, beside = tmp_path / "photographs", tmp_path / "beside"
    folder.mkdir()
    beside.mkdir()
    for index in range(6):
        Image.fromarray(render("tiles", 80 + index, 64, str(index))).save(folder / f"{index}.png")
    (folder / "poison.png").write_bytes(b"poison")
    (beside / "sitecustomize.py").write_text(POISON)
    monkeypatch.setenv("PYTHONPATH", str(beside))
    monkeypatch.setenv("DF8K_TRIES", str(tmp_path / "tries"))
    return folder


def test_a_task_that_ends_its_process_is_tried_twice_and_no_other_is_lost(tmp_path):
    tries = f"open({str(tmp_path / 'tries')!r}, 'a').write('x') and {DIE}"
    tasks = [str(index) for index in range(5)] + [tries] + [str(index) for index in range(5, 9)]
    with open_workers(2) as workers:
        results = list(workers.map(eval, tasks, crashed=lambda _task: "crash"))
        assert results == [0, 1, 2, 3, 4, "crash", 5, 6, 7, 8]
        assert (tmp_path / "tries").read_text() == "xx"
        assert list(workers.map(eval, ["1", "2"])) == [1, 2]
        with pytest.raises(WorkerDiedError, match="ended 2 times in eval"):
            list(workers.map(eval, [DIE]))


def test_a_poison_image_is_rejected_and_the_others_are_built(poisoned, tmp_path):
    report = build(poisoned, tmp_path / "out", BuildConfig(min_side=64), workers=2)
    assert report.description.decisions == {"keep": 6, "reject: crash": 1}
    rows = read_table(tmp_path / "out" / "manifest.parquet", MANIFEST)
    (crash,) = (row for row in rows if row["reason"] == "crash")
    assert crash["key"] == "poison.png"
    assert "2 worker processes ended" in crash["detail"]
    assert (tmp_path / "tries").read_text().splitlines() == ["poison.png"] * 2


def test_a_process_that_cannot_start_is_no_fault_of_a_task(tmp_path, monkeypatch):
    (tmp_path / "sitecustomize.py").write_text("import os; os._exit(1)")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(BrokenProcessPool), open_workers(2) as workers:
        list(workers.map(eval, ["1"], crashed=lambda _task: "crash"))


def test_an_unknown_engine_is_named():
    with pytest.raises(Df8kError, match="no engine is called 'dask'"), open_workers(2, Engine(name="dask")):
        pass


def test_the_light_build_imports_no_engine():
    code = "import sys, df8k.builder, df8k.cli.dataset; print('ray' in sys.modules, 's3fs' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False False\n"
