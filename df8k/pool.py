"""Ordered work on several processes, with a bounded number of tasks under way."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from multiprocessing import get_context, parent_process
from threading import Thread
from typing import TypeVar

import cv2

from _df8k.threads import set_threads

Task = TypeVar("Task")
Result = TypeVar("Result")

# Called with the name of a stage, the steps done and the steps in all (None while unknown).
Progress = Callable[[str, int, int | None], None]


class Workers:
    """Processes that are started once, when first needed, and serve every stage of a work."""

    def __init__(self, count: int) -> None:
        """Set the number of processes; 1 works in this process."""
        self._pool: ProcessPoolExecutor | None = None
        if count > 1:
            # Spawned processes start without the parent's threads and open files, on every platform alike.
            context = get_context("spawn")
            self._pool = ProcessPoolExecutor(count, context, initializer=_start_worker)
        self._under_way = 2 * count

    def map(self, function: Callable[[Task], Result], tasks: Iterable[Task]) -> Iterator[Result]:
        """Apply ``function`` to each task; results come in the order of the tasks.

        At most two tasks per worker are under way, so closing the iterator early wastes little.

        Args:
            function: a picklable function.
            tasks: picklable arguments.
        """
        if self._pool is None:
            for task in tasks:
                with one_thread():
                    result = function(task)
                yield result
            return
        under_way: deque[Future[Result]] = deque()
        try:
            for task in tasks:
                under_way.append(self._pool.submit(function, task))
                if len(under_way) >= self._under_way:
                    yield under_way.popleft().result()
            while under_way:
                yield under_way.popleft().result()
        finally:
            # What has begun writes files: nobody may clean up or go on before it has ended.
            wait([future for future in under_way if not future.cancel()])

    def close(self) -> None:
        """End the processes, after the tasks that they are at."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)


@contextmanager
def open_workers(count: int) -> Iterator[Workers]:
    """Open workers for several stages; see `Workers`."""
    workers = Workers(count)
    try:
        yield workers
    finally:
        workers.close()


def ordered_map(
    function: Callable[[Task], Result], tasks: Iterable[Task], *, workers: int
) -> Iterator[Result]:
    """Apply ``function`` to each task on workers of their own; see `Workers.map`."""
    with open_workers(workers) as opened:
        yield from opened.map(function, tasks)


@contextmanager
def one_thread() -> Iterator[None]:
    """Keep OpenCV to one thread: a worker is one core's work, and more threads would slow the others down."""
    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        yield
    finally:
        cv2.setNumThreads(before)


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
