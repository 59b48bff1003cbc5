"""Seam between a work that is divided into tasks and the engine that runs them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from df8k.errors import WorkerDiedError

Task = TypeVar("Task")
Result = TypeVar("Result")
Result_co = TypeVar("Result_co", covariant=True)

# A task under which a worker process ends is tried so often before it is given up.
ATTEMPTS = 2


@dataclass(frozen=True, kw_only=True)
class Engine:
    """Choice of who runs the tasks, and what a task needs.

    Attributes:
        name: one of `ENGINES` in this package.
        address: of a running cluster; ``None`` starts what is needed on this machine.
        cpus: processors of a task; ``None`` for all of the cluster's smallest machine, one task to each.
        gpus: accelerators of a task.
        memory: bytes that a task may need, which a cluster's scheduler sets aside; 0 leaves it out.
    """

    name: str = "local"
    address: str | None = None
    cpus: float | None = 1
    gpus: float = 0
    memory: int = 0


class Pending(Protocol, Generic[Result_co]):
    """Task that was handed over."""

    def result(self) -> Result_co:
        """Wait for the result.

        Raises:
            WorkerDiedError: the worker process ended under the task, as often as it was tried.
            MachineLostError: the machine that ran it is gone; the task itself is not at fault.
            Exception: whatever the function raised.
        """
        ...

    def abandon(self) -> None:
        """Keep it from beginning; where it has begun, wait for its end."""
        ...


class Backend(Protocol):
    """Whoever runs tasks. A new one is a file of this package and a line in `ENGINES`."""

    elsewhere: bool  # tasks may run on machines that lack files of this one

    @property
    def slots(self) -> int:
        """Number of tasks that run at a time."""
        ...

    def submit(self, function: Callable[[Task], Result], task: Task) -> Pending[Result]:
        """Hand a task over; it is tried `ATTEMPTS` times where a worker process ends under it."""
        ...

    def close(self) -> None:
        """End the workers, after the tasks that they are at."""
        ...


class MachineLostError(Exception):
    """Loss of the machine that ran a task: another one will do it."""


def died(function: Callable[[Task], Result]) -> WorkerDiedError:
    """Make the error for a task that ends its worker process."""
    name = getattr(function, "__name__", "the task")
    return WorkerDiedError(
        f"a worker process ended {ATTEMPTS} times in {name}: the system's log may say why, such as too "
        "little memory"
    )
