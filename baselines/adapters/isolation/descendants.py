"""Processes that a foreign method started, wherever they hid: found by a mark in their environment."""

import os
import signal
from contextlib import suppress
from typing import Final
from uuid import uuid4

import psutil

from _df8k import system

_MARK: Final = "DF8K_METHOD_"


def new_mark() -> str:
    """Name a variable for the environment of one process, which its children inherit."""
    return _MARK + uuid4().hex


def marked(mark: str) -> list[psutil.Process]:
    """List every process with a mark; one that left its session or its parent keeps it.

    A process that replaces its environment as well as its session is not found: that takes a sandbox.
    """
    if not system.PROC.exists():
        return [process for process in psutil.process_iter() if _has_mark(process, mark)]
    needle, found = f"{mark}=".encode(), []
    for folder in system.PROC.glob("[0-9]*"):
        with suppress(OSError, psutil.Error):  # it ended meanwhile, or is somebody else's
            if needle in (folder / "environ").read_bytes():
                found.append(psutil.Process(int(folder.name)))
    return found


def _has_mark(process: psutil.Process, mark: str) -> bool:
    """Ask psutil, which tells of processes of the same user alone."""
    with suppress(OSError, psutil.Error):
        return mark in process.environ()
    return False


def kill_marked(mark: str) -> None:
    """Kill every process with a mark, until there is none."""
    for _ in range(5):  # a process may fork while its siblings are killed
        processes = [process for process in marked(mark) if process.pid != os.getpid()]
        for process in processes:
            with suppress(psutil.Error, ProcessLookupError):
                process.send_signal(signal.SIGKILL)
        psutil.wait_procs(processes, timeout=1)
        if not processes:
            return


def resident_bytes(root: int, mark: str | None = None) -> int:
    """Sum the resident memory of a process, its descendants and, with a mark, whatever has it."""
    total, pids = 0, set[int]()
    with suppress(psutil.Error):
        process = psutil.Process(root)
        for each_process in (process, *process.children(recursive=True), *(marked(mark) if mark else ())):
            with suppress(psutil.Error):
                if each_process.pid not in pids:
                    total += each_process.memory_info().rss
                    pids.add(each_process.pid)
    return total
