"""Fixtures that every part of the suite shares."""

import os
import platform
from pathlib import Path

import pytest

from _df8k import system

ROOT = Path(__file__).resolve().parent.parent
LACKING = {
    "Darwin": ("sched_getaffinity", "memfd_create", "posix_fallocate"),
    "Windows": ("sched_getaffinity", "memfd_create", "posix_fallocate", "getuid", "getloadavg", "killpg"),
}


def pytest_collection_modifyitems(config, items):
    """Repeat a test that failed in a real browser, twice: a full machine loses a click or a stored value."""
    repeats = config.pluginmanager.hasplugin("rerunfailures")
    for item in items:
        if repeats and "browser" in item.fixturenames:
            item.add_marker(pytest.mark.flaky(reruns=2))


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with the real photographs; skips when it is absent, fails where CI requires it."""
    folder = Path(os.environ.get("DF8K_SHARED", ROOT.parent / "shared")).resolve()
    if not (folder / "photos").is_dir():
        message = f"{folder / 'photos'} is absent: set DF8K_SHARED to the folder that holds photos/"
        if os.environ.get("DF8K_REQUIRE_SHARED"):
            pytest.fail(message)
        pytest.skip(message)
    return folder


def lack(monkeypatch, name, folder):
    """Take away what Linux alone has."""
    for attribute in LACKING[name]:
        monkeypatch.delattr(os, attribute, raising=False)
    monkeypatch.setattr(platform, "system", lambda: name)
    monkeypatch.setattr(system, "PROC", folder / "no-proc")
    monkeypatch.setattr(system, "SHARED_MEMORY", folder / "no-shm")
    from df8k.leaderboard.latency import machine

    monkeypatch.setattr(machine, "_CPU", folder / "no-sys")
    monkeypatch.setattr(machine, "_QUOTA", folder / "no-quota")


@pytest.fixture
def darwin(monkeypatch, tmp_path):
    """macOS, as far as it can be imitated."""
    lack(monkeypatch, "Darwin", tmp_path)


@pytest.fixture
def windows(monkeypatch, tmp_path):
    """Windows, as far as it can be imitated."""
    lack(monkeypatch, "Windows", tmp_path)
    monkeypatch.setattr(system, "WINDOWS", True)
    opened = os.open

    def refuse_folders(path, flags, *rest, **more):
        if Path(path).is_dir():
            raise PermissionError(13, "Permission denied", str(path))
        assert flags & (os.O_RDWR | os.O_WRONLY) or "lock" in str(path), (
            "fsync needs a file that may be written"
        )
        return opened(path, flags, *rest, **more)

    monkeypatch.setattr(os, "open", refuse_folders)
