"""Ordered work on several workers, with a bounded number of tasks under way."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Final

from _df8k.hints import unknown_name
from df8k.errors import Df8kError, WorkerDiedError

from .base import ATTEMPTS, Backend, Engine, MachineLostError, Pending, Result, Task
from .threads import one_thread

__all__ = [
    "ATTEMPTS",
    "ENGINES",
    "Engine",
    "Progress",
    "Workers",
    "one_thread",
    "open_workers",
    "ordered_map",
]

# Called with the name of a stage, the steps done and the steps in all (None while unknown).
Progress = Callable[[str, int, int | None], None]

# Engine → module and class; a class is made with the number of workers and the `Engine`.
ENGINES: Final = {"local": "local:LocalProcesses", "ray": "on_ray:RayCluster"}
_LOSSES: Final = 20  # machines that may be lost under one task


class Workers:
    """Workers that are started once, when first needed, and serve every stage of a work."""

    def __init__(self, count: int, engine: Engine | None = None) -> None:
        """Open the engine.

        Args:
            count: workers; 1 local one works in this process.
            engine: who runs the tasks; processes of this machine by default.

        Raises:
            Df8kError: there is no engine of that name.
        """
        engine = engine or Engine()
        if engine.name not in ENGINES:
            raise Df8kError(unknown_name("engine", engine.name, ENGINES))
        self._backend: Backend | None = None
        if engine.name != "local" or count > 1:
            module, _, name = ENGINES[engine.name].partition(":")
            self._backend = getattr(import_module(f".{module}", __name__), name)(count, engine)

    @property
    def slots(self) -> int:
        """Number of tasks that run at a time."""
        return 1 if self._backend is None else self._backend.slots

    @property
    def elsewhere(self) -> bool:
        """Tell whether tasks may run on machines that lack files of this one."""
        return self._backend is not None and self._backend.elsewhere

    def map(
        self,
        function: Callable[[Task], Result],
        tasks: Iterable[Task],
        *,
        crashed: Callable[[Task], Result] | None = None,
    ) -> Iterator[Result]:
        """Apply ``function`` to each task; results come in the order of the tasks.

        At most two tasks per worker are under way: tasks are drawn as results are taken, so any number of
        them needs little memory, and closing the iterator early wastes little.

        Args:
            function: a picklable function.
            tasks: picklable arguments.
            crashed: gives the result of a task under which a worker process ended twice.

        Raises:
            WorkerDiedError: there is such a task, and no ``crashed``.
        """
        if self._backend is None:
            for task in tasks:
                with one_thread():
                    result = function(task)
                yield result
            return
        under_way: deque[tuple[Task, Pending[Result]]] = deque()
        limit = 2 * self._backend.slots
        try:
            for task in tasks:
                under_way.append((task, self._backend.submit(function, task)))
                if len(under_way) >= limit:
                    yield self._result(function, *under_way.popleft(), crashed)
                    limit = 2 * self._backend.slots  # a cluster may grow
            while under_way:
                yield self._result(function, *under_way.popleft(), crashed)
        finally:
            # What has begun writes files: nobody may clean up or go on before it has ended.
            for _, pending in reversed(under_way):  # the last have not begun and never will
                pending.abandon()

    def _result(
        self,
        function: Callable[[Task], Result],
        task: Task,
        pending: Pending[Result],
        crashed: Callable[[Task], Result] | None,
    ) -> Result:
        backend = self._backend
        assert backend is not None
        for _ in range(_LOSSES):
            try:
                return pending.result()
            except MachineLostError:
                pending = backend.submit(function, task)
            except WorkerDiedError:
                if crashed is None:
                    raise
                return crashed(task)
        return pending.result()

    def close(self) -> None:
        """End the workers, after the tasks that they are at."""
        if self._backend is not None:
            self._backend.close()


@contextmanager
def open_workers(count: int, engine: Engine | None = None) -> Iterator[Workers]:
    """Open workers for several stages; see `Workers`."""
    workers = Workers(count, engine)
    try:
        yield workers
    finally:
        workers.close()


def ordered_map(
    function: Callable[[Task], Result],
    tasks: Iterable[Task],
    *,
    workers: int,
    engine: Engine | None = None,
) -> Iterator[Result]:
    """Apply ``function`` to each task on workers of their own; see `Workers.map`."""
    with open_workers(workers, engine) as opened:
        yield from opened.map(function, tasks)
