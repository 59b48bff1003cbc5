"""Inputs made to do harm: bombs, headers that lie, names, disks that are full or closed."""

import gzip
import io
import lzma
import os
import struct
import subprocess
import sys
import tarfile
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from PIL import Image

import df8k
from df8k.builder import build
from df8k.config import BuildConfig
from df8k.sources import candidates, unpack
from df8k.verification import verify

LENIENT = BuildConfig(min_side=64)


def png(width: int, height: int, data: bytes, *, claimed: tuple[int, int] | None = None) -> bytes:
    """A PNG whose header may claim another size than its data has."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        )

    header = struct.pack(">IIBBBBB", *(claimed or (width, height)), 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def jpeg_claiming(width: int, height: int) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(np.full((80, 90, 3), 90, np.uint8)).save(buffer, "JPEG")
    data = bytearray(buffer.getvalue())
    at = data.index(b"\xff\xc0") + 5
    data[at : at + 4] = struct.pack(">HH", height, width)
    return bytes(data)


def tiff_claiming(width: int, height: int) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(np.full((80, 90, 3), 90, np.uint8)).save(buffer, "TIFF")
    data = bytearray(buffer.getvalue())
    (start,) = struct.unpack("<I", data[4:8])
    for entry in range(start + 2, start + 2 + 12 * struct.unpack("<H", data[start : start + 2])[0], 12):
        tag = struct.unpack("<H", data[entry : entry + 2])[0]
        if tag in {256, 257}:
            data[entry + 2 : entry + 12] = struct.pack("<HII", 4, 1, width if tag == 256 else height)
    return bytes(data)


@pytest.fixture
def honest():
    buffer = io.BytesIO()
    Image.fromarray(np.arange(80 * 90 * 3, dtype=np.uint8).reshape(80, 90, 3)).save(buffer, "PNG")
    return buffer.getvalue()


def rejected(folder: Path, out: Path) -> dict[str, str]:
    build(candidates([str(folder)]), out, LENIENT)
    assert verify(out) == []
    rows = pq.read_table(out / "manifest.parquet").to_pylist()
    return {row["key"]: f"{row['reason']}: {row['detail']}" for row in rows if row["decision"] == "reject"}


def test_headers_that_claim_the_largest_size_cost_nothing(tmp_path, honest):
    """Each would be 12.9 GB of pixels."""
    folder = tmp_path / "in"
    folder.mkdir()
    line = zlib.compress(bytes(1 + 3 * 65535))
    (folder / "honest.png").write_bytes(honest)
    (folder / "header.png").write_bytes(png(1, 1, line, claimed=(65535, 65535)))
    (folder / "larger.png").write_bytes(png(1, 1, line, claimed=(2**31 - 1, 2**31 - 1)))
    (folder / "header.jpg").write_bytes(jpeg_claiming(65535, 65535))
    (folder / "header.tif").write_bytes(tiff_claiming(65535, 65535))
    code = "import resource, runpy; resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30));"
    code += "runpy.run_module('df8k', run_name='__main__')"
    command = [sys.executable, "-c", code, "build", "--source", str(folder), "--out", str(tmp_path / "out")]
    command += ["--no-curation", "--min-side", "64", "--workers", "1"]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    rows = pq.read_table(tmp_path / "out/manifest.parquet").to_pylist()
    reasons = {row["key"]: (row["decision"], row["reason"]) for row in rows}
    assert reasons.pop("honest.png") == ("keep", "")
    assert set(reasons.values()) == {("reject", "decode")}


def test_pictures_that_swell_or_lie_about_their_length_are_named(tmp_path, honest):
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "honest.png").write_bytes(honest)
    swollen = zlib.compress(bytes(50_000_000), 9)
    (folder / "swollen.png").write_bytes(png(70, 70, swollen))  # 50 MB in a stream for 15 kB of pixels
    (folder / "starved.png").write_bytes(png(15000, 15000, zlib.compress(bytes(1000))))
    text = png(70, 70, zlib.compress((b"\0" + b"\t" * 210) * 70))
    bomb = b"Comment\0\0" + zlib.compress(bytes(100_000_000), 9)
    end = text.index(b"IDAT") - 4
    chunk = struct.pack(">I", len(bomb)) + b"zTXt" + bomb + struct.pack(">I", zlib.crc32(b"zTXt" + bomb))
    (folder / "text.png").write_bytes(text[:end] + chunk + text[end:])
    rows = rejected(folder, tmp_path / "out")
    # Text is never inflated, so a picture with a bomb in it is as good as any.
    assert {"starved.png"} <= set(rows) <= {"swollen.png", "starved.png"}
    assert all(reason.startswith("decode: ") for reason in rows.values())


ZEROS = 1 << 20


def packed(kind: str, members: int, size: int) -> bytes:
    """An archive of images that are nothing but zeros."""
    buffer = io.BytesIO()
    if kind == "zip":
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for index in range(members):
                archive.writestr(f"{index}.png", bytes(size))
    else:
        with tarfile.open(fileobj=buffer, mode=kind) as archive:
            for index in range(members):
                member = tarfile.TarInfo(f"{index}.{'png' if index else 'txt'}")
                member.size = size
                archive.addfile(member, io.BytesIO(bytes(size)))
    return buffer.getvalue()


@pytest.mark.parametrize("kind", ["zip", "w:gz", "w:xz"])
def test_an_archive_that_grows_a_thousandfold_is_refused(tmp_path, monkeypatch, kind):
    monkeypatch.setattr(unpack, "_HARMLESS", 3 * ZEROS)
    (tmp_path / "archive").write_bytes(packed(kind, 8, ZEROS))
    with pytest.raises(df8k.SourceError, match="20 times its size: a bomb"):
        unpack.unpack(tmp_path / "archive", tmp_path / "images")
    written = sum(path.stat().st_size for path in (tmp_path / "images").iterdir())
    assert written <= 3 * ZEROS
    assert not list((tmp_path / "images").glob(".tmp-*"))


@pytest.mark.parametrize("pack", [gzip.compress, lzma.compress, zlib.compress])
def test_compressed_damage_is_named(tmp_path, honest, pack):
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w") as archive:
        for index in range(40):
            member = tarfile.TarInfo(f"{index}.png")
            member.size = len(honest)
            archive.addfile(member, io.BytesIO(honest))
    data = bytearray(pack(tar.getvalue()))
    middle = len(data) // 2
    data[middle : middle + 20] = bytes(20)
    (tmp_path / "archive").write_bytes(data)
    with pytest.raises(df8k.SourceError, match="damaged or no archive"):
        unpack.unpack(tmp_path / "archive", tmp_path / "images")
    for path in (tmp_path / "images").iterdir():
        assert path.read_bytes() == honest


def test_names_of_every_kind_reach_tables_and_pages_unharmed(tmp_path, honest):
    folder = tmp_path / "in"
    folder.mkdir()
    names = [
        "a\nb.png",
        "<img src=x onerror=alert(1)>.png",
        "ü" * 125 + ".png",
        "| [x](y) `z`.png",
        "';--.png",
    ]
    names += [" .png", "\u202egnp.png", "$(touch x).png", "%2e%2e.png"]
    for index, name in enumerate(names):
        pixels = np.random.default_rng(index).integers(0, 255, (80, 90, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / name)
    rows = [f'"{name}",CC0-1.0,"<script>\n{index}</script>"' for index, name in enumerate(names)]
    (folder / "CREDITS.csv").write_text("\n".join(["file,licence,author", *rows]))
    before = {path for path in tmp_path.rglob("*") if not path.is_relative_to(tmp_path / "out")}
    build(candidates([str(folder)]), tmp_path / "out", LENIENT)
    assert verify(tmp_path / "out") == []
    table = pq.read_table(tmp_path / "out/manifest.parquet").to_pylist()
    assert {row["key"] for row in table} == set(names)
    assert all(row["author"].startswith("<script>\n") for row in table)
    assert "<script>" not in (tmp_path / "out/README.md").read_text()
    after = {path for path in tmp_path.rglob("*") if not path.is_relative_to(tmp_path / "out")}
    assert after == before
    assert all(len(os.fsencode(path.name)) < 64 for path in (tmp_path / "out").rglob("*"))


def mounted(folder: Path, size: str) -> bool:
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize("full", ["dataset", "cache"])
def test_a_full_and_a_closed_disk_end_a_build_in_one_line(tmp_path, pictures, serving, full):
    """The other disk has room; once there is room, the same command ends well."""
    if not mounted(tmp_path / "small", "96k"):
        pytest.skip("mounting a tmpfs needs rights that this user lacks")
    paths = {name: (tmp_path / "small" if name == full else tmp_path) / name for name in ("dataset", "cache")}
    files = {f"/{path.name}": path.read_bytes() for path in sorted(pictures.glob("*-*.png"))}
    command = [sys.executable, "-m", "df8k", "build", "--no-curation", "--min-side", "64", "--workers", "1"]
    command += ["--source", f"urls:{tmp_path / 'list.csv'}", "--out", str(paths["dataset"])]
    environment = os.environ | {"DF8K_CACHE": str(paths["cache"])}
    try:
        with serving(files) as server:
            lines = [f"{server.url}{name}" for name in files]
            (tmp_path / "list.csv").write_text("\n".join(["url", *lines]))
            stopped = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
            assert stopped.returncode == 2
            assert "No space left" in stopped.stderr
            assert "Traceback" not in stopped.stderr
            assert not (paths["dataset"] / "df8k.json").exists()
            assert not list((tmp_path / "small").rglob(".tmp-*"))
            subprocess.run(["mount", "-o", "remount,size=64m", str(tmp_path / "small")], check=True)
            asked = [path for path, _ in server.requests]
            ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
            assert ended.returncode == 0, ended.stderr
            if full == "dataset":
                assert [path for path, _ in server.requests] == asked
        assert verify(paths["dataset"]) == []
        if full == "dataset":
            subprocess.run(["mount", "-o", "remount,ro", str(tmp_path / "small")], check=True)
            command[-1] = str(tmp_path / "small" / "other")
            closed = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
            assert closed.returncode == 2
            assert "Read-only file system" in closed.stderr
            assert "Traceback" not in closed.stderr
        left = [path.name for path in tmp_path.rglob("*") if path.is_file()]
        assert not [name for name in left if name.startswith(".tmp-") or name.endswith((".part", ".etag"))]
    finally:
        subprocess.run(["umount", str(tmp_path / "small")], check=True)


def test_a_member_without_a_name_is_damage(tmp_path):
    import zipfile

    from df8k.sources.unpack import unpack

    with zipfile.ZipFile(tmp_path / "archive.zip", "w") as archive:
        archive.writestr("x.png", b"x")
    data = (tmp_path / "archive.zip").read_bytes().replace(b"x.png", b"\0.png")
    (tmp_path / "archive.zip").write_bytes(data)
    with pytest.raises(df8k.Df8kError, match="damaged"):
        unpack(tmp_path / "archive.zip", tmp_path / "out")
