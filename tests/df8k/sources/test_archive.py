"""Archives from the web: what is unpacked, what is not, and what a build does with it."""

import bz2
import gzip
import io
import lzma
import os
import struct
import tarfile
import zipfile

import pyarrow.parquet as pq
import pytest

import df8k
from df8k.builder import build
from df8k.config import BuildConfig
from df8k.sources import DriveArchive, WebArchive, open_source
from df8k.sources.download import Patience
from df8k.sources.unpack import stored_name, unpack
from df8k.verification import verify

QUICK = Patience(attempts=4, pause_s=0.01, timeout_s=0.5)


@pytest.fixture
def images(pictures):
    return {path.name: path.read_bytes() for path in sorted(pictures.glob("*.png"))[:6]}


def zipped(entries: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def tarred(members: list[tuple[tarfile.TarInfo, bytes]], mode: str = "w") -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as archive:
        for member, data in members:
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return buffer.getvalue()


def link(name: str, target: str, kind: bytes) -> tuple[tarfile.TarInfo, bytes]:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, target
    return member, b""


def unpacked(tmp_path, data: bytes) -> dict:
    (tmp_path / "archive").write_bytes(data)
    return unpack(tmp_path / "archive", tmp_path / "deep" / "images")


@pytest.mark.parametrize("mode", ["zip", "w", "w:gz", "w:xz"])
def test_images_come_out_of_every_kind_of_archive(tmp_path, images, mode):
    entries = {f"DIV2K/{name}": data for name, data in images.items()} | {"DIV2K/readme.txt": b"hello"}
    members = [(tarfile.TarInfo(name), data) for name, data in entries.items()]
    files = unpacked(tmp_path, zipped(entries) if mode == "zip" else tarred(members, mode))
    assert {name: path.read_bytes() for name, path in files.items()} == {
        f"DIV2K/{name}": data for name, data in images.items()
    }


HOSTILE = [
    "../../escape.png",
    "/tmp/absolute.png",
    "a\nb.png",
    "<b>x</b>.png",
    "n" * 300 + ".png",
    "..\\up.png",
]


@pytest.mark.parametrize("kind", ["zip", "tar"])
def test_no_name_leads_out_of_the_folder(tmp_path, images, kind):
    data = next(iter(images.values()))
    entries = dict.fromkeys(HOSTILE, data)
    members = [(tarfile.TarInfo(name), data) for name in HOSTILE]
    before = set(tmp_path.rglob("*"))
    files = unpacked(tmp_path, zipped(entries) if kind == "zip" else tarred(members))
    folder = tmp_path / "deep" / "images"
    assert len(files) == len(HOSTILE)
    new = {path for path in tmp_path.rglob("*") if path.is_file()} - before
    assert {path.parent for path in new} == {folder, tmp_path}
    assert all(len(os.fsencode(path.name)) < 60 for path in folder.iterdir())


def test_links_and_devices_are_passed_over(tmp_path, images):
    data = next(iter(images.values()))
    secret = tmp_path / "secret.png"
    secret.write_bytes(b"secret")
    members = [
        link("inside.png", str(secret), tarfile.SYMTYPE),
        link("hard.png", "../../secret.png", tarfile.LNKTYPE),
        link("pipe.png", "", tarfile.FIFOTYPE),
        (tarfile.TarInfo("inside.png/../x.png"), data),
    ]
    files = unpacked(tmp_path, tarred(members))
    assert list(files) == ["inside.png/../x.png"]
    assert not any(path.is_symlink() for path in (tmp_path / "deep").rglob("*"))


def test_a_bomb_is_refused_by_its_claim(tmp_path):
    data = bytearray(zipped({"bomb.png": b"x" * 100}))
    central = data.index(b"PK\x01\x02")
    data[central + 24 : central + 28] = struct.pack("<I", 4_000_000_000)
    with pytest.raises(df8k.SourceError, match=r"claims 4\.0 GB"):
        unpacked(tmp_path, bytes(data))
    assert list((tmp_path / "deep" / "images").iterdir()) == []


@pytest.mark.parametrize("data", [b"", b"<html></html>", b"PK\x03\x04 but no more"])
def test_what_is_no_archive_says_so(tmp_path, data):
    with pytest.raises(df8k.SourceError, match="damaged or no archive"):
        unpacked(tmp_path, data)


@pytest.mark.parametrize("name", ["\\ud800", "\\udfff.png", "a\\ud83d.jpg"])
def test_a_list_of_members_with_half_a_character_is_damaged(tmp_path, images, name):
    """Found by fuzzing: such a name is valid JSON, and no archive can hold it."""
    archive = tmp_path / "set.zip"
    archive.write_bytes(zipped(images))
    members = unpack(archive, tmp_path / "images")
    listed = next(path for path in (tmp_path / "images").iterdir() if path.read_bytes().startswith(b"["))
    listed.write_text(f'["{name}"]')
    with pytest.raises(df8k.SourceError, match="no list of names"):
        unpack(archive, tmp_path / "images")
    listed.write_text('["\\udc80.png"]')  # a byte that is no UTF-8, as tarfile escapes it
    assert len(members) > len(unpack(archive, tmp_path / "images")) == 1


def test_a_cut_archive_leaves_nothing_half_written(tmp_path, images):
    whole = tarred([(tarfile.TarInfo(name), data) for name, data in images.items()])
    with pytest.raises(df8k.SourceError, match="damaged"):
        unpacked(tmp_path, whole[: len(whole) // 2 - 777])
    for name, data in images.items():
        path = tmp_path / "deep" / "images" / stored_name(name)
        assert not path.exists() or path.read_bytes() == data
    assert not list((tmp_path / "deep").rglob(".tmp-*"))


def test_a_build_from_a_misbehaving_server_is_the_build_from_the_folder(tmp_path, pictures, serving):
    files = {path.relative_to(pictures).as_posix(): path.read_bytes() for path in pictures.rglob("*.png")}
    with serving({"/set.zip": zipped(files)}) as server:
        server.moods["/set.zip"] = ["503", "truncate", "html"]
        source = WebArchive(f"{server.url}/set.zip", cache=tmp_path / "cache", patience=QUICK)
        first = build(source, tmp_path / "one", BuildConfig(min_side=64)).description
        asked = len(server.requests)
        again = build(source, tmp_path / "two", BuildConfig(min_side=64)).description
        assert len(server.requests) == asked
    assert first.fingerprint == again.fingerprint
    assert verify(tmp_path / "one") == []
    rows = pq.read_table(tmp_path / "one/manifest.parquet").to_pylist()
    assert {row["key"] for row in rows} == set(files)
    assert {row["origin"] for row in rows} == {f"{server.url}/set.zip"}
    assert not list((tmp_path / "cache").rglob("archive*"))


@pytest.mark.parametrize(
    ("spec", "finding"),
    [
        ("archive:ftp://x/y.zip", "expected archive:https"),
        ("archive:https://x/y.zip#sha1:abc", "expected md5:HEX or sha256:HEX"),
        ("drive:nothing", "expected the ID of a file"),
    ],
)
def test_wrong_specs_are_named(spec, finding):
    with pytest.raises(df8k.SourceError, match=finding):
        open_source(spec)


def test_google_drive_gives_an_archive_or_a_reason(tmp_path, images, monkeypatch):
    import gdown

    asked = []

    def give(*, id: str, output: str, quiet: bool) -> str:  # noqa: A002 - gdown's own name
        asked.append((id, quiet))
        with open(output, "wb") as file:
            file.write(zipped(images))
        return output

    monkeypatch.setattr(gdown, "download", give)
    source = DriveArchive("1w4qwHhDb25r0RIWwPjgOp86G6SQnnBMO", name="cafhq", cache=tmp_path)
    assert [candidate.key for candidate in source] == sorted(images)
    assert [candidate.source for candidate in source] == ["cafhq"] * len(images)
    assert asked == [("1w4qwHhDb25r0RIWwPjgOp86G6SQnnBMO", True)]

    def refuse(**_: object) -> None:
        raise RuntimeError("Too many users\n have viewed the file")

    monkeypatch.setattr(gdown, "download", refuse)
    with pytest.raises(df8k.SourceError, match="Too many users have viewed"):
        list(DriveArchive("another-file-id-0123456789", cache=tmp_path))


def _plain_tar(images) -> bytes:
    return tarred([(tarfile.TarInfo(name), data) for name, data in images.items()])


def _second_header(data: bytes) -> int:
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        return archive.getmembers()[1].offset


@pytest.mark.parametrize("pack", [bytes, gzip.compress, lzma.compress, bz2.compress])
@pytest.mark.parametrize("damage", ["header", "zeros", "cut between", "no end", "cut header", "behind"])
def test_a_tar_is_read_to_its_end(tmp_path, images, damage, pack):
    data = _plain_tar(images)
    at = _second_header(data)
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        last = archive.getmembers()[-1]
    end = last.offset_data + -(-last.size // 512) * 512
    changed = {
        "header": data[:at] + b"\xff" * 200 + data[at + 200 :],
        "zeros": data[:at] + bytes(512) + data[at + 512 :],
        "cut between": data[:at],
        "no end": data[:end],
        "cut header": data[: at + 300],
        "behind": data[: end + 1024] + b"x" * 512,
    }[damage]
    read = len(images) if damage in {"no end", "behind"} else 1
    with pytest.raises(df8k.SourceError, match=f"damaged or no archive: .*; {read} images were read"):
        unpacked(tmp_path, pack(changed))
    assert not (tmp_path / "deep" / "images" / "members.json").exists()


def test_a_cut_member_says_how_many_came_before(tmp_path, images):
    data = _plain_tar(images)
    with pytest.raises(df8k.SourceError, match="1 images were read"):
        unpacked(tmp_path, data[: _second_header(data) + 700])


def test_one_block_of_zeros_is_an_end(tmp_path, images):
    data = _plain_tar(images)
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        last = archive.getmembers()[-1]
    end = last.offset_data + -(-last.size // 512) * 512
    assert len(unpacked(tmp_path, data[: end + 512])) == len(images)
