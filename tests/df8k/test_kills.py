"""`kill -9` at random moments of a download and a build: the same dataset, and nothing asked twice."""

import io
import os
import random
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from hashlib import sha1
from pathlib import Path

import pytest

import df8k
from df8k.builder import build
from df8k.config import BuildConfig
from df8k.sources import candidates
from df8k.sources.webfile import WebFile
from df8k.verification import verify

# The acceptance run has 20: DF8K_KILLS=20.
KILLS = int(os.environ.get("DF8K_KILLS", "4"))
MOODS = ("", "truncate", "503", "html", "slow", "slow", "redirect")


@pytest.fixture
def files(pictures):
    return {f"/{path.name}": path.read_bytes() for path in sorted(pictures.glob("*-*.png"))}


@pytest.fixture
def reference(files, tmp_path):
    """Fingerprint of an undisturbed build."""
    folder = tmp_path / "reference"
    folder.mkdir()
    for name, data in files.items():
        (folder / name[1:]).write_bytes(data)
    return build(
        candidates([str(folder)]), tmp_path / "calm", BuildConfig(min_side=64)
    ).description.fingerprint


def zipped(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in files.items():
            archive.writestr(f"set{name}", data)
    return buffer.getvalue()


@pytest.mark.parametrize("kind", ["archive", "commons"])
def test_kills_leave_no_trace(kind, files, reference, serving, commons_wiki, tmp_path):
    chance = random.Random(os.urandom(8))
    out, cache = tmp_path / "out", tmp_path / "cache"
    with serving(dict(files)) as server:
        if kind == "archive":
            server.files["/set.zip"] = zipped(files)
            server.moods["/set.zip"] = ["503", "truncate", "slow", "html"] + ["slow"] * 3 * KILLS
            spec, finished = f"archive:{server.url}/set.zip", {"/set.zip": next_to(cache, "members.json")}
        else:
            commons_wiki.Wiki(server, files)
            server.moods = {name: [chance.choice(MOODS), chance.choice(MOODS)] for name in files}
            server.moods["/api.php"] = ["503", "", "truncate"]
            spec = f"commons:category=Featured&api={server.url}/api.php"
            finished = {name: stored(server.url, cache, name, data) for name, data in files.items()}
        command = [sys.executable, "-m", "df8k", "build", "--no-curation", "--source", spec]
        command += ["--out", str(out), "--min-side", "64", "--workers", "2"]
        environment = os.environ | {"DF8K_CACHE": str(cache)}
        kills = 0
        while kills < KILLS:
            done, asked = {name for name, there in finished.items() if there()}, len(server.requests)
            code = kill_or_end(command, environment, server, chance)
            assert code in {0, -signal.SIGKILL}
            kills += code != 0
            assert not done & {path for path, _ in server.requests[asked:]}
            if code == 0 and kills < KILLS:
                shutil.rmtree(out)  # it was faster; the kills go on in the next build
        subprocess.run(command, env=environment, check=True, capture_output=True)
        asked = len(server.requests)
        subprocess.run([*command[:-5], str(tmp_path / "again"), *command[-4:]], env=environment, check=True)
        assert len(server.requests) == asked
    assert df8k.load(out).description.fingerprint == reference
    assert verify(out) == []
    left = [path.name for folder in (out, cache) for path in folder.rglob("*") if path.is_file()]
    assert not [name for name in left if name.startswith(".tmp-") or name.endswith((".part", ".etag"))]
    assert not (out / ".build").exists()
    assert "archive" not in left


def stored(url: str, cache: Path, name: str, data: bytes):
    """Whether a picture of the wiki is finished."""
    web = WebFile(url=f"{url}{name}", checksum=f"sha1:{sha1(data).hexdigest()}", size=len(data), cache=cache)
    return web.path.exists


def next_to(cache: Path, name: str):
    return lambda: bool(list(cache.rglob(name)))


def kill_or_end(command: list[str], environment: dict[str, str], server, chance: random.Random) -> int:
    """Run, and kill the whole group at a moment after its first request, or after a while without one."""
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    asked, latest = len(server.requests), time.monotonic() + chance.uniform(1, 4)
    while process.poll() is None and len(server.requests) == asked and time.monotonic() < latest:
        time.sleep(0.01)
    try:
        process.wait(chance.uniform(0, 1.5))
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
    return process.wait()
