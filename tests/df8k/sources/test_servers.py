"""What real servers answer: nothing that may be otherwise tomorrow is kept as the file."""

import gzip
import zlib

import numpy as np
import pytest

import df8k
from df8k.sources.download import Patience, fetch
from df8k.sources.urls import UrlList

DATA = b"\xff\xd8\xff" + np.random.Generator(np.random.Philox(5)).bytes(90_000)
QUICK = Patience(attempts=2, pause_s=0.01, timeout_s=5)
PAGE = b"\xef\xbb\xbf \n<!DOCTYPE HTML><html><body>sign in</body></html>"


@pytest.fixture
def server(serving):
    with serving({}) as state:
        yield state


def answers(server, *replies):
    """Answers with one reply after the other, and with the last again and again."""
    left = list(replies)
    server.answer = lambda *_: left.pop(0) if len(left) > 1 else left[0]


TEMPORARY = {
    "html": (200, {"Content-Type": "text/html"}, b"busy"),
    "upper case": (200, {"Content-Type": "Text/HTML"}, b"busy"),
    "charset and blanks": (200, {"Content-Type": " text/html ; charset=UTF-8"}, b"busy"),
    "xhtml": (200, {"Content-Type": "application/xhtml+xml"}, b"busy"),
    "a page that says it is a picture": (200, {"Content-Type": "image/jpeg"}, PAGE),
    "a page of no type": (200, {}, b"<HTML><head></head></HTML>"),
    "a page in XML": (200, {"Content-Type": "text/xml"}, b"<?xml version='1.0'?><html></html>"),
    "a packed page": (200, {"Content-Encoding": "gzip"}, gzip.compress(PAGE)),
    "empty": (200, {"Content-Type": "image/jpeg"}, b""),
    "accepted": (202, {}, b"come back later"),
    "no content": (204, {}, b""),
    "a part that was not asked for": (206, {"Content-Range": "bytes 0-9/100"}, DATA[:10]),
    "an unknown compression": (200, {"Content-Encoding": "exi"}, DATA),
    "a damaged compression": (200, {"Content-Encoding": "gzip"}, DATA),
}


@pytest.mark.parametrize("case", TEMPORARY)
def test_what_is_no_file_is_not_kept(server, tmp_path, case):
    answers(server, TEMPORARY[case])
    with pytest.raises(df8k.SourceError) as caught:
        fetch([f"{server.url}/a.jpg"], tmp_path / "a", patience=QUICK)
    assert not isinstance(caught.value, df8k.errors.GoneError)
    assert not (tmp_path / "a").exists()
    answers(server, (200, {}, DATA))
    fetch([f"{server.url}/a.jpg"], tmp_path / "a", patience=QUICK)
    assert (tmp_path / "a").read_bytes() == DATA


@pytest.mark.parametrize(
    ("encoding", "pack"),
    [
        ("gzip", gzip.compress),
        ("GZip", gzip.compress),
        ("deflate", zlib.compress),
        ("identity", bytes),
        ("identity, gzip", gzip.compress),
    ],
)
def test_compressed_answers_are_unpacked(server, tmp_path, encoding, pack):
    answers(server, (200, {"Content-Encoding": encoding, "ETag": '"one"'}, pack(DATA)))
    fetch([f"{server.url}/a.jpg"], tmp_path / "a", patience=QUICK, size=len(DATA))
    assert (tmp_path / "a").read_bytes() == DATA


def test_an_archive_stays_packed(server, tmp_path):
    packed = gzip.compress(DATA)
    answers(server, (200, {"Content-Encoding": "gzip"}, packed))
    fetch([f"{server.url}/a.tar.gz"], tmp_path / "a", patience=QUICK)
    assert (tmp_path / "a").read_bytes() == packed


def test_a_bomb_in_a_compression_is_cut_off(server, tmp_path):
    answers(server, (200, {"Content-Encoding": "gzip"}, gzip.compress(bytes(50_000_000))))
    with pytest.raises(df8k.SourceError, match="at most 100000 wanted"):
        fetch([f"{server.url}/a.jpg"], tmp_path / "a", patience=QUICK, largest=100_000)


def test_another_part_is_not_joined(server, tmp_path):
    (tmp_path / "a.part").write_bytes(DATA[:100])
    (tmp_path / "a.part.etag").write_text('"one"')
    wrong = (206, {"Content-Range": "bytes 50-99/1000", "ETag": '"one"'}, DATA[50:100])
    answers(server, wrong, (206, {"Content-Range": f"bytes 100-{len(DATA) - 1}/{len(DATA)}"}, DATA[100:]))
    fetch([f"{server.url}/a.jpg"], tmp_path / "a", patience=QUICK)
    assert (tmp_path / "a").read_bytes() == DATA


def test_blanks_are_no_part_of_addresses(tmp_path):
    path = tmp_path / "list.csv"
    path.write_text(
        "\ufeffurl , licence,author\n"
        "http://host/a.jpg , CC0 , Ann\n\thttp://host/b.jpg\u00a0,,\n\n,,\nhttp://host/c d.jpg\n",
        encoding="utf-8",
    )
    rows = list(UrlList(str(path)))
    assert [row.key for row in rows] == ["http://host/a.jpg", "http://host/b.jpg", "http://host/c d.jpg"]
    assert (rows[0].licence, rows[0].author) == ("CC0", "Ann")
    path.write_text("url,licence\nhttp://host/a.jpg,CC0\n ,CC0\n")
    with pytest.raises(df8k.SourceError, match=r"line 3 has no address in the column 'url'"):
        list(UrlList(str(path)))
