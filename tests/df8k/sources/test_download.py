"""Downloads from a server that misbehaves."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from hashlib import md5, sha256
from pathlib import Path

import httpx
import numpy as np
import pytest

import df8k.errors
from _df8k.patience import retry_after_s
from df8k.sources.download import Patience, fetch

DATA = np.random.Generator(np.random.Philox(5)).bytes(300_000)
CHECKSUM = f"sha256:{sha256(DATA).hexdigest()}"
QUICK = Patience(attempts=4, pause_s=0.01, timeout_s=0.5)


@pytest.fixture
def server(serving):
    with serving({"/a.bin": DATA, "/b.bin": DATA}) as state:
        yield state


def leftovers(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize(
    "moods",
    [
        [],
        ["truncate"],
        ["truncate", "truncate"],
        ["truncate", "no-range"],
        ["429", "503"],
        ["stall"],
        ["redirect"],
        ["html"],
        ["wrong"],
        ["short-length"],
        ["truncate", "503", "wrong"],
    ],
)
def test_the_file_comes_whole_whatever_happens(server, tmp_path, moods):
    server.moods["/a.bin"] = list(moods)
    fetch([f"{server.url}/a.bin"], tmp_path / "a", checksum=CHECKSUM, patience=QUICK)
    assert (tmp_path / "a").read_bytes() == DATA
    assert leftovers(tmp_path) == ["a"]


def test_a_truncated_file_is_continued_not_fetched_again(server, tmp_path):
    server.moods["/a.bin"] = ["truncate"]
    fetch([f"{server.url}/a.bin"], tmp_path / "a", checksum=CHECKSUM, patience=QUICK)
    assert server.requests == [("/a.bin", ""), ("/a.bin", f"bytes={len(DATA) // 3}-")]
    assert server.sent["/a.bin"] == len(DATA)


def test_an_interrupted_call_is_continued_by_the_next(server, tmp_path):
    server.moods["/a.bin"] = ["truncate"]
    once = Patience(attempts=1, pause_s=0, timeout_s=0.5)
    with pytest.raises(df8k.SourceError, match="cannot fetch"):
        fetch([f"{server.url}/a.bin"], tmp_path / "a", checksum=CHECKSUM, patience=once)
    assert not (tmp_path / "a").exists()
    fetch([f"{server.url}/a.bin"], tmp_path / "a", checksum=CHECKSUM, patience=once)
    assert server.sent["/a.bin"] == len(DATA)


def test_no_request_is_made_for_a_finished_file(server, tmp_path):
    fetch([f"{server.url}/a.bin"], tmp_path / "a", patience=QUICK)
    fetch([f"{server.url}/a.bin"], tmp_path / "a", patience=QUICK)
    assert len(server.requests) == 1


def test_another_file_under_the_same_address_is_not_joined_to_the_first(server, tmp_path):
    (tmp_path / "a.part").write_bytes(b"x" * 1000)
    (tmp_path / "a.part.etag").write_text('"older"')
    fetch([f"{server.url}/a.bin"], tmp_path / "a", patience=QUICK)
    assert (tmp_path / "a").read_bytes() == DATA


def test_the_next_mirror_helps_and_a_hopeless_one_is_left_at_once(server, tmp_path):
    server.moods["/a.bin"] = ["wrong"] * 9
    urls = [f"{server.url}/gone.bin", f"{server.url}/a.bin", f"{server.url}/b.bin"]
    fetch(urls, tmp_path / "a", checksum=f"md5:{md5(DATA).hexdigest()}", patience=QUICK)
    assert (tmp_path / "a").read_bytes() == DATA
    paths = [path for path, _ in server.requests]
    assert [paths.count(path) for path in ("/gone.bin", "/a.bin", "/b.bin")] == [1, 4, 1]


def test_every_failure_is_named(server, tmp_path):
    server.moods["/a.bin"] = ["html"] * 9
    server.moods["/b.bin"] = ["wrong"] * 9
    urls = [f"{server.url}/a.bin", f"{server.url}/b.bin", "http://127.0.0.1:9/c"]
    with pytest.raises(df8k.SourceError) as caught:
        fetch(urls, tmp_path / "a", checksum=CHECKSUM, patience=QUICK)
    message = str(caught.value)
    assert "a web page came instead" in message
    assert "was expected" in message
    assert "127.0.0.1:9" in message
    assert not (tmp_path / "a").exists()


@pytest.mark.parametrize(
    ("stated", "lowest", "highest"),
    [
        ("7", 7, 7),
        ("", 0, 0),
        ("soon", 0, 0),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0, 0),
        (format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True), 1800, 3600),
    ],
    ids=[
        "seconds",
        "nothing",
        "word",
        "past",
        "future",
    ],  # a date of now would name a test differently each time
)
def test_a_pause_is_read_as_seconds_or_as_a_date(stated, lowest, highest):
    reply = httpx.Response(429, headers={"Retry-After": stated} if stated else {})
    assert lowest <= retry_after_s(reply) <= highest


def test_a_length_that_is_not_the_stated_one_is_another_file(server, tmp_path):
    server.moods["/a.bin"] = ["short-length"]
    fetch([f"{server.url}/a.bin"], tmp_path / "a", size=len(DATA), patience=QUICK)
    assert (tmp_path / "a").read_bytes() == DATA
    with pytest.raises(df8k.errors.GoneError, match="its length is 300000, 17 was expected"):
        fetch([f"{server.url}/b.bin"], tmp_path / "b", size=17, patience=QUICK)
    assert leftovers(tmp_path) == ["a"]
