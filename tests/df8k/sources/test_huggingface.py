"""Data sets of the hub, and folders that fsspec opens."""

import os
import subprocess
import sys
from hashlib import md5
from importlib.util import find_spec

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import df8k
from df8k.builder import build
from df8k.config import BuildConfig
from df8k.curation.obtain import obtain
from df8k.errors import SourceError
from df8k.sources import huggingface, open_source
from df8k.sources.download import Patience
from df8k.sources.filesystem import FileSystemFolder
from df8k.sources.huggingface import HuggingFace

OPEN = BuildConfig(min_side=64, redistributable=True)
QUICK = Patience(attempts=3, pause_s=0.01, timeout_s=0.5)


@pytest.fixture
def photographs(pictures):
    return {path.name: path.read_bytes() for path in sorted(pictures.glob("*-*.png"))[:7]}


@pytest.fixture
def data_set(photographs, tmp_path):
    """Parquet with the pictures in its rows, as the hub holds most data sets."""
    rows = [
        {
            "image": {"bytes": data, "path": name},
            "license": "https://creativecommons.org/publicdomain/zero/1.0/",
            "photographer": f"Ada {name}",
            "page": f"https://example.org/{name}",
        }
        for name, data in photographs.items()
    ]
    folder = tmp_path / "set"
    folder.mkdir()
    table = pa.Table.from_pylist(rows)
    features = {"image": {"_type": "Image"}} | {
        name: {"dtype": "string", "_type": "Value"} for name in ("license", "photographer", "page")
    }
    head = f'{{"info": {{"features": {features}}}}}'.replace("'", '"')
    pq.write_table(table.replace_schema_metadata({"huggingface": head}), folder / "train.parquet")
    return folder


def test_rows_with_pictures_are_taken_as_they_are(data_set, photographs, tmp_path):
    source = HuggingFace(f"{data_set}?origin=page", cache=tmp_path / "cache")
    build(source, tmp_path / "out", OPEN)
    rows = pq.read_table(tmp_path / "out/manifest.parquet").to_pylist()
    assert [row["author"] for row in rows] == [f"Ada {name}" for name in photographs]
    assert {row["licence"] for row in rows} == {"CC0 1.0"}
    assert {row["origin"] for row in rows} == {f"https://example.org/{name}" for name in photographs}
    files = [path for path in (tmp_path / "cache/files").rglob("*") if path.is_file()]
    stored = {path.read_bytes() for path in files if path.name != "lock"}
    assert stored == set(photographs.values())


def test_an_interrupted_stream_goes_on_where_it_stopped(data_set, photographs, tmp_path, monkeypatch):
    monkeypatch.setattr(huggingface, "_ROWS", 3)
    whole = [item.author for item in HuggingFace(str(data_set), cache=tmp_path / "whole")]
    rows = iter(HuggingFace(str(data_set), cache=tmp_path / "cut"))
    begun = [next(rows).author for _ in range(4)]
    later = list(HuggingFace(str(data_set), cache=tmp_path / "cut"))
    assert [item.author for item in later] == whole
    assert begun == whole[:4]
    assert len(list(tmp_path.glob("cut/huggingface-*/page-*.json"))) == 3
    first = HuggingFace(f"{data_set}?first=2", cache=tmp_path / "cut")
    assert [item.author for item in first] == whole[:2]


def test_columns_that_are_not_there_are_named(data_set, tmp_path):
    with pytest.raises(df8k.SourceError, match="no column is called 'artist': it has image, license"):
        list(HuggingFace(f"{data_set}?author=artist", cache=tmp_path / "cache"))
    with pytest.raises(df8k.SourceError, match="nowhere"):
        list(HuggingFace(str(tmp_path / "nowhere"), cache=tmp_path / "cache"))


def test_the_hub_s_rows_name_addresses_of_which_only_fitting_ones_are_asked_for(hub, photographs, tmp_path):
    """The form of PD12M: url, width, height, hash and licence in parquet, pictures elsewhere."""
    free = "https://creativecommons.org/publicdomain/mark/1.0/"
    rows = []
    for index, (name, data) in enumerate(photographs.items()):
        hub.server.files[f"/{name}"] = data
        rows.append(
            {"id": name, "url": f"{hub.server.url}/{name}", "width": 20 if index == 0 else 300, "height": 200}
            | {"hash": md5(data).hexdigest(), "license": "https://example.org/ask" if index == 1 else free}
        )
    sink = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_pylist(rows), sink)
    hub.repositories["ada/set"] = {"metadata/a.parquet": sink.getvalue().to_pybytes(), "README.md": CARD}
    out = tmp_path / "out"
    command = [sys.executable, "-m", "df8k", "build", "--recipe", str(tmp_path / "recipe.toml")]
    command += ["--source", "set", "--out", str(out)]
    (tmp_path / "recipe.toml").write_text(RECIPE)
    environment = os.environ | {
        "HF_ENDPOINT": hub.server.url,
        "HF_HOME": str(tmp_path / "home"),
        "DF8K_CACHE": str(tmp_path / "cache"),
    }
    run = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    obtained = {row["key"]: row for row in pq.read_table(out / "manifest.parquet").to_pylist()}
    reasons = {name: obtained[name]["reason"] for name in photographs}
    names = list(photographs)
    assert reasons == dict.fromkeys(names, "") | {names[0]: "resolution", names[1]: "licence"}
    assert obtained[names[2]]["licence"] == "Public domain 1.0"
    asked = [path for path, _ in hub.server.requests if path.removeprefix("/") in photographs]
    assert sorted(asked) == sorted(f"/{name}" for name in names[2:])


