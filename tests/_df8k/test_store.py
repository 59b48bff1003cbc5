"""Paths of a store are used as paths are; requests are made again; copies are bounded."""

import os
import pickle
from pathlib import Path, PurePosixPath

import fsspec
import pytest

from _df8k.bounded import read_limited
from _df8k.extras import MissingExtraError
from _df8k.files import atomic_path, remove_folder, sha256_of, write_bytes, write_text
from _df8k.gate import inside
from _df8k.patience import Patience
from _df8k.store import locate, path, remote
from _df8k.store.cache import BoundedCache


@pytest.fixture
def root(tmp_path):
    """A folder of a store in memory that no other test uses."""
    folder = locate(f"memory://{tmp_path.name}-{os.getpid()}")
    yield folder
    remove_folder(folder)


def test_addresses_are_told_from_paths(tmp_path):
    assert locate("a/b") == Path("a/b")
    assert locate(tmp_path) is tmp_path
    assert locate(f"file://{tmp_path}") == tmp_path
    assert remote(tmp_path) is remote("s3://bucket") is None
    store = locate("memory://bucket/a/")
    assert str(store) == "memory://bucket/a"
    assert remote(store) is store is locate(store)
    assert pickle.loads(pickle.dumps(store)) == store


def test_objects_are_written_listed_moved_and_removed(root):
    assert not root.exists()
    assert list(root.iterdir()) == []
    write_bytes(root / "a" / "one.png", b"1234")
    write_text(root / "two.txt", "two")
    with atomic_path(root / "three.bin") as local:
        local.write_bytes(b"three")
    with pytest.raises(KeyError), atomic_path(root / "never.bin") as local:
        raise KeyError(local)
    assert sorted(item.name for item in root.iterdir()) == ["a", "three.bin", "two.txt"]
    assert [item.relative_to(root) for item in root.rglob("*.png")] == [PurePosixPath("a/one.png")]
    assert (root / "a").is_dir()
    assert not (root / "a").is_file()
    assert (root / "a" / "one.png").stat().st_size == 4
    assert read_limited(root / "a" / "one.png", ValueError) == b"1234"
    with pytest.raises(ValueError, match="larger than"):
        read_limited(root / "a" / "one.png", ValueError, limit=3)
    assert inside(root, "a/one.png").suffix == ".png"
    assert sha256_of(root / "two.txt").startswith("3fc4ccfe745870e2")
    (root / "two.txt").replace(root / "b" / "moved.txt")
    assert (root / "b" / "moved.txt").read_text() == "two"
    assert not (root / "two.txt").exists()
    with pytest.raises(FileNotFoundError, match="no such object"):
        (root / "two.txt").read_bytes()
    (root / "three.bin").unlink()
    (root / "three.bin").unlink(missing_ok=True)
    remove_folder(root)
    remove_folder(root)
    assert not root.exists()


def test_a_store_that_does_not_answer_is_asked_again_and_then_named(root, monkeypatch):
    monkeypatch.setattr(path, "_PATIENCE", Patience(attempts=3, pause_s=0.0))
    files = type(fsspec.filesystem("memory"))
    plain, failures = files.cat_file, ["gone", "gone"]

    def cat_file(self, *arguments, **options):
        if failures:
            raise ConnectionError(failures.pop())
        return plain(self, *arguments, **options)

    write_bytes(root / "one", b"1")
    monkeypatch.setattr(files, "cat_file", cat_file)
    assert (root / "one").read_bytes() == b"1"
    failures[:] = ["gone"] * 3
    with pytest.raises(OSError, match=r"does not answer \(gone\): run the same command again"):
        (root / "one").read_bytes()


def test_the_package_of_a_store_is_named(monkeypatch):
    def refuse(*_arguments, **_options):
        raise ImportError("Install s3fs to access S3")

    monkeypatch.setattr(fsspec, "filesystem", refuse)
    with pytest.raises(MissingExtraError, match=r"pip install 'df8k\[s3\]'"):
        locate("s3://bucket/a").exists()


def test_the_cache_keeps_what_was_used_last(tmp_path):
    cache = BoundedCache(tmp_path, 100)
    asked = []

    def get(name):
        return cache.get(name * 8, lambda: asked.append(name) or name.encode() * 30)

    for moment, name in enumerate("abc"):
        get(name)
        os.utime(tmp_path / (name * 2) / (name * 8), (moment, moment))
    get("a")
    assert asked == ["a", "b", "c"]
    get("d")  # 120 bytes: the two that were used longest ago go
    assert sorted(item.name[0] for item in tmp_path.glob("*/*")) == ["a", "d"]
    assert get("b") == b"b" * 30
    assert cache.get("e" * 8, lambda: b"e" * 101) == b"e" * 101
    assert not (tmp_path / "ee").exists()
