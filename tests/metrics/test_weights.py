"""The weight store over a real connection to a server on this machine that misbehaves."""

import hashlib
import json
from dataclasses import replace

import pytest
from click.testing import CliRunner

import metrics
from df8k.cli import weights as cli
from metrics.weights import ENTRIES, Store, WeightsEntry

from .http_server import Behaviour, serve

BYTES = bytes(range(256)) * 5000


def entry(*urls, data=BYTES, **changes):
    fields = {
        "name": "toy",
        "filename": "toy.pth",
        "size": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
        "licence": "CC0-1.0",
        "purpose": "tests",
        "urls": urls,
    }
    return WeightsEntry(**(fields | changes))


@pytest.fixture(autouse=True)
def _clean(monkeypatch, tmp_path):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    monkeypatch.setenv("DF8K_WEIGHTS", str(tmp_path / "store"))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.delenv("DF8K_OFFLINE", raising=False)
    monkeypatch.setattr("time.sleep", lambda _: None)


@pytest.fixture
def server():
    behaviour = Behaviour(files={"/toy.pth": BYTES})
    with serve(behaviour) as address:
        yield behaviour, f"{address}/toy.pth"


def test_a_file_is_fetched_once_and_found_ever_after(server, tmp_path):
    behaviour, url = server
    store = Store([entry(url)])
    assert store.find("toy") is None
    seen = []
    path = store.fetch("toy", progress=lambda done, total: seen.append((done, total)))
    assert path == tmp_path / "store" / "toy.pth"
    assert path.read_bytes() == BYTES
    assert seen[-1] == (len(BYTES), len(BYTES))
    assert store.fetch("toy") == store.require("toy") == path
    assert len(behaviour.requests) == 1
    assert not list(path.parent.glob("*.part"))


def test_an_interrupted_download_continues_where_it_stopped(server):
    behaviour, url = server
    behaviour.cut_after = [300_000, 500_000]
    assert Store([entry(url)]).fetch("toy").read_bytes() == BYTES
    ranges = [wanted for _, wanted in behaviour.requests]
    assert ranges == [None, "bytes=300000-", "bytes=800000-"]


def test_a_download_that_a_dead_process_left_is_continued(server, tmp_path):
    behaviour, url = server
    part = tmp_path / "store" / "toy.pth.part"
    part.parent.mkdir()
    part.write_bytes(BYTES[:1000])
    assert Store([entry(url)]).fetch("toy").read_bytes() == BYTES
    assert behaviour.requests == [("/toy.pth", "bytes=1000-")]


def test_a_server_without_ranges_sends_the_whole_file_again(server):
    behaviour, url = server
    behaviour.ranges, behaviour.cut_after = False, [300_000]
    assert Store([entry(url)]).fetch("toy").read_bytes() == BYTES
    assert len(behaviour.requests) == 2


def test_a_busy_server_is_asked_again_and_a_missing_file_is_not(server):
    behaviour, url = server
    behaviour.statuses = [503, 429]
    assert Store([entry(url)]).fetch("toy").read_bytes() == BYTES
    behaviour.requests.clear()
    with pytest.raises(metrics.UnavailableError, match="404"):
        Store([entry(url + "x", filename="other.pth")]).fetch("toy")
    assert len(behaviour.requests) == 1


def test_the_second_source_is_tried(server):
    _, url = server
    assert Store([entry(url + "x", url)]).fetch("toy").read_bytes() == BYTES


def test_other_bytes_than_the_pinned_ones_are_refused(server, tmp_path):
    behaviour, url = server
    behaviour.files["/toy.pth"] = b"\1" + BYTES[1:]
    with pytest.raises(metrics.MetricError, match="SHA-256"):
        Store([entry(url)]).fetch("toy")
    behaviour.files["/toy.pth"] = BYTES + b"more"
    with pytest.raises(metrics.MetricError, match="not the pinned file"):
        Store([entry(url)]).fetch("toy")
    assert not list((tmp_path / "store").glob("toy.pth"))


def test_a_damaged_file_in_the_store_is_not_used_and_is_replaced(server, tmp_path):
    _, url = server
    damaged = tmp_path / "store" / "toy.pth"
    damaged.parent.mkdir()
    damaged.write_bytes(b"damaged")
    store = Store([entry(url)])
    with pytest.raises(metrics.UnavailableError, match="is there but is not the pinned file"):
        store.require("toy")
    assert store.fetch("toy").read_bytes() == BYTES


