"""Tasks on processes of this machine, one task to a process, so that a dead process names its task."""

import os
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection
from pickle import PicklingError
from queue import LifoQueue
from threading import Thread
from traceback import format_exc
from typing import Any, Generic

from _df8k.threads import set_threads

from .base import ATTEMPTS, Engine, Result, Task, died


class LocalProcesses:
    """Processes that are started when first needed; one that dies is replaced."""

    elsewhere = False

    def __init__(self, count: int, engine: Engine) -> None:  # noqa: ARG002 - backends are made alike
        """Set the number of processes."""
        self.slots = count
        self._waiting = ThreadPoolExecutor(count)
        self._idle: LifoQueue[_Process | None] = LifoQueue()
        for _ in range(count):
            self._idle.put(None)

    def submit(self, function: Callable[[Task], Result], task: Task) -> "_Waiting[Result]":
        """Hand a task over; see `Backend`."""
        return _Waiting(self._waiting.submit(self._run, function, task))

    def _run(self, function: Callable[[Task], Result], task: Task) -> Result:
        for _ in range(ATTEMPTS):
            process = self._idle.get()
            try:
                process = process or _Process()
                with suppress(_DiedError):
                    return process.call(function, task)
                process.close()
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
                process.close()


class _Waiting(Generic[Result]):
    """Task of a process; see `Pending`."""

    def __init__(self, future: Future[Result]) -> None:
        self._future = future

    def result(self) -> Result:
        return self._future.result()

    def abandon(self) -> None:
        if not self._future.cancel():
            wait([self._future])


class _DiedError(Exception):
    """End of a process under a task."""


class _Process:
    """Process of its own, and a pipe to it: of what hands a task over, the thing that costs least."""

    def __init__(self) -> None:
        """Start it and wait until it works: one that cannot start says nothing of a task.

        Raises:
            BrokenProcessPool: it ends at once, as where the main module starts workers when it is imported.
        """
        # Spawned processes start without the parent's threads and open files, on every platform alike.
        context = get_context("spawn")
        self._pipe, other = context.Pipe()
        self._process = context.Process(target=_work, args=(other,))
        self._process.start()
        other.close()
        try:
            self._pipe.recv()
        except (EOFError, OSError) as error:
            self.close()
            raise BrokenProcessPool(
                f"a worker process ended when it started, with exit code {self._process.exitcode}: the lines "
                "above say why; a program starts workers below its 'if __name__ == \"__main__\":'"
            ) from error

    def call(self, function: Callable[[Task], Result], task: Task) -> Result:
        """Have the process apply ``function``.

        Raises:
            _DiedError: the process ended.
            BaseException: whatever the function raised.
        """
        try:
            self._pipe.send((function, task))
            result: Result
            result, error = self._pipe.recv()
        except (EOFError, ConnectionError) as fault:
            raise _DiedError from fault
        if error is not None:
            raise error
        return result

    def close(self) -> None:
        """End it, after the task that it is at."""
        self._pipe.close()
        self._process.join()


def _work(pipe: Connection) -> None:
    """Do the tasks that come until there is nobody to send any."""
    _start_worker()
    with suppress(EOFError, ConnectionError, KeyboardInterrupt):
        pipe.send(None)
        while True:
            function, task = pipe.recv()
            try:
                answer: tuple[Any, BaseException | None] = function(task), None
            except BaseException as error:  # noqa: BLE001 - the other side raises it
                error.add_note(f"in a worker process:\n{format_exc()}")
                answer = None, error
            try:
                pipe.send(answer)
            except (AttributeError, TypeError, PicklingError) as error:
                pipe.send((None, TypeError(f"{answer[1] or answer[0]!r} cannot leave its process: {error}")))


def _start_worker() -> None:
    """Keep to one thread, and end when the parent is killed: otherwise it would wait for work for ever."""
    import cv2  # noqa: F401 - it reads no variable, and has to be in memory to be told

    set_threads(1)
    parent = parent_process()
    if parent is None:
        return

    def watch() -> None:
        parent.join()
        os._exit(1)

    Thread(target=watch, daemon=True).start()
