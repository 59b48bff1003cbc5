"""Tasks on a Ray cluster: a running one, or one that is started on this machine for the work."""

import logging
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Generic

from _df8k.extras import naming_extras

from .base import ATTEMPTS, Engine, MachineLostError, Result, Task, died
from .threads import one_thread


class RayCluster:
    """Workers of a Ray cluster; its scheduler places the tasks, its dashboard shows them by name.

    Every machine needs this package, and sees the same files at the same paths, or works from and to an
    object store.
    """

    elsewhere = True

    def __init__(self, count: int, engine: Engine) -> None:
        """Join the cluster at ``engine.address``, or start one with ``count`` processors.

        Raises:
            MissingExtraError: Ray is not installed.
            ConnectionError: there is no cluster at the address.
        """
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # it reports to its makers unless told not to
        # A slow machine starts workers slowly; giving up on them only starts more.
        os.environ.setdefault("RAY_worker_register_timeout_seconds", "600")
        # Workers of a cluster that is started here get what local processes get, not what others leave over.
        os.environ.setdefault("RAY_worker_niceness", "0")
        os.environ.setdefault("RAY_task_oom_retries", str(ATTEMPTS - 1))  # for ever unless told otherwise
        with naming_extras("--engine ray"):
            import ray

        self._ray, self._gpus = ray, engine.gpus
        # A program that has joined a cluster keeps its connection.
        self._joined = not ray.is_initialized()
        if self._joined:
            started = {"num_cpus": count, "include_dashboard": False} if engine.address is None else {}
            ray.init(engine.address or "local", logging_level=logging.ERROR, log_to_driver=False, **started)
        self._cpus = self._smallest() if engine.cpus is None else engine.cpus
        needs = {"num_cpus": self._cpus, "num_gpus": engine.gpus, "memory": engine.memory or None}
        self._call = ray.remote(**needs, max_retries=ATTEMPTS - 1)(_call)

    def _processors(self) -> list[float]:
        """List the processors of each machine that works."""
        machines = [machine["Resources"].get("CPU", 0) for machine in self._ray.nodes() if machine["Alive"]]
        return [count for count in machines if count]

    def _smallest(self) -> float:
        return min(self._processors(), default=1.0)

    @property
    def slots(self) -> int:
        """Number of tasks that the cluster's processors and accelerators run at a time, now."""
        slots = [float(sum(count // self._cpus for count in self._processors()))] if self._cpus else []
        slots += [self._ray.cluster_resources().get("GPU", 0) / self._gpus] if self._gpus else []
        return max(1, int(min(slots, default=1)))

    def submit(self, function: Callable[[Task], Result], task: Task) -> "_Remote[Result]":
        """Hand a task over; see `Backend`."""
        named = self._call.options(name=getattr(function, "__name__", "task"))
        return _Remote(self._ray, named.remote(function, task, str(Path.cwd())), function)

    def close(self) -> None:
        """Leave the cluster; one that was started for this work ends."""
        if self._joined:
            self._ray.shutdown()


class _Remote(Generic[Result]):
    """Task of the cluster; see `Pending`."""

    def __init__(self, ray: Any, reference: Any, function: Callable[[Any], Result]) -> None:
        self._ray, self._reference, self._function = ray, reference, function

    def result(self) -> Result:
        errors = self._ray.exceptions
        try:
            value: Result = self._ray.get(self._reference)
        except errors.RayTaskError as error:
            raise error.cause or error from error
        except (errors.WorkerCrashedError, errors.OutOfMemoryError) as error:
            raise died(self._function) from error
        except (errors.NodeDiedError, errors.ObjectLostError) as error:
            raise MachineLostError(str(error)) from error
        return value

    def abandon(self) -> None:
        # Files are whole or absent, so a task may be interrupted; nobody goes on before it has ended.
        self._ray.cancel(self._reference)
        self._ray.wait([self._reference])


def _call(function: Callable[[Task], Result], task: Task, folder: str) -> Result:
    with suppress(OSError):  # a machine that works from a store may lack it
        os.chdir(folder)  # paths may be relative
    with one_thread():
        return function(task)
