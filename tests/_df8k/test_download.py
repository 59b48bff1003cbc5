"""Downloads that go on where another process stopped; `tests/df8k` and `tests/metrics` hold the rest."""

from hashlib import sha256

import pytest

from _df8k.download import DownloadError, TooLargeError, WrongFileError, download
from _df8k.patience import Patience
from tests.metrics.http_server import Behaviour, serve

DATA = bytes(range(256)) * 400
CHECKSUM = f"sha256:{sha256(DATA).hexdigest()}"
QUICK = Patience(attempts=3, pause_s=0, timeout_s=2)


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    behaviour = Behaviour(files={"/a": DATA})  # a server that sends no ETag
    with serve(behaviour) as address:
        yield behaviour, f"{address}/a"


def test_without_an_etag_only_a_pinned_file_is_continued(server, tmp_path):
    behaviour, url = server
    for name in ("pinned", "unknown"):
        (tmp_path / f"{name}.part").write_bytes(DATA[:1000])
    download([url], tmp_path / "pinned", checksum=CHECKSUM, size=len(DATA), patience=QUICK)
    download([url], tmp_path / "unknown", patience=QUICK)
    assert behaviour.requests == [("/a", "bytes=1000-"), ("/a", None)]
    assert (tmp_path / "pinned").read_bytes() == (tmp_path / "unknown").read_bytes() == DATA


def test_a_part_of_another_file_is_noticed_and_fetched_again(server, tmp_path):
    behaviour, url = server
    (tmp_path / "a.part").write_bytes(b"x" * 1000)
    download([url], tmp_path / "a", checksum=CHECKSUM, size=len(DATA), patience=QUICK)
    assert (tmp_path / "a").read_bytes() == DATA
    assert behaviour.requests == [("/a", "bytes=1000-"), ("/a", None)]


@pytest.mark.parametrize("part", [DATA, DATA + b"more"], ids=["whole", "too long"])
def test_a_finished_part_needs_no_request_and_a_longer_one_is_dropped(server, tmp_path, part):
    behaviour, url = server
    (tmp_path / "a.part").write_bytes(part)
    download([url], tmp_path / "a", checksum=CHECKSUM, size=len(DATA), patience=QUICK)
    assert behaviour.requests == ([] if part == DATA else [("/a", None)])
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_progress_counts_what_was_there_before(server, tmp_path):
    _, url = server
    (tmp_path / "a.part").write_bytes(DATA[:1000])
    seen = []
    download(
        [url],
        tmp_path / "a",
        checksum=CHECKSUM,
        size=len(DATA),
        patience=QUICK,
        progress=lambda done, total: seen.append((done, total)),
    )
    assert seen[0][0] > 1000
    assert seen == sorted(seen)
    assert seen[-1] == (len(DATA), len(DATA))


def test_each_mirror_fails_in_its_way(server, tmp_path):
    behaviour, url = server
    with pytest.raises(DownloadError, match=f"cannot fetch {url}x: HTTP 404; {url}: its length is") as caught:
        download([f"{url}x", url], tmp_path / "a", size=17, patience=QUICK)
    assert caught.value.lasting
    assert isinstance(caught.value.failures[1][1], WrongFileError)
    behaviour.statuses = [503] * 3
    with pytest.raises(DownloadError, match="HTTP 503") as caught:
        download([url], tmp_path / "a", patience=QUICK)
    assert not caught.value.lasting
    with pytest.raises(TooLargeError, match=f"^{url}: {len(DATA)} bytes, at most 5 wanted"):
        download([url], tmp_path / "a", largest=5, patience=QUICK)
    assert list(tmp_path.iterdir()) == []