def test_an_unreachable_server_is_named():
    with serve(Behaviour()) as address:
        pass
    with pytest.raises(metrics.UnavailableError, match=f"cannot fetch {address}"):
        Store([entry(f"{address}/toy.pth")]).fetch("toy")


def test_offline_opens_no_connection(server, monkeypatch):
    behaviour, url = server
    monkeypatch.setenv("DF8K_OFFLINE", "1")
    for store in (Store([entry(url)]), Store([entry(url)], offline=True)):
        with pytest.raises(metrics.UnavailableError, match="offline"):
            store.fetch("toy")
    with pytest.raises(metrics.UnavailableError, match="df8k weights fetch toy"):
        Store([entry(url)], fetch=True).require("toy")
    assert behaviour.requests == []


def test_require_fetches_only_when_the_store_was_opened_to(server):
    behaviour, url = server
    with pytest.raises(metrics.UnavailableError, match="df8k weights fetch toy"):
        Store([entry(url)]).require("toy")
    assert behaviour.requests == []
    assert Store([entry(url)], fetch=True).require("toy").read_bytes() == BYTES


def test_the_caches_of_torch_are_used_when_they_hold_the_pinned_file(tmp_path):
    shared = tmp_path / "torch" / "hub" / "checkpoints" / "alias.pth"
    shared.parent.mkdir(parents=True)
    shared.write_bytes(BYTES)
    assert Store([entry(aliases=("alias.pth",))]).require("toy") == shared
    shared.write_bytes(BYTES[::-1])
    assert Store([entry(aliases=("alias.pth",))]).find("toy") is None


def test_a_shipped_file_is_found_in_its_package_and_never_fetched(tmp_path):
    shipped = tmp_path / "shipped.safetensors"
    store = Store([entry(shipped=shipped)])
    with pytest.raises(metrics.UnavailableError, match="reinstall"):
        store.fetch("toy")
    shipped.write_bytes(BYTES)
    assert store.require("toy") == shipped


def test_only_http_is_spoken(tmp_path):
    with pytest.raises(metrics.MetricError, match="http or https"):
        Store([entry(f"file://{tmp_path}/x")]).fetch("toy")


def test_names_differ_and_unknown_ones_are_listed():
    with pytest.raises(metrics.MetricError, match="same name"):
        Store([entry(), entry()])
    with pytest.raises(metrics.MetricError, match="known: alexnet, vgg16"):
        Store().entry("alexnett")


def test_every_entry_is_pinned_in_full():
    for known in ENTRIES:
        assert len(known.sha256) == 64
        assert int(known.sha256, 16) >= 0
        assert known.size > 0
        assert known.licence
        assert all(url.startswith("https://") for url in known.urls)
        # torch's own convention: the name ends in the first digits of the hash
        if known.name != "dists":
            assert known.filename.removesuffix(".pth").endswith(known.sha256[:8])
    needed = {name for spec in metrics.list_metrics() for name in spec.weights}
    assert needed <= {known.name for known in ENTRIES}


@pytest.fixture
def _toy_command(server, monkeypatch):
    monkeypatch.setattr("metrics.weights.ENTRIES", (entry(server[1]),))


@pytest.mark.usefixtures("_toy_command")
def test_the_command_lists_fetches_and_finds(tmp_path):
    run = CliRunner().invoke
    listed = json.loads(run(cli.weights, ["list", "--json"]).output)
    assert listed["weights"][0]["path"] is None
    absent = run(cli.weights, ["path", "toy"])
    assert isinstance(absent.exception, metrics.UnavailableError)
    assert run(cli.weights, ["fetch"]).exit_code == 2
    assert run(cli.weights, ["fetch", "toy"]).exit_code == 0
    path = str(tmp_path / "store" / "toy.pth")
    assert run(cli.weights, ["path", "toy"]).output.strip() == path
    assert json.loads(run(cli.weights, ["list", "--json"]).output)["weights"][0]["path"] == path
    assert "yes" in run(cli.weights, ["list"]).output


def test_too_small_a_disk_is_told_before_the_first_byte(server):
    behaviour, url = server
    huge = replace(entry(url), size=10**18)
    with pytest.raises(metrics.MetricError, match="MB free"):
        Store([huge]).fetch("toy")
    assert behaviour.requests == []
