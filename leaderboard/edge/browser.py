"""A browser of this machine that opens one page, watched from outside."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import psutil

from df8k.leaderboard.calls.memory import status_bytes
from df8k.leaderboard.errors import LeaderboardError

_FLAGS: Final = (
    *("--headless=new", "--no-first-run", "--disable-background-networking", "--disable-sync"),
    *("--disable-component-update", "--mute-audio"),
)
_PATIENCE_S: Final = 10.0


def find_browser(name: str) -> str:
    """Find a browser built on Chromium.

    Raises:
        LeaderboardError: there is none of that name.
    """
    program = shutil.which(name)
    if program is None:
        raise LeaderboardError(
            f"there is no program {name}: install chromium, or name another browser built on it by --browser"
        )
    return program


class Browser:
    """Process of a browser with everything that it started."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self._process = process
        self._root = psutil.Process(process.pid)

    @property
    def ended(self) -> bool:
        """Whether it is no longer there."""
        return self._process.poll() is not None

    def cpu_s(self) -> float:
        """Add up the processor time of all its processes, in seconds."""
        total = 0.0
        for process in self._tree():
            try:
                used = process.cpu_times()
            except psutil.Error:  # it ended meanwhile
                continue
            total += used.user + used.system
        return total

    def peak_bytes(self) -> int | None:
        """Add up the highest resident memory of each; they need not coincide. ``None``: not told."""
        return status_bytes((process.pid for process in self._tree()), "VmHWM")

    def end(self) -> None:
        """End all of it."""
        tree = self._tree()
        for process in tree:
            try:
                process.kill()
            except psutil.Error:
                continue
        self._process.wait()
        psutil.wait_procs(tree, timeout=_PATIENCE_S)

    def _tree(self) -> list[psutil.Process]:
        try:
            return [self._root, *self._root.children(recursive=True)]
        except psutil.Error:
            return []


@contextmanager
def opened(program: str, address: str) -> Iterator[Browser]:
    """Open an address in a fresh profile, without a window; the browser ends with the block."""
    # As root Chromium starts without its own sandbox alone; the only page that it opens is ours.
    unsafe = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    with tempfile.TemporaryDirectory(prefix="df8k-browser-", ignore_cleanup_errors=True) as profile:
        command = [program, *_FLAGS, *unsafe, f"--user-data-dir={profile}", address]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        browser = Browser(process)
        try:
            yield browser
        finally:
            browser.end()