CARD = b"---\nconfigs:\n- config_name: default\n  data_files: metadata/*.parquet\n---\n# Set\n"
RECIPE = """
name = "small"
version = "1"
summary = "one data set"
[build]
min_side = 64
redistributable = true
[[sources]]
name = "set"
title = "set"
licence = ""
obtain = "the hub"
fetch = "huggingface:ada/set?md5=hash"
"""


@pytest.fixture
def memory(photographs):
    """A folder in fsspec's memory file system, with credits."""
    files = fsspec.filesystem("memory")
    for name, data in photographs.items():
        files.pipe_file(f"/bucket/deep/{name}", data)
    files.pipe_file("/bucket/notes.txt", b"no picture")
    lines = [f"deep/{name},CC BY 4.0,Ada" for name in photographs]
    files.pipe_file("/bucket/CREDITS.csv", ("file,licence,author\n" + "\n".join(lines)).encode())
    yield files
    files.rm("/bucket", recursive=True)


def test_a_folder_anywhere_is_a_folder_with_credits(memory, photographs, tmp_path, monkeypatch):
    monkeypatch.setenv("DF8K_CACHE", str(tmp_path / "cache"))
    first = next(iter(photographs))
    limit = max(map(len, photographs.values()))
    memory.pipe_file("/bucket/deep/large.png", bytes(limit + 1))
    opened = []
    real = type(memory).open

    def watched(self, path, *arguments):
        opened.append(path)
        return real(self, path, *arguments)

    monkeypatch.setattr(type(memory), "open", watched)
    config = OPEN.model_copy(update={"max_bytes": limit})
    build(open_source("memory://bucket"), tmp_path / "one", config)
    build(open_source("memory://bucket"), tmp_path / "two", config)
    rows = {row["key"]: row for row in pq.read_table(tmp_path / "one/manifest.parquet").to_pylist()}
    assert set(rows) == {f"deep/{name}" for name in [*photographs, "large.png"]}
    assert rows["deep/large.png"]["reason"] == "licence"
    assert rows[f"deep/{first}"]["author"] == "Ada"
    assert rows[f"deep/{first}"]["origin"] == f"memory:///bucket/deep/{first}"
    pictures_opened = [path for path in opened if path.endswith(".png")]
    assert len(pictures_opened) == len(photographs)
    lenient = config.model_copy(update={"redistributable": False})
    obtained = {item.candidate.key: item for item in obtain(FileSystemFolder("memory://bucket"), lenient)}
    assert obtained["deep/large.png"].reason == "size"
    assert "/bucket/deep/large.png" not in opened


def test_a_file_system_that_fails_is_tried_again_and_then_named(memory, photographs, tmp_path, monkeypatch):
    fails = iter(["refused", "refused"])
    real = type(memory).open

    def moody(self, path, *arguments):
        if fault := next(fails, ""):
            raise ConnectionError(fault)
        return real(self, path, *arguments)

    monkeypatch.setattr(type(memory), "open", moody)
    source = FileSystemFolder("memory://bucket/deep", cache=tmp_path / "cache", patience=QUICK)
    assert len(obtain(source, BuildConfig())) == len(photographs)
    fails = iter(["refused\nby the server"] * 500)
    elsewhere = FileSystemFolder("memory://bucket/deep", cache=tmp_path / "other", patience=QUICK)
    with pytest.raises(df8k.SourceError, match=r"7 files cannot be had now: .*refused by the server"):
        obtain(elsewhere, BuildConfig())
    assert not list((tmp_path / "cache").rglob("*.part"))


def test_what_fsspec_lacks_is_said(tmp_path):
    with pytest.raises(df8k.SourceError, match="there are no files"):
        list(FileSystemFolder("memory://nothing", cache=tmp_path))
    if find_spec("s3fs") is None:
        with pytest.raises(df8k.SourceError, match=r"pip install 'df8k\[s3\]'"):
            open_source("s3://bucket/folder")


def test_a_page_of_links_is_a_folder(photographs, serving, tmp_path):
    """Listed by fsspec, fetched by our own downloads, with their ranges and pauses."""
    pytest.importorskip("aiohttp")
    with serving({f"/set/{name}": data for name, data in photographs.items()}) as server:
        links = "".join(f'<a href="/set/{name}">{name}</a>' for name in photographs)
        index = f"<html><body>{links}</body></html>".encode()
        server.files["/set/"] = server.files["/set"] = index
        server.moods[f"/set/{next(iter(photographs))}"] = ["truncate"]
        source = FileSystemFolder(f"{server.url}/set/", cache=tmp_path, patience=QUICK)
        obtained = obtain(source, BuildConfig())
    assert [item.candidate.key for item in obtained] == sorted(photographs)
    assert {item.candidate.path.read_bytes() for item in obtained} == set(photographs.values())


def test_files_below_a_size_are_not_fetched(memory, photographs, tmp_path):
    config = BuildConfig(min_bytes=max(map(len, photographs.values())))
    obtained = obtain(FileSystemFolder("memory://bucket", cache=tmp_path, patience=QUICK), config)
    assert sorted(item.reason for item in obtained) == ["", *["size"] * 6]
    assert len([path for path in (tmp_path / "files").rglob("*") if path.is_file()]) == 2  # it and a lock


@pytest.mark.parametrize(
    "address",
    [
        "/etc/hostname",
        "etc/hostname",
        "file:///etc/hostname",
        "local:///etc/hostname",
        "zip://a.png::/etc/x.zip",
    ],
)
def test_a_row_may_not_name_a_file_of_this_machine(tmp_path, address):
    folder = tmp_path / "set"
    folder.mkdir()
    pq.write_table(pa.table({"image_url": [address]}), folder / "rows.parquet")
    with pytest.raises(SourceError, match="no address on the web"):
        list(HuggingFace(f"{folder}?image=image_url", cache=tmp_path / "cache"))
