"""What the page is put together from: in step with its sources, served with the right headers."""

import base64
import gzip
import hashlib
import importlib.util
import json
import re
import subprocess
import sys
import urllib.request
from pathlib import Path

import numpy as np
import pytest

from leaderboard.edge import assets, frames
from leaderboard.edge.app import write_app
from leaderboard.edge.scenes import FOLDER

ROOT = Path(__file__).resolve().parents[3]
SOURCE = ROOT / "edge"


def test_the_page_is_built_from_its_sources():
    """Else ``make edge`` builds it again."""
    files = [
        path
        for folder in ("assembly", "src", "static")
        for path in (SOURCE / folder).rglob("*")
        if path.is_file()
    ]
    names = [
        *(path.relative_to(SOURCE).as_posix() for path in files),
        "build.mjs",
        "loops.mjs",
        "package-lock.json",
    ]
    digest = hashlib.sha256()
    for name in sorted(names):
        digest.update(name.encode() + b"\0" + (SOURCE / name).read_bytes())
    assert json.loads((assets.APP / "build.json").read_text()) == {"sources": digest.hexdigest()}


def test_the_graph_and_masks_are_those_of_the_package(tmp_path):
    pytest.importorskip("onnx")
    assets.write_graph(tmp_path)
    assets.write_masks(tmp_path / "masks")
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(written) == 2 + len(assets.PRESETS)
    for path in written:
        assert (assets.APP / path.relative_to(tmp_path)).read_bytes() == path.read_bytes(), path.name


def test_the_frames_that_the_page_is_held_to_are_pythons(monkeypatch, tmp_path):
    """The two smallest; ``python -P -m df8k.leaderboard.edge.assets`` writes all of them again."""
    pytest.importorskip("onnxruntime")
    monkeypatch.setattr(frames, "LADDER", (512, 1024))
    frames.write_frames(tmp_path)
    shipped, now = (json.loads((folder / frames.FRAMES).read_text()) for folder in (assets.APP, tmp_path))
    for stored, frame in zip(shipped.pop("frames"), now.pop("frames"), strict=False):
        values = [np.frombuffer(base64.b64decode(one["expected"]), np.uint8) for one in (stored, frame)]
        apart = np.abs(np.subtract(*values, dtype=np.int16)).reshape(-1, 3).max(axis=1) > 1
        # Another processor may decide between equals otherwise.
        decided = np.setdiff1d(np.flatnonzero(apart), stored["other"]["at"])
        assert decided.size <= 0.001 * apart.size
        same = {
            "size",
            "width",
            "height",
            "scene",
            "name",
            "hole_pixels",
            "scene_sha256",
            "mask_sha256",
            "step",
        }
        assert {key: stored[key] for key in same} == {key: frame[key] for key in same}
        name = f"{FOLDER}/{frame['size']}.mask.gz"
        assert (assets.APP / name).read_bytes() == (tmp_path / name).read_bytes()
    assert shipped == now


def test_the_stages_that_the_page_is_held_to_are_pythons():
    spec = importlib.util.spec_from_file_location("edge_fixtures", SOURCE / "test/fixtures.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert gzip.decompress(module.fixtures()) == gzip.decompress(module.OUT.read_bytes())


def test_the_first_load_is_below_25_megabytes(app):
    files = [path for path in app.iterdir() if path.is_file() and path.name != "licences.txt"]
    assert sum(path.stat().st_size for path in files) < 25e6
    committed = sum(path.stat().st_size for path in assets.APP.rglob("*") if path.is_file())
    assert committed < 6e6


def test_the_same_page_has_the_same_version(app, tmp_path):
    write_app(tmp_path / "again")
    assert (tmp_path / "again/version.js").read_bytes() == (app / "version.js").read_bytes()
    write_app(tmp_path / "site", home="../../index.html")
    assert '"home": "../../index.html"' in (tmp_path / "site/version.js").read_text()


def test_licences_of_the_runtime_are_there(app):
    text = (app / "licences.txt").read_text()
    assert "MIT License\n\nCopyright (c) Microsoft Corporation" in text
    assert "Eigen" in text


def test_the_lock_file_names_no_host():
    assert "http" not in re.sub(r'"url": "https?://[^"]+"', "", (SOURCE / "package-lock.json").read_text())


@pytest.mark.parametrize("isolated", [True, False])
def test_threads_need_headers_of_every_file(served, isolated):
    with served(isolated=isolated) as address:
        for name, kind in {
            "": "text/html",
            "worker.js": "text/javascript",
            "rethined.onnx": "application/",
        }.items():
            with urllib.request.urlopen(address + name, timeout=60) as response:
                assert response.headers["Content-Type"].startswith(kind)
                headers = [
                    response.headers[f"Cross-Origin-{end}"] for end in ("Opener-Policy", "Embedder-Policy")
                ]
            assert headers == (["same-origin", "require-corp"] if isolated else [None, None])


def test_the_command_serves_until_it_is_ended():
    command = [Path(sys.executable).with_name("df8k"), "edge", "serve", "--host", "127.0.0.1", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        address = process.stdout.readline().strip()
        assert process.stdout.readline() == "Control-C ends it.\n"
        with urllib.request.urlopen(f"{address}version.js", timeout=60) as response:
            assert b"DF8K" in response.read()
        process.terminate()  # background jobs ignore an interrupt
        assert process.stdout.read() == "ended\n"
    assert process.returncode == 0


def test_a_phone_gets_a_code():
    from leaderboard.edge.address import qr_code

    drawn = qr_code("http://192.168.1.23:8000/").splitlines()
    assert len(drawn) > 12
    assert set("".join(drawn)) >= {"█", "▀", "▄"}
