"""Tasks on processes of this machine, one task to a process, so that a dead process names its task."""

import os
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from multiprocessing import get_context, parent_process
from queue import LifoQueue
from threading import Thread
from typing import Generic

from _df8k.threads import set_threads

from .base import ATTEMPTS, Engine, Result, Task, died


class LocalProcesses:
    """Processes that are started when first needed; one that dies is replaced."""

    elsewhere = False

    def __init__(self, count: int, engine: Engine) -> None:  # noqa: ARG002 - backends are made alike
        """Set the number of processes."""
        self.slots = count
        self._waiting = ThreadPoolExecutor(count)
        self._idle: LifoQueue[ProcessPoolExecutor | None] = LifoQueue()
        for _ in range(count):
            self._idle.put(None)

    def submit(self, function: Callable[[Task], Result], task: Task) -> "_Waiting[Result]":
        """Hand a task over; see `Backend`."""
        return _Waiting(self._waiting.submit(self._run, function, task))

    def _run(self, function: Callable[[Task], Result], task: Task) -> Result:
        for _ in range(ATTEMPTS):
            process = self._idle.get()
            try:
                process = process or _process()
                with suppress(BrokenProcessPool):
                    return process.submit(function, task).result()
                process.shutdown()
                process = None
            finally:
                self._idle.put(process)
        raise died(function)

    def close(self) -> None:
        """End the processes, after the tasks that they are at."""
        self._waiting.shutdown(cancel_futures=True)
        while not self._idle.empty():
            process = self._idle.get()
            if process is not None:
                process.shutdown()


class _Waiting(Generic[Result]):
    """Task of a process; see `Pending`."""

    def __init__(self, future: Future[Result]) -> None:
        self._future = future

    def result(self) -> Result:
        return self._future.result()

    def abandon(self) -> None:
        if not self._future.cancel():
            wait([self._future])


def _process() -> ProcessPoolExecutor:
    """Start a process and wait until it works: one that cannot start says nothing of a task.

    Raises:
        BrokenProcessPool: it ends at once, as where the main module starts workers when it is imported.
    """
    # Spawned processes start without the parent's threads and open files, on every platform alike.
    process = ProcessPoolExecutor(1, get_context("spawn"), initializer=_start_worker)
    process.submit(os.getpid).result()
    return process


def _start_worker() -> None:
    """Keep to one thread, and end when the parent is killed: otherwise it would wait for work for ever."""
    set_threads(1)
    parent = parent_process()
    if parent is None:
        return

    def watch() -> None:
        parent.join()
        os._exit(1)

    Thread(target=watch, daemon=True).start()
